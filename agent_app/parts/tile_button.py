"""A button with its icon above its words: the rail's pages and the tools of a conversation."""

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QToolButton
from typing_extensions import override

from shared.ui.icons import make_icon
from shared.ui.theme import Tone, theme
from shared.ui.widgets.focus import ring_on_focus
from shared.ui.words import Words, show_words

_BADGE_PX = 16


class TileButton(QToolButton):
    """`set_badge` puts a count at the corner. `explain` says in the tooltip what it does, or why not now."""

    def __init__(
        self,
        icon: str,
        words: Words,
        *,
        width_px: int = 60,
        height_px: int = 48,
        tone: Tone = "text",
        checkable: bool = False,
        object_name: str = "",
    ) -> None:
        super().__init__()
        self._icon, self._tone = icon, tone
        self._size = (width_px, height_px)
        self._badge, self._badge_tone = 0, "accent"
        self.setObjectName(object_name)
        self.setCheckable(checkable)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        ring_on_focus(self)
        theme().changed.connect(self._restyle)
        self.toggled.connect(self._restyle)
        self.set_words(words)
        self._restyle()

    def set_words(self, words: Words) -> None:
        """Show other words."""
        show_words(self, self.setText, words)
        show_words(self, self.setAccessibleName, words)

    def set_icon(self, icon: str, tone: Tone | None = None) -> None:
        """Show another icon, in another colour where given."""
        self._icon, self._tone = icon, tone or self._tone
        self._restyle()

    def explain(self, words: Words) -> None:
        """The tooltip, which screen readers get as the description."""
        show_words(self, self.setToolTip, words)
        show_words(self, self.setAccessibleDescription, words)

    def set_badge(self, count: int, tone: Tone = "accent") -> None:
        """Show a count, none for 0."""
        self._badge, self._badge_tone = count, tone
        self.update()

    @override
    def sizeHint(self) -> QSize:
        look = theme()
        width = max(look.px(self._size[0]), self.fontMetrics().horizontalAdvance(self.text()) + 16)
        return QSize(width, look.px(self._size[1]))

    @override
    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._badge:
            return
        look, painter = theme(), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        side = look.px(_BADGE_PX)
        words = str(self._badge) if self._badge < 100 else "99+"
        painter.setFont(look.font("small", 600))
        width = max(side, painter.fontMetrics().horizontalAdvance(words) + 8)
        place = QRectF(self.width() - width - 3, 3, width, side)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(look.colour("danger" if self._badge_tone == "danger" else "accent"))
        painter.drawRoundedRect(place, side / 2, side / 2)
        painter.setPen(look.colour("on_accent"))
        painter.drawText(place, Qt.AlignmentFlag.AlignCenter, words)

    @override
    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.EnabledChange:
            self._restyle()

    def _restyle(self) -> None:
        look = theme()
        tokens = look.tokens
        tone = "accent_strong" if self.isChecked() else self._tone
        self.setFont(look.font("small", 600 if self.isChecked() else 500))
        self.setIcon(make_icon(self._icon, look.px(20), getattr(tokens, tone), tokens.faint, tokens.accent_strong))
        self.setIconSize(QSize(look.px(20), look.px(20)))
        self.setFixedHeight(look.px(self._size[1]))
        self.setStyleSheet(f"color: {getattr(tokens, tone if self.isEnabled() else 'muted')};")
        self.updateGeometry()
