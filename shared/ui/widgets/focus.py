"""The focus ring: 2 px, 2 px outside the widget, which a style sheet cannot draw."""

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QRectF, Qt
from PySide6.QtGui import QFocusEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractScrollArea, QWidget
from shiboken6 import isValid
from typing_extensions import override

from shared.ui.theme import RADIUS, theme

_OFFSET = 4


class FocusFrame(QWidget):
    """A ring around another widget, in the nearest widget that has room for it. It takes no mouse and no focus."""

    def __init__(self, target: QWidget, radius_px: int) -> None:
        super().__init__(_host(target))
        self._target = target
        self._radius = radius_px
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAttribute(Qt.WidgetAttribute.WA_NoSystemBackground)
        theme().changed.connect(self.update)

    def follow(self) -> None:
        """Lie around the target, on top of what is beside it."""
        self.setGeometry(_ring(self._target, self.parentWidget()))
        self.raise_()
        self.show()

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme().colour("accent"), 2))
        radius = self._radius + 2
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), radius, radius)


def _ring(target: QWidget, host: QWidget | None) -> QRect:
    place = QRect(target.mapTo(host, QPoint(0, 0)), target.size()) if host is not None else target.rect()
    return place.adjusted(-_OFFSET, -_OFFSET, _OFFSET, _OFFSET)


def _host(target: QWidget) -> QWidget | None:
    """The nearest ancestor that the ring fits into; never beyond what scrolls, where the ring would stay behind."""
    host = target.parentWidget()
    while host is not None and not host.isWindow() and not host.rect().contains(_ring(target, host)):
        above = host.parentWidget()
        if above is None or isinstance(above.parentWidget(), QAbstractScrollArea):
            break
        host = above
    return host


class _Ringer(QObject):
    """Shows the ring while its widget has the focus otherwise than by a click."""

    def __init__(self, target: QWidget, radius_px: int) -> None:
        super().__init__(target)
        self._target = target
        self._radius = radius_px
        self._frame: FocusFrame | None = None
        target.installEventFilter(self)

    @override
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        match event.type():
            case QEvent.Type.FocusIn if isinstance(event, QFocusEvent):
                if event.reason() != Qt.FocusReason.MouseFocusReason:
                    self._show()
            case QEvent.Type.FocusOut | QEvent.Type.Hide | QEvent.Type.ParentChange:
                self._hide()
            case QEvent.Type.Move | QEvent.Type.Resize if self._frame is not None:
                self._show()
            case _:
                pass
        return False

    def _show(self) -> None:
        if self._target.parentWidget() is None or not self._target.isVisible():
            return
        if self._frame is None:
            self._frame = FocusFrame(self._target, self._radius)
            self._target.destroyed.connect(self._frame.deleteLater)
        self._frame.follow()

    def _hide(self) -> None:
        frame, self._frame = self._frame, None
        if frame is not None and isValid(frame):
            frame.hide()
            frame.deleteLater()


def ring_on_focus(target: QWidget, radius_px: int = RADIUS) -> None:
    """Draw the ring around `target` whenever it has the focus."""
    _Ringer(target, radius_px)
