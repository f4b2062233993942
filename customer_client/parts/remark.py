"""A quiet remark: an icon and a sentence on a sunken ground."""

from PySide6.QtCore import Qt

from shared.ui.theme import SPACE_M, SPACE_S, Tone
from shared.ui.widgets import Card, IconMark, Label
from shared.ui.words import Words


class Remark(Card):
    """Say it once, in small type."""

    def __init__(self, icon: str, words: Words, tone: Tone = "muted") -> None:
        super().__init__("sunken", pad=SPACE_M, spacing=SPACE_S, horizontal=True)
        self._label = Label(words, "small", wrap=True)
        self.box.addWidget(IconMark(icon, 16, tone), 0, Qt.AlignmentFlag.AlignTop)
        self.box.addWidget(self._label, 1)

    def set_words(self, words: Words) -> None:
        """Say something else."""
        self._label.set_words(words)
