"""The program's own mark: three lines on a rounded square."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap

from shared.ui.icons.paint import paint_icon
from shared.ui.theme.tokens import LIGHT


def app_mark(size_px: int, dpr: float, fill: str = LIGHT.accent, ink: str = LIGHT.on_accent) -> QPixmap:
    """The mark, `size_px` logical pixels square."""
    pixmap = QPixmap(round(size_px * dpr), round(size_px * dpr))
    pixmap.setDevicePixelRatio(dpr)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(fill))
    painter.drawRoundedRect(QRectF(0, 0, size_px, size_px), size_px * 0.22, size_px * 0.22)
    inset = size_px * 0.12
    paint_icon(painter, "app-mark", QRectF(inset, inset, size_px - 2 * inset, size_px - 2 * inset), ink)
    painter.end()
    return pixmap


def app_icon() -> QIcon:
    """The window and tray icon, in the sizes that window systems ask for."""
    icon = QIcon()
    for size_px in (16, 24, 32, 48, 64, 128, 256):
        icon.addPixmap(app_mark(size_px, 1.0))
    return icon
