"""How loud it is: a bar that fills."""

from typing import Final

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget
from typing_extensions import override

from shared.ui.theme import theme

_QUIET_DB: Final = -60.0
_SIZE: Final = (48, 6)


class LevelBar(QWidget):
    """`colours`: of the empty and of the filled part; None: the theme's."""

    def __init__(self, colours: tuple[str, str] | None = None) -> None:
        super().__init__()
        self._colours, self._share = colours, 0.0
        self.setSizePolicy(self.sizePolicy().Policy.Fixed, self.sizePolicy().Policy.Fixed)

    def show_level(self, level_db: float) -> None:
        """From -60 dB, empty, to 0 dB, full."""
        share = min(1.0, max(0.0, 1 - level_db / _QUIET_DB))
        if share != self._share:
            self._share = share
            self.update()

    @override
    def sizeHint(self) -> QSize:
        return QSize(theme().px(_SIZE[0]), theme().px(_SIZE[1]))

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        tokens = theme().tokens
        empty, full = self._colours or (tokens.faint, tokens.ok)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        radius = self.height() / 2
        for colour, width in ((empty, self.width()), (full, self.width() * self._share)):
            painter.setBrush(QColor(colour))
            painter.drawRoundedRect(QRectF(0, 0, width, self.height()), radius, radius)
