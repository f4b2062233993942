"""A square button with only an icon; its words are the tooltip and what screen readers say."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QToolButton, QWidget
from typing_extensions import override

from shared.ui.icons import make_icon
from shared.ui.theme import Tone, theme
from shared.ui.widgets.focus import ring_on_focus
from shared.ui.words import Words, show_words

_DOT_PX = 8


class IconButton(QToolButton):
    """32 px square with a 20 px icon unless told otherwise. `set_dot` marks that something new waits behind it."""

    def __init__(
        self,
        icon: str,
        words: Words,
        *,
        tone: Tone = "muted",
        side_px: int = 32,
        icon_px: int = 20,
        framed: bool = False,
        checkable: bool = False,
        object_name: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._icon, self._tone = icon, tone
        self._side, self._icon_px = side_px, icon_px
        self._dot = False
        self.setObjectName(object_name)
        self.setProperty("frame", "true" if framed else "false")
        self.setCheckable(checkable)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        ring_on_focus(self)
        theme().changed.connect(self._restyle)
        self._restyle()
        self.set_words(words)

    def set_words(self, words: Words) -> None:
        """Say something else in the tooltip and to screen readers."""
        show_words(self, self.setToolTip, words)
        show_words(self, self.setAccessibleName, words)

    def set_icon(self, icon: str, tone: Tone | None = None) -> None:
        """Show another icon, in another colour where given."""
        self._icon, self._tone = icon, tone or self._tone
        self._restyle()

    def set_dot(self, dot: bool) -> None:
        """Show or hide the dot at the corner. Say the same in the words."""
        self._dot = dot
        self.update()

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self._dot:
            painter = QPainter(self)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme().colour("accent"))
            painter.drawEllipse(QRectF(self.width() - 4 - _DOT_PX, 4, _DOT_PX, _DOT_PX))

    def _restyle(self) -> None:
        look = theme()
        side, icon = look.px(self._side), look.px(self._icon_px)
        self.setFixedSize(side, side)
        self.setIconSize(QSize(icon, icon))
        tokens = look.tokens
        self.setIcon(make_icon(self._icon, icon, getattr(tokens, self._tone), tokens.faint, tokens.accent_strong))
