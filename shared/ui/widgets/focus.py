"""The focus ring: 2 px, 2 px outside the widget, which a style sheet cannot draw."""

from PySide6.QtCore import QEvent, QObject, QRectF, Qt
from PySide6.QtGui import QFocusEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget
from shiboken6 import isValid
from typing_extensions import override

from shared.ui.theme import RADIUS, theme

_OFFSET = 4


class FocusFrame(QWidget):
    """A ring around another widget of the same parent. It takes no mouse and no focus itself."""

    def __init__(self, target: QWidget, radius_px: int) -> None:
        super().__init__(target.parentWidget())
        self._target = target
        self._radius = radius_px
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAttribute(Qt.WidgetAttribute.WA_NoSystemBackground)
        theme().changed.connect(self.update)

    def follow(self) -> None:
        """Lie around the target, on top of its siblings."""
        self.setGeometry(self._target.geometry().adjusted(-_OFFSET, -_OFFSET, _OFFSET, _OFFSET))
        self.raise_()
        self.show()

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme().colour("accent"), 2))
        radius = self._radius + 2
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), radius, radius)


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
