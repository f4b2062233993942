"""On or off, painted: 36 x 20 with a 12 px knob that moves in 120 ms."""

from PySide6.QtCore import Property, QEasingCurve, QPoint, QPropertyAnimation, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QCheckBox, QWidget
from typing_extensions import override

from shared.ui.theme import theme
from shared.ui.widgets.focus import ring_on_focus
from shared.ui.words import Words, show_words

_KNOB_PX = 12
_MOVE_MS = 120


class Switch(QCheckBox):
    """`toggled(bool)` as any check box. Space switches. The name is what screen readers say."""

    def __init__(self, name: Words, *, on: bool = False, object_name: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._knob = 1.0 if on else 0.0
        self.setObjectName(object_name)
        self.setChecked(on)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        show_words(self, self.setAccessibleName, name)
        ring_on_focus(self, 10)
        self._move = QPropertyAnimation(self, b"knob", self)
        self._move.setDuration(_MOVE_MS)
        self._move.setEasingCurve(QEasingCurve.Type.OutCubic)
        self.toggled.connect(self._slide)
        theme().changed.connect(self._restyle)
        self._restyle()

    def set_name(self, name: Words) -> None:
        """Say something else to screen readers."""
        show_words(self, self.setAccessibleName, name)

    @override
    def sizeHint(self) -> QSize:
        return QSize(theme().px(36), theme().px(20))

    @override
    def hitButton(self, pos: QPoint) -> bool:
        return self.rect().contains(pos)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        look, painter, on = theme(), QPainter(self), self.isChecked()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        track = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        enabled = self.isEnabled()
        painter.setPen(QPen(look.colour("accent" if on and enabled else "faint" if enabled else "line"), 1))
        painter.setBrush(look.colour(("accent" if on else "surface") if enabled else "sunken"))
        painter.drawRoundedRect(track, track.height() / 2, track.height() / 2)
        knob = look.px(_KNOB_PX)
        inset = (self.height() - knob) / 2
        left = inset + self._knob * (self.width() - 2 * inset - knob)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(look.colour("on_accent" if on and enabled else "faint"))
        painter.drawEllipse(QRectF(left, inset, knob, knob))

    def _get_knob(self) -> float:
        return self._knob

    def _set_knob(self, place: float) -> None:
        self._knob = place
        self.update()

    knob = Property(float, _get_knob, _set_knob)

    def _slide(self, on: bool) -> None:
        end = 1.0 if on else 0.0
        self._move.stop()
        if not theme().animated or not self.isVisible():
            self._set_knob(end)
            return
        self._move.setEndValue(end)
        self._move.start()

    def _restyle(self) -> None:
        self.setFixedSize(self.sizeHint())
        self.update()
