"""A veil over each screen to draw one rectangle on with the mouse; Esc or a click leaves it at that."""

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QPoint, QRect, Qt, QTimer
from PySide6.QtGui import QColor, QGuiApplication, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QScreen
from PySide6.QtWidgets import QWidget
from typing_extensions import override

from customer_client.sharing.places import native
from shared.rules.coordinates import Area
from shared.strings import phrase, text
from shared.ui.theme import DARK, theme
from shared.ui.words import name_widget

_VEIL: Final = 110
_ASIDE_MS: Final = 150
"""Until our own windows have faded from the screen, where a compositor lets them."""


class AreaPicker(QWidget):
    """One screen's veil over a picture of it as it looks now: that needs no compositor."""

    def __init__(self, screen: QScreen, picked: Callable[[Area], None], over: Callable[[], None]) -> None:
        super().__init__(None, Qt.WindowType.FramelessWindowHint | Qt.WindowType.WindowStaysOnTopHint)
        self._picked, self._over = picked, over
        self._start: QPoint | None = None
        self._end = QPoint()
        self._below = screen.grabWindow(0)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setCursor(Qt.CursorShape.CrossCursor)
        name_widget(self, phrase("cover.draw"), "area-picker")
        self.setScreen(screen)
        self.setGeometry(screen.geometry())

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.drawPixmap(self.rect(), self._below)
        veil = QColor(DARK.bg)
        veil.setAlpha(_VEIL)
        painter.fillRect(self.rect(), veil)
        painter.setFont(theme().font("lead", 600))
        painter.setPen(QColor(DARK.text))
        if self._start is None:
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, text("cover.draw_how"))
            return
        painter.setPen(QPen(QColor(DARK.warn), 2))
        painter.setBrush(QColor(DARK.surface))
        painter.drawRect(self._drawn())

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._start = self._end = event.position().toPoint()
        self.update()

    @override
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._end = event.position().toPoint()
        self.update()

    @override
    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._start is not None:
            self._end = event.position().toPoint()
            drawn = self._drawn().translated(self.geometry().topLeft())
            self._picked(native(drawn, self))
        self._over()

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self._over()

    def _drawn(self) -> QRect:
        return QRect(self._start or self._end, self._end).normalized()


def pick_area(picked: Callable[[Area], None], over: Callable[[], None]) -> None:
    """Shows a veil on every screen; `picked` is told of at most one area, then `over`."""
    veils: list[AreaPicker] = []

    def end() -> None:
        for veil in veils:
            veil.close()
        veils.clear()
        over()

    def begin() -> None:
        veils.extend(AreaPicker(screen, picked, end) for screen in QGuiApplication.screens())
        for veil in veils:
            veil.show()
            veil.activateWindow()

    QTimer.singleShot(_ASIDE_MS, begin)
