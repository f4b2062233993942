"""What the engineers draw and where they point, over the shared monitor. No click or key ever goes to it.

The windows have the shape of what is drawn, so nothing else is covered, with or without a compositor. Our own windows
(`keep_out`) are never drawn over.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Final

from PySide6.QtCore import QPointF, QRect, Qt, QTimer
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QRegion
from PySide6.QtWidgets import QWidget
from typing_extensions import override

from customer_client.sharing.frame import PASSING_FLAGS
from shared.control.drawing import Aimed, Shape
from shared.rules.coordinates import Area
from shared.session.drawing_messages import AgentSketch
from shared.strings import phrase
from shared.ui.sketch import (
    COLOURS,
    middle,
    paint_pointer,
    paint_shape,
    paint_words,
    pointer_box,
    region_of,
    shape_box,
    words_box,
)
from shared.ui.words import name_widget, show_words

POINTER_MS: Final = 4000
"""A pointer that has not moved for so long fades away."""
_FADE_STEPS: Final = 8
_FADE_MS: Final = 60
_NAME_PX: Final = 34


class _Glass(QWidget):
    """Shaped like what is on it, transparent for everything else."""

    def __init__(self, name: str) -> None:
        # past the window manager: one that puts windows into frames would catch the clicks that are to pass through
        super().__init__(None, PASSING_FLAGS | Qt.WindowType.X11BypassWindowManagerHint)
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        name_widget(self, phrase("sharing.drawings"), name)
        show_words(self, self.setWindowTitle, phrase("sharing.drawings"))

    def take_shape(self, region: QRegion) -> None:
        """Be seen there and nowhere else."""
        if region.isEmpty():
            self.hide()
            return
        self.setMask(region)
        self.update()
        if self.isHidden():
            self.show()


class _Canvas(_Glass):
    """Every shape of everybody. Points are pixels of the whole screen."""

    def __init__(self) -> None:
        super().__init__("drawings.canvas")
        self._area = Area(0, 0, 1, 1)
        self._shapes: list[tuple[Shape, str]] = []
        self._keep_out = QRegion()

    def stay_on(self, room: QRect, area: Area) -> None:
        self._area = area
        self.setGeometry(room)

    def keep_out(self, windows: QRegion) -> None:
        self._keep_out = windows.translated(-self.geometry().topLeft())
        self._reshape()

    def show_shapes(self, shapes: list[tuple[Shape, str]]) -> None:
        """Each with the name to show beside it, or none."""
        if shapes != self._shapes:
            self._shapes = shapes
            self._reshape()

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(event.rect(), QColor("white"))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for shape, name in self._shapes:
            paint_shape(painter, shape, self._at)
            if name:
                paint_words(painter, name, self._name_at(shape), QColor(COLOURS[shape.colour]))

    def _reshape(self) -> None:
        region = QRegion()
        for shape, name in self._shapes:
            region += _region(shape, self._area, self.devicePixelRatioF())
            if name:
                region += words_box(name, self._name_at(shape)).toRect()
        self.take_shape(region & QRegion(self.rect()) - self._keep_out)

    def _at(self, x: int, y: int) -> QPointF:
        return middle(self.devicePixelRatioF(), x - self._area.x, y - self._area.y)

    def _name_at(self, shape: Shape) -> QPointF:
        first = self._at(*shape.points[0])
        above = first.y() - _NAME_PX
        return QPointF(first.x(), above if above > 0 else first.y() + _NAME_PX)


class _Pointer(_Glass):
    """Where one engineer points; it fades when it rests."""

    def __init__(self, agent_id: str) -> None:
        super().__init__(f"drawings.pointer.{agent_id}")
        self._name, self._colour = "", QColor()
        self._aimed: Aimed | None = None
        self._rest, self._left = QTimer(self), _FADE_STEPS
        self._rest.timeout.connect(self._fade)

    def aim(self, name: str, aimed: Aimed | None, at: QPointF, keep_out: QRegion) -> None:
        """Point at this place of the desktop (logical pixels), or no more."""
        if aimed == self._aimed:
            return
        self._aimed, self._name = aimed, name
        if aimed is None:
            self.hide()
            return
        self._colour = QColor(COLOURS[aimed.colour])
        box = pointer_box(name, QPointF(0, 0))
        self.setGeometry(box.translated(at.toPoint()))
        self._left = _FADE_STEPS
        self.setWindowOpacity(1.0)
        self._rest.start(POINTER_MS)
        touched = region_of(box, self._paint).translated(-box.topLeft())
        self.take_shape(touched - keep_out.translated(-self.pos()))

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(event.rect(), QColor("white"))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.translate(-pointer_box(self._name, QPointF(0, 0)).topLeft())
        self._paint(painter)

    def _paint(self, painter: QPainter) -> None:
        paint_pointer(painter, self._name, QPointF(0, 0), self._colour)

    def _fade(self) -> None:
        """Where the desktop knows no opacity it just goes at the end."""
        self._left -= 1
        self.setWindowOpacity(self._left / _FADE_STEPS)
        if self._left <= 0:
            self._rest.stop()
            self.hide()
        else:
            self._rest.start(_FADE_MS)


class Drawings:
    """All of it, on one monitor: `room` in logical pixels, `area` the same in pixels of the whole screen."""

    def __init__(self, room: QRect, area: Area) -> None:
        self._room, self._area = room, area
        self._canvas = _Canvas()
        self._canvas.stay_on(room, area)
        self._pointers: dict[str, _Pointer] = {}
        self._keep_out = QRegion()

    def keep_out(self, windows: Sequence[QRect]) -> None:
        """Our windows now, in logical pixels."""
        region = QRegion()
        for window in windows:
            region += window
        if region != self._keep_out:
            self._keep_out = region
            self._canvas.keep_out(region)

    def show_sketches(self, sketches: Sequence[AgentSketch], names: Mapping[str, str]) -> None:
        """What is to be seen now; the newest shape of each engineer says whose it is."""
        shapes: list[tuple[Shape, str]] = []
        for one in sketches:
            last = len(one.sketch.shapes) - 1
            name = names.get(one.agent_id, "")
            shapes += [(shape, name if at == last else "") for at, shape in enumerate(one.sketch.shapes)]
        self._canvas.show_shapes(shapes)
        aims = {one.agent_id: one.sketch.aim for one in sketches}
        for agent_id in {*aims, *self._pointers}:
            self._aim(agent_id, names.get(agent_id, ""), aims.get(agent_id))

    def close(self) -> None:
        """Go for good."""
        for window in (self._canvas, *self._pointers.values()):
            window.close()
            window.deleteLater()
        self._pointers.clear()

    def _aim(self, agent_id: str, name: str, aimed: Aimed | None) -> None:
        if aimed is not None and agent_id not in self._pointers:
            self._pointers[agent_id] = _Pointer(agent_id)
        if agent_id in self._pointers:
            ratio = self._canvas.devicePixelRatioF()
            x, y = (aimed.x - self._area.x, aimed.y - self._area.y) if aimed else (0, 0)
            at = QPointF(self._room.topLeft()) + QPointF(x / ratio, y / ratio)
            self._pointers[agent_id].aim(name, aimed, at, self._keep_out)


@lru_cache(maxsize=512)
def _region(shape: Shape, area: Area, ratio: float) -> QRegion:
    def at(x: int, y: int) -> QPointF:
        return middle(ratio, x - area.x, y - area.y)

    return region_of(shape_box(shape, at), lambda painter: paint_shape(painter, shape, at))
