"""Between Qt's places and the screen's own pixels, at any scale.

Qt leaves the corner of each screen where the system has it and scales what is on it from that corner on; so on two
screens side by side its coordinates have gaps, and a factor alone is not enough.
"""

from PySide6.QtCore import QPoint, QRect
from PySide6.QtGui import QGuiApplication, QScreen
from PySide6.QtWidgets import QWidget

from shared.rules.coordinates import Area


def native_of_screen(screen: QScreen) -> Area:
    """The screen in its own pixels."""
    place, ratio = screen.geometry(), screen.devicePixelRatio()
    return Area(place.x(), place.y(), round(place.width() * ratio), round(place.height() * ratio))


def native(place: QRect, widget: QWidget) -> Area:
    """A global rectangle of Qt's, on the screen of this widget, in pixels."""
    screen = widget.screen()
    return _native(place, screen)


def native_on(place: QRect) -> Area:
    """The same for a rectangle on whichever screen its middle is."""
    return _native(place, QGuiApplication.screenAt(place.center()) or QGuiApplication.primaryScreen())


def _native(place: QRect, screen: QScreen) -> Area:
    origin, ratio = screen.geometry().topLeft(), screen.devicePixelRatio()
    left, top = (place.x() - origin.x()) * ratio, (place.y() - origin.y()) * ratio
    right, bottom = left + place.width() * ratio, top + place.height() * ratio
    return Area(origin.x() + int(left), origin.y() + int(top), _up(right) - int(left), _up(bottom) - int(top))


def logical(area: Area) -> QRect:
    """Where Qt has this area of the screen: on the screen that holds most of it."""
    screen = screen_of(area)
    origin, ratio = screen.geometry().topLeft(), screen.devicePixelRatio()
    corner = QPoint(
        origin.x() + round((area.x - origin.x()) / ratio), origin.y() + round((area.y - origin.y()) / ratio)
    )
    return QRect(corner.x(), corner.y(), round(area.width / ratio), round(area.height / ratio))


def screen_of(area: Area) -> QScreen:
    """The screen that holds most of the area; the first one when none holds any."""

    def shared(screen: QScreen) -> int:
        part = area.clipped(native_of_screen(screen))
        return part.width * part.height if part is not None else 0

    best = max(QGuiApplication.screens(), key=shared)
    return best if shared(best) else QGuiApplication.primaryScreen()


def _up(value: float) -> int:
    return int(-(-value // 1))
