"""How far something is: a thin line that fills."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget
from typing_extensions import override

from shared.ui.theme import theme

_HEIGHT_PX = 4


class ProgressLine(QWidget):
    """Of no meaning by itself to a screen reader: what it stands beside says the figure in words."""

    def __init__(self) -> None:
        super().__init__()
        self._percent = 0
        self._over = False
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_percent(self, value: int, over: bool) -> None:
        """0 to 100; `over`: it is done."""
        if (value, over) != (self._percent, self._over):
            self._percent, self._over = value, over
            self.update()

    @override
    def sizeHint(self) -> QSize:
        return QSize(60, theme().px(_HEIGHT_PX))

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter, look = QPainter(self), theme()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        for tone, share in (("line", 1.0), ("ok" if self._over else "accent", self._percent / 100)):
            painter.setBrush(look.colour("line" if tone == "line" else "ok" if tone == "ok" else "accent"))
            painter.drawRoundedRect(QRectF(0, 0, self.width() * share, self.height()), 2, 2)
