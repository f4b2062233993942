"""A line or paragraph of words in one of the type roles."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QLabel, QWidget

from shared.ui.theme import Tone, TypeRole, theme
from shared.ui.words import Words, show_words


class Label(QLabel):
    """Plain text only (never markup from others). `wrap` for paragraphs; `selectable` for what people copy."""

    def __init__(
        self,
        words: Words = "",
        role: TypeRole = "body",
        *,
        tone: Tone = "text",
        weight: int = 400,
        wrap: bool = False,
        selectable: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self._role: TypeRole = role
        self._tone: Tone = tone
        self._weight = weight
        self.setWordWrap(wrap)
        if selectable:
            self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        theme().changed.connect(self._restyle)
        self._restyle()
        self.set_words(words)

    def set_words(self, words: Words) -> None:
        """Show other words."""
        show_words(self, self.setText, words)

    def set_tone(self, tone: Tone) -> None:
        """Show the words in another colour."""
        if tone != self._tone:
            self._tone = tone
            self._restyle()

    def set_weight(self, weight: int) -> None:
        """Show the words in another weight: 400, 500 or 600."""
        if weight != self._weight:
            self._weight = weight
            self._restyle()

    def _restyle(self) -> None:
        look = theme()
        self.setFont(look.font(self._role, self._weight))
        palette = self.palette()
        palette.setColor(QPalette.ColorRole.WindowText, QColor(getattr(look.tokens, self._tone)))
        self.setPalette(palette)
        self.setStyleSheet(f"color: {getattr(look.tokens, self._tone)}; background: transparent;")
