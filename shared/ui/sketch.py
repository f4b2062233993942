"""How shapes and pointers of `shared.control.drawing` look, over the customer's screen as in the agent's view.

Each has a white rim, so that it shows over anything.
"""

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QBitmap, QColor, QFontMetricsF, QImage, QPainter, QPainterPath, QPen, QPolygonF, QRegion

from shared.control.drawing import Shape
from shared.ui.theme import theme

COLOURS: Final = ("#7A4FBF", "#1F5FBF", "#0B6B6B", "#B3261E", "#A34A00", "#A3216F")
"""Violet, blue, teal, red, orange, pink: white words read on each."""
RIM_PX: Final = 2
STROKE_PX: Final = 4
REACH_PX: Final = 40
"""No shape is painted farther than this from its points, words and names apart."""
_HEAD_PX: Final = 18
_POINTER: Final = ((0, 0), (5, 18), (9, 11), (16, 9))
_PILL_AT: Final = QPointF(14, 18)
_PAD: Final = QPointF(6, 2)

At = Callable[[int, int], QPointF]
"""Where a point of a shape is on the widget."""


def paint_shape(painter: QPainter, shape: Shape, at: At) -> None:
    """One shape."""
    points = [at(x, y) for x, y in shape.points]
    colour = QColor(COLOURS[shape.colour])
    if shape.tool == "words":
        paint_words(painter, shape.words, points[0], colour)
        return
    path = _path(shape, points)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for ink, width in ((QColor("white"), STROKE_PX + 2 * RIM_PX), (colour, STROKE_PX)):
        pen = QPen(ink, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
        painter.setPen(pen)
        painter.drawPath(path)


def paint_words(painter: QPainter, words: str, at: QPointF, colour: QColor) -> None:
    """White words in a box of that colour with its corner there."""
    box = words_box(words, at)
    painter.setPen(Qt.PenStyle.NoPen)
    for ink, inset in ((QColor("white"), 0.0), (colour, 1.0)):
        painter.setBrush(ink)
        painter.drawRoundedRect(box.adjusted(inset, inset, -inset, -inset), 4, 4)
    painter.setPen(QColor("white"))
    painter.setFont(theme().font("body", 600))
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, words)


def words_box(words: str, at: QPointF) -> QRectF:
    """What `paint_words` covers."""
    size = QFontMetricsF(theme().font("body", 600)).size(0, words)
    return QRectF(at.x(), at.y(), size.width() + 2 * _PAD.x(), size.height() + 2 * _PAD.y())


def paint_pointer(painter: QPainter, name: str, at: QPointF, colour: QColor) -> None:
    """An arrow that points there, with a name."""
    painter.setPen(QPen(QColor("white"), RIM_PX, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
    painter.setBrush(colour)
    painter.drawPolygon(QPolygonF([at + QPointF(x, y) for x, y in _POINTER]))
    paint_words(painter, name, at + _PILL_AT, colour)


def pointer_box(name: str, at: QPointF) -> QRect:
    """What `paint_pointer` covers."""
    box = words_box(name, at + _PILL_AT).united(QRectF(at.x(), at.y(), 20, 20))
    return box.adjusted(-RIM_PX, -RIM_PX, RIM_PX, RIM_PX).toAlignedRect()


def shape_box(shape: Shape, at: At) -> QRect:
    """What `paint_shape` covers, and a little more."""
    points = [at(x, y) for x, y in shape.points]
    if shape.tool == "words":
        return words_box(shape.words, points[0]).toAlignedRect()
    return QPolygonF(points).boundingRect().adjusted(-REACH_PX, -REACH_PX, REACH_PX, REACH_PX).toAlignedRect()


def region_of(box: QRect, paint: Callable[[QPainter], None]) -> QRegion:
    """The pixels inside `box` that `paint` touches."""
    image = QImage(box.size(), QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    painter.translate(-box.topLeft())
    paint(painter)
    painter.end()
    touched = image.createAlphaMask(Qt.ImageConversionFlag.ThresholdDither | Qt.ImageConversionFlag.AvoidDither)
    return QRegion(QBitmap.fromImage(touched)).translated(box.topLeft())


def _path(shape: Shape, points: list[QPointF]) -> QPainterPath:
    first, last = points[0], points[-1]
    path = QPainterPath()
    match shape.tool:
        case "box":
            path.addRect(QRectF(first, last).normalized())
        case "ellipse":
            path.addEllipse(QRectF(first, last).normalized())
        case "arrow":
            path.moveTo(first)
            path.lineTo(last)
            _add_head(path, first, last)
        case _:
            path.addPolygon(QPolygonF(points if len(points) > 1 else [first, first + QPointF(0.1, 0)]))
    return path


def _add_head(path: QPainterPath, start: QPointF, tip: QPointF) -> None:
    back = start - tip
    length = (back.x() ** 2 + back.y() ** 2) ** 0.5
    if length < 1:
        return
    along = back * (min(_HEAD_PX, length) / length)
    across = QPointF(-along.y(), along.x()) * 0.5
    path.moveTo(tip + along + across)
    path.lineTo(tip)
    path.lineTo(tip + along - across)


def middle(ratio: float, x: float, y: float) -> QPointF:
    """The middle of a device pixel in logical pixels."""
    return QPointF((x + 0.5) / ratio, (y + 0.5) / ratio)
