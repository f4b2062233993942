"""An icon beside words."""

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget
from typing_extensions import override

from shared.ui.icons import paint_icon
from shared.ui.theme import Tone, theme


class IconMark(QWidget):
    """A painted icon that follows theme and text size. It says nothing to screen readers: words stand beside it."""

    def __init__(self, name: str, size_px: int, tone: Tone, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name = name
        self._size_px = size_px
        self._tone: Tone = tone
        theme().changed.connect(self._restyle)
        self._restyle()

    def set_icon(self, name: str, tone: Tone | None = None) -> None:
        """Show another icon, in another colour where given."""
        self._name, self._tone = name, tone or self._tone
        self.update()

    @override
    def sizeHint(self) -> QSize:
        side = theme().px(self._size_px)
        return QSize(side, side)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        side = theme().px(self._size_px)
        rect = QRectF((self.width() - side) // 2, (self.height() - side) // 2, side, side)
        paint_icon(QPainter(self), self._name, rect, theme().colour(self._tone).name())

    def _restyle(self) -> None:
        self.setFixedSize(self.sizeHint())
        self.update()
