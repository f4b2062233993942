"""The line of the consent sheet that says who vouches for the asking engineer."""

from typing import Final, Literal

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QWidget

from shared.rules.certificates import Fault, Standing
from shared.strings import phrase
from shared.ui.theme import SPACE_S, Tone
from shared.ui.widgets import IconMark, Label

_LOOKS: Final[dict[Literal["certified", "known", "unknown"], tuple[str, Tone]]] = {
    "certified": ("shield-check", "ok"),
    "known": ("shield-check", "ok"),
    "unknown": ("shield", "warn"),
}


class Identity(QWidget):
    """An icon and a sentence; the icon alone has the colour."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("consent.identity")
        self._mark = IconMark("shield", 16, "muted")
        self._words = Label("", "body", wrap=True)
        self._words.setObjectName("consent.identity.words")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACE_S)
        row.addWidget(self._mark, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self._words, 1)

    def show_identity(self, identity: Standing | Fault) -> None:
        """What the engineer's key is worth on this computer."""
        if isinstance(identity, Standing):
            icon, tone = _LOOKS[identity.kind]
            self._words.set_words(phrase(f"trust.{identity.kind}", organisation=identity.organisation))
        else:
            icon, tone = "alert-circle", "danger"
            self._words.set_words(phrase(f"error.trust_{identity}"))
        self._mark.set_icon(icon, tone)
        self._words.set_tone("danger" if tone == "danger" else "text")
