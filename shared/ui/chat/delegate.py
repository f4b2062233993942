"""Paints chat rows from their shapes, which are kept by row, width and look."""

from collections import OrderedDict
from typing import Final

from PySide6.QtCore import QModelIndex, QPoint, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem
from typing_extensions import override

from shared.strings import clock, day_name, render, size, text
from shared.ui.chat.model import ROLE_ROW
from shared.ui.chat.shape import ChatStyle, Shape, Spot, measure
from shared.ui.chat.view import (
    ChatRow,
    DayRow,
    EventRow,
    MessageRow,
    MessageState,
    NoteRow,
    Picture,
    state_word,
)
from shared.ui.icons import paint_icon
from shared.ui.item_view import AnyIndex, option_rect, option_state
from shared.ui.theme import RADIUS, RADIUS_SMALL, Theme, Tone, theme
from shared.ui.widgets.avatar import paint_avatar

_KEPT_SHAPES: Final = 2000
_STATE_ICON: Final[dict[MessageState, tuple[str, Tone]]] = {
    "waiting": ("clock", "muted"),
    "sent": ("check", "muted"),
    "delivered": ("double-check", "muted"),
    "read": ("double-check", "accent"),
    "failed": ("warning", "danger"),
}


class ChatDelegate(QStyledItemDelegate):
    """Measures and paints; `spot_at` says what a click would press."""

    def __init__(self, view: QListView, style: ChatStyle) -> None:
        super().__init__(view)
        self._view = view
        self._style = style
        self._shapes: OrderedDict[tuple[str, int], tuple[ChatRow, Shape]] = OrderedDict()
        self._pictures: dict[str, QImage] = {}

    def forget_shapes(self) -> None:
        """Measure everything anew: the look has changed."""
        self._shapes.clear()

    def set_picture(self, key: str, image: QImage) -> None:
        """The pixels of a picture, scaled by the caller to what is shown."""
        self._pictures[key] = image

    def shape(self, row: ChatRow) -> Shape:
        """The row's shape at the list's present width."""
        width = self._view.viewport().width()
        kept = self._shapes.get((row.id, width))
        if kept is not None and kept[0] == row:
            self._shapes.move_to_end((row.id, width))
            return kept[1]
        made = measure(row, width, theme(), self._style)
        self._shapes[row.id, width] = (row, made)
        while len(self._shapes) > _KEPT_SHAPES:
            self._shapes.popitem(last=False)
        return made

    def spot_at(self, index: AnyIndex, place: QPoint) -> Spot | None:
        """What lies under a place of the viewport."""
        row = index.data(ROLE_ROW)
        if not isinstance(row, MessageRow):
            return None
        top = self._view.visualRect(index).topLeft() if isinstance(index, QModelIndex) else QPoint()
        return self.shape(row).spot_at(QPointF(place - top))

    @override
    def sizeHint(self, option: QStyleOptionViewItem, index: AnyIndex) -> QSize:
        row = index.data(ROLE_ROW)
        if not isinstance(row, MessageRow | NoteRow | EventRow | DayRow):
            return QSize()
        return QSize(self._view.viewport().width(), round(self.shape(row).height))

    @override
    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: AnyIndex) -> None:
        row = index.data(ROLE_ROW)
        if not isinstance(row, MessageRow | NoteRow | EventRow | DayRow):
            return
        look, rect, shape = theme(), QRectF(option_rect(option)), self.shape(row)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.translate(rect.topLeft())
        match row:
            case MessageRow():
                self._paint_message(painter, look, row, shape)
            case NoteRow():
                _paint_note(painter, look, row, shape)
            case EventRow():
                _paint_event(painter, look, row, shape)
            case DayRow():
                _paint_day(painter, look, row, QRectF(0, 0, rect.width(), rect.height()))
        if self._view.hasFocus() and option_state(option) & QStyle.StateFlag.State_HasFocus:
            _paint_focus(painter, look, shape, rect)
        painter.restore()

    def _paint_message(self, painter: QPainter, look: Theme, row: MessageRow, shape: Shape) -> None:
        self._paint_bubble(painter, look, row, shape.bubble)
        if shape.words is not None:
            painter.setPen(look.colour("text"))
            shape.words.draw(painter, shape.words_at)
        if row.picture is not None:
            self._paint_picture(painter, look, row.picture, shape.picture)
        if row.file is not None:
            _paint_file(painter, look, row.file.name, size(row.file.size_bytes), shape.file)
        if not shape.avatar.isEmpty():
            at = shape.avatar
            name, tone = row.person.name, row.person.tone
            paint_avatar(painter, look, round(at.left()), round(at.top()), round(at.width()), name, tone)
        if not shape.head.isEmpty():
            _paint_head(painter, look, render(row.person.title), clock(row.time), shape.head)
        self._paint_state(painter, look, row, shape)

    def _paint_bubble(self, painter: QPainter, look: Theme, row: MessageRow, bubble: QRectF) -> None:
        pen, fill = QPen(look.colour("line"), 1), look.colour("surface")
        if row.mine:
            match row.state:
                case "waiting":
                    pen = QPen(look.colour("faint"), 1, Qt.PenStyle.DashLine)
                case "failed":
                    pen = QPen(look.colour("danger"), 1)
                case _:
                    pen, fill = QPen(look.colour("accent_soft"), 1), look.colour("accent_soft")
        painter.setPen(pen)
        painter.setBrush(fill)
        own, corner = self._style.radius_px, self._style.corner_px
        painter.drawPath(_rounded(bubble.adjusted(0.5, 0.5, -0.5, -0.5), own, corner, right=row.mine))

    def _paint_picture(self, painter: QPainter, look: Theme, picture: Picture, place: QRectF) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(look.colour("sunken"))
        painter.drawRoundedRect(place, RADIUS, RADIUS)
        image = self._pictures.get(picture.key)
        if image is None:
            failed = picture.state == "failed"
            icon = QRectF(place.center().x() - 12, place.center().y() - 20, 24, 24)
            paint_icon(painter, "warning" if failed else "image", icon, look.colour("muted").name())
            painter.setFont(look.font("small"))
            painter.setPen(look.colour("muted"))
            words = text("chat.picture_failed" if failed else "chat.picture_loading")
            painter.drawText(place.adjusted(4, 46, -4, -4), Qt.AlignmentFlag.AlignHCenter, words)
            return
        wide = image.deviceIndependentSize().scaled(place.size(), Qt.AspectRatioMode.KeepAspectRatio)
        fitted = QRectF(QPointF(), wide)
        fitted.moveCenter(place.center())
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(fitted, image)

    def _paint_state(self, painter: QPainter, look: Theme, row: MessageRow, shape: Shape) -> None:
        if shape.meta.isEmpty():
            return
        if row.state == "failed":
            _paint_failed(painter, look, shape)
        elif self._style.beside:
            _paint_beside(painter, look, row, shape)
        else:
            _paint_below(painter, look, row, shape)


def _paint_event(painter: QPainter, look: Theme, row: EventRow, shape: Shape) -> None:
    painter.setPen(look.colour("muted"))
    if shape.words is not None:
        shape.words.draw(painter, shape.words_at)
    if shape.meta.isEmpty():
        return
    side = look.px(16)
    icon = QRectF(shape.words_at.x() - 24, shape.words_at.y(), side, side)
    paint_icon(painter, row.icon, icon, look.colour("muted").name())
    painter.setFont(look.font("small"))
    painter.drawText(shape.meta, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, clock(row.time))


def _rounded(rect: QRectF, radius: float, corner: float, *, right: bool) -> QPainterPath:
    """A rounded rectangle whose corner at the speaker is sharper: top left of others, bottom right of one's own."""
    path = QPainterPath()
    path.setFillRule(Qt.FillRule.WindingFill)
    path.addRoundedRect(rect, radius, radius)
    if corner < radius:
        at = rect.bottomRight() if right else rect.topLeft()
        square = QRectF(at, at + QPointF(-2 * radius, -2 * radius) if right else at + QPointF(2 * radius, 2 * radius))
        path.addRoundedRect(square.normalized(), corner, corner)
        path = path.simplified()
    return path


def _paint_head(painter: QPainter, look: Theme, title: str, time: str, place: QRectF) -> None:
    painter.setFont(look.font("small", 600))
    painter.setPen(look.colour("text"))
    painter.drawText(place, Qt.AlignmentFlag.AlignTop, title)
    wide = painter.fontMetrics().horizontalAdvance(title) + 6
    painter.setFont(look.font("small"))
    painter.setPen(look.colour("muted"))
    painter.drawText(place.adjusted(wide, 0, 0, 0), Qt.AlignmentFlag.AlignTop, time)


def _paint_file(painter: QPainter, look: Theme, name: str, size_words: str, place: QRectF) -> None:
    icon = look.px(20)
    at = QRectF(place.left() + 8, place.center().y() - icon / 2, icon, icon)
    paint_icon(painter, "document", at, look.colour("accent").name())
    words = place.adjusted(icon + 16, 2, -4, -2)
    painter.setFont(look.font("body", 500))
    painter.setPen(look.colour("text"))
    shown = painter.fontMetrics().elidedText(name, Qt.TextElideMode.ElideMiddle, round(words.width()))
    painter.drawText(words, Qt.AlignmentFlag.AlignTop, shown)
    painter.setFont(look.font("small"))
    painter.setPen(look.colour("muted"))
    painter.drawText(words, Qt.AlignmentFlag.AlignBottom, size_words)


def _paint_beside(painter: QPainter, look: Theme, row: MessageRow, shape: Shape) -> None:
    icon, tone = _STATE_ICON[row.state]
    painter.setFont(look.font("small"))
    painter.setPen(look.colour("muted"))
    painter.drawText(shape.meta, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, shape.meta_words)
    painter.drawText(shape.meta, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, state_word(row.state))
    left = shape.meta.left() + painter.fontMetrics().horizontalAdvance(shape.meta_words) + 4
    paint_icon(painter, icon, QRectF(left, shape.meta.center().y() - 8, 16, 16), look.colour(tone).name())


def _paint_below(painter: QPainter, look: Theme, row: MessageRow, shape: Shape) -> None:
    painter.setFont(look.font("small"))
    painter.setPen(look.colour("muted"))
    side = Qt.AlignmentFlag.AlignRight if row.mine else Qt.AlignmentFlag.AlignLeft
    known = _STATE_ICON.get(row.state) if row.mine else None
    place = shape.meta.adjusted(0, 0, -20 if known else 0, 0)
    painter.drawText(place, side | Qt.AlignmentFlag.AlignVCenter, shape.meta_words)
    if known is not None:
        icon, tone = known
        at = QRectF(shape.meta.right() - 16, shape.meta.center().y() - 8, 16, 16)
        paint_icon(painter, icon, at, look.colour(tone).name())


def _paint_failed(painter: QPainter, look: Theme, shape: Shape) -> None:
    at = QRectF(shape.meta.left(), shape.meta.center().y() - 8, 16, 16)
    paint_icon(painter, "warning", at, look.colour("danger").name())
    painter.setFont(look.font("small", 500))
    painter.setPen(look.colour("danger"))
    painter.drawText(shape.meta.adjusted(20, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, shape.meta_words)
    painter.setPen(look.colour("accent"))
    painter.drawText(shape.spots["again"], Qt.AlignmentFlag.AlignVCenter, text("chat.send_again"))
    painter.setPen(look.colour("muted"))
    painter.drawText(shape.spots["copy"], Qt.AlignmentFlag.AlignVCenter, text("chat.copy_text"))


def _paint_note(painter: QPainter, look: Theme, row: NoteRow, shape: Shape) -> None:
    painter.setPen(QPen(look.colour("note"), 1, Qt.PenStyle.DashLine))
    painter.setBrush(look.colour("note_soft"))
    painter.drawRoundedRect(shape.bubble.adjusted(0.5, 0.5, -0.5, -0.5), RADIUS_SMALL, RADIUS_SMALL)
    head = shape.head
    paint_icon(painter, "lock", QRectF(head.left(), head.center().y() - 8, 16, 16), look.colour("note").name())
    painter.setFont(look.font("small", 600))
    painter.setPen(look.colour("note"))
    painter.drawText(head.adjusted(20, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, text("chat.note_head"))
    painter.setFont(look.font("small"))
    painter.setPen(look.colour("muted"))
    painter.drawText(head, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, shape.meta_words)
    painter.setPen(look.colour("text"))
    if shape.words is not None:
        shape.words.draw(painter, shape.words_at)


def _paint_day(painter: QPainter, look: Theme, row: DayRow, place: QRectF) -> None:
    painter.setFont(look.font("small"))
    painter.setPen(look.colour("muted"))
    painter.drawText(place, Qt.AlignmentFlag.AlignCenter, day_name(row.day, row.today))


def _paint_focus(painter: QPainter, look: Theme, shape: Shape, rect: QRectF) -> None:
    around = shape.bubble if not shape.bubble.isEmpty() else QRectF(8, 2, rect.width() - 16, rect.height() - 4)
    painter.setPen(QPen(look.colour("accent"), 2))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(around.adjusted(-3, -3, 3, 3), RADIUS + 2, RADIUS + 2)
