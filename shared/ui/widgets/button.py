"""Push buttons of every kind, with icon, key hint, busy state and an offset focus ring."""

from typing import Literal

from PySide6.QtCore import QSize
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QPushButton, QWidget

from shared.strings import phrase
from shared.ui.icons import make_icon
from shared.ui.theme import Tone, theme
from shared.ui.widgets.focus import ring_on_focus
from shared.ui.words import Words, show_words

ButtonKind = Literal[
    "primary", "secondary", "outline", "tonal", "ghost", "link", "danger", "danger-ghost", "danger-outline"
]
ButtonSize = Literal["large", "medium", "small", "tiny"]
"""48, 40, 32 and 28 px high; the two small ones are the agent app's, with less padding."""

_HEIGHT = {"large": 48, "medium": 40, "small": 32, "tiny": 28}
_ICON = {"large": 20, "medium": 20, "small": 16, "tiny": 16}
_GAP = 4
"""Added to the 4 px that Qt itself leaves between icon and words."""
_INK: dict[ButtonKind, Tone] = {
    "primary": "on_accent",
    "secondary": "text",
    "outline": "accent",
    "tonal": "accent_strong",
    "ghost": "muted",
    "link": "accent",
    "danger": "on_accent",
    "danger-ghost": "danger",
    "danger-outline": "danger",
}


class Button(QPushButton):
    """A button that follows theme and language. `clicked` as usual; `set_busy` shows that its work is under way."""

    def __init__(
        self,
        words: Words,
        kind: ButtonKind = "secondary",
        size: ButtonSize = "medium",
        *,
        icon: str | None = None,
        object_name: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._words = words
        self._busy_words: Words = phrase("common.busy")
        self._kind: ButtonKind = kind
        self._size: ButtonSize = size
        self._icon = icon
        self._busy = False
        self._wanted_enabled = True
        self.setObjectName(object_name)
        self.setProperty("kind", kind)
        self.setProperty("dense", "true" if size in {"small", "tiny"} else "false")
        self.setAutoDefault(False)
        ring_on_focus(self)
        theme().changed.connect(self._restyle)
        self._restyle()
        show_words(self, self._show, words)

    @property
    def busy(self) -> bool:
        """Whether its work is under way."""
        return self._busy

    def set_words(self, words: Words) -> None:
        """Show other words."""
        self._words = words
        if not self._busy:
            show_words(self, self._show, words)

    def set_icon(self, icon: str | None) -> None:
        """Show another icon, or none."""
        self._icon = icon
        self._restyle()

    def set_kind(self, kind: ButtonKind) -> None:
        """Change what kind of button it is."""
        if kind != self._kind:
            self._kind = kind
            self.setProperty("kind", kind)
            self.style().polish(self)
            self._restyle()

    def set_busy(self, busy: bool, words: Words | None = None) -> None:
        """Show (or end) work under way: disabled, with other words, at the same width."""
        if words is not None:
            self._busy_words = words
        if busy == self._busy:
            return
        self._busy = busy
        if busy:
            self._wanted_enabled = self.isEnabled()
            self.setMinimumWidth(self.width() if self.isVisible() else self.sizeHint().width())
        else:
            self.setMinimumWidth(0)
        self.setEnabled(False if busy else self._wanted_enabled)
        self._restyle()
        show_words(self, self._show, self._busy_words if busy else self._words)

    def _show(self, words: str) -> None:
        self.setText(words.replace("&", "&&"))
        self.setAccessibleName(words)

    def _restyle(self) -> None:
        look = theme()
        self.setFont(look.font("lead" if self._size == "large" else _text_role(self._size), _weight(self._kind)))
        if self._kind != "link":
            self.setFixedHeight(look.px(_HEIGHT[self._size]))
        icon = "refresh" if self._busy else self._icon
        if icon is None:
            self.setIcon(QIcon())
            return
        side = look.px(_ICON[self._size])
        ink = getattr(look.tokens, _INK[self._kind])
        self.setIcon(make_icon(icon, side, ink, look.tokens.muted, look.tokens.accent_strong, gap_px=_GAP))
        self.setIconSize(QSize(side + _GAP, side))


def _text_role(size: ButtonSize) -> Literal["body", "small"]:
    return "body" if size == "medium" else "small"


def _weight(kind: ButtonKind) -> int:
    return 500 if kind in {"ghost", "link"} else 600
