"""Time running out, as a ring or a bar. They only paint what they are told: who owns the clock sets the rest."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget
from typing_extensions import override

from shared.strings import text, timer
from shared.ui.theme import Tone, theme

_FULL_TURN = 360 * 16
_TOP = 90 * 16


class CountdownRing(QWidget):
    """A ring that empties, with the whole seconds in the middle. The last `urgent_s` seconds are in `urgent_tone`."""

    def __init__(
        self,
        side_px: int = 56,
        *,
        urgent_s: int = 5,
        urgent_tone: Tone = "danger",
        figures: bool = True,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._side_px, self._urgent_s, self._figures = side_px, urgent_s, figures
        self._urgent_tone: Tone = urgent_tone
        self._left_s, self._total_s = 0.0, 1.0
        theme().changed.connect(self._restyle)
        self._restyle()

    def set_left(self, left_s: float, total_s: float) -> None:
        """Show `left_s` of `total_s` seconds."""
        self._left_s, self._total_s = max(0.0, left_s), max(0.001, total_s)
        self.setAccessibleName(text("common.time_left", time=timer(left_s)))
        self.update()

    @override
    def sizeHint(self) -> QSize:
        side = theme().px(self._side_px)
        return QSize(side, side)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        look, painter = theme(), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        stroke = 4 if self._side_px >= 32 else 3
        ring = QRectF(self.rect()).adjusted(stroke / 2, stroke / 2, -stroke / 2, -stroke / 2)
        painter.setPen(QPen(look.colour("line"), stroke))
        painter.drawEllipse(ring)
        tone = self._urgent_tone if self._left_s <= self._urgent_s else "accent"
        painter.setPen(QPen(look.colour(tone), stroke, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap))
        painter.drawArc(ring, _TOP, round(_FULL_TURN * min(1.0, self._left_s / self._total_s)))
        if self._figures:
            painter.setFont(look.font("title" if self._side_px >= 48 else "small", 600))
            painter.setPen(look.colour("text"))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, str(int(self._left_s)))

    def _restyle(self) -> None:
        self.setFixedSize(self.sizeHint())
        self.update()


class CountdownBar(QWidget):
    """A bar of 4 px that empties; the last `urgent_s` seconds are in the warning colour."""

    def __init__(self, *, urgent_s: int = 10, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._urgent_s = urgent_s
        self._left_s, self._total_s = 0.0, 1.0
        self.setFixedHeight(4)
        self.setMinimumWidth(64)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self.update)

    def set_left(self, left_s: float, total_s: float) -> None:
        """Show `left_s` of `total_s` seconds."""
        self._left_s, self._total_s = max(0.0, left_s), max(0.001, total_s)
        self.setAccessibleName(text("common.time_left", time=timer(left_s)))
        self.update()

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        look, painter = theme(), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(look.colour("line"))
        painter.drawRoundedRect(self.rect(), 2, 2)
        painter.setBrush(look.colour("warn" if self._left_s <= self._urgent_s else "accent"))
        filled = self.width() * min(1.0, self._left_s / self._total_s)
        painter.drawRoundedRect(QRectF(0, 0, filled, self.height()), 2, 2)
