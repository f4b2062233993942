"""Our own line icons: SVG in a 24 box, recoloured and rendered sharp at any scale, cached by what they look like."""

from functools import lru_cache
from importlib.resources import files
from typing import Final

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QGuiApplication, QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

_SMALL_PX: Final = 16
_STROKE: Final = b'stroke-width="1.75"'
_STROKE_SMALL: Final = b'stroke-width="2"'


@lru_cache(maxsize=256)
def _source(name: str) -> bytes:
    return files("shared.ui.icons").joinpath("svg", f"{name}.svg").read_bytes()


@lru_cache(maxsize=1024)
def icon_pixmap(name: str, size_px: int, colour: str, dpr: float) -> QPixmap:
    """A square picture of `size_px` logical pixels in `colour` (`#RRGGBB`), rendered for a screen's pixel ratio.

    Raises FileNotFoundError for a name that is not in the set.
    """
    drawing = _source(name).replace(b"currentColor", colour.encode("ascii"))
    if size_px <= _SMALL_PX:
        drawing = drawing.replace(_STROKE, _STROKE_SMALL)
    pixmap = QPixmap(round(size_px * dpr), round(size_px * dpr))
    pixmap.setDevicePixelRatio(dpr)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    QSvgRenderer(QByteArray(drawing)).render(painter, QRectF(0, 0, size_px, size_px))
    painter.end()
    return pixmap


def paint_icon(painter: QPainter, name: str, rect: QRectF, colour: str) -> None:
    """Draw an icon into the square `rect`, sharp on the device that is being painted."""
    dpr = painter.device().devicePixelRatio()
    painter.drawPixmap(rect.topLeft(), icon_pixmap(name, round(rect.width()), colour, dpr))


def make_icon(name: str, size_px: int, colour: str, disabled: str, on: str | None = None, *, gap_px: int = 0) -> QIcon:
    """A QIcon for buttons: normal, disabled and (where given) checked colours, for the sharpest screen there is.

    `gap_px` leaves that much empty to the right, because a style sheet cannot set the space between icon and words.
    """
    app = QGuiApplication.instance()
    dpr = app.devicePixelRatio() if isinstance(app, QGuiApplication) else 1.0
    icon = QIcon(_with_gap(icon_pixmap(name, size_px, colour, dpr), gap_px))
    icon.addPixmap(_with_gap(icon_pixmap(name, size_px, disabled, dpr), gap_px), QIcon.Mode.Disabled)
    if on is not None:
        icon.addPixmap(_with_gap(icon_pixmap(name, size_px, on, dpr), gap_px), QIcon.Mode.Normal, QIcon.State.On)
    return icon


def _with_gap(pixmap: QPixmap, gap_px: int) -> QPixmap:
    if not gap_px:
        return pixmap
    dpr = pixmap.devicePixelRatio()
    wider = QPixmap(pixmap.width() + round(gap_px * dpr), pixmap.height())
    wider.setDevicePixelRatio(dpr)
    wider.fill(Qt.GlobalColor.transparent)
    painter = QPainter(wider)
    painter.drawPixmap(0, 0, pixmap)
    painter.end()
    return wider


def clear_icon_cache() -> None:
    """Forget rendered pictures; a QPixmap must not outlive the application."""
    icon_pixmap.cache_clear()
