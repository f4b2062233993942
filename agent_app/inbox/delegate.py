"""Paints the inbox: 72 px a conversation, 24 px a section head."""

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem
from typing_extensions import override

from agent_app.inbox.model import ROLE_ITEM, snippet
from agent_app.inbox.presenter import InboxRow, Section
from shared.strings import duration, text, timer
from shared.ui.icons import paint_icon
from shared.ui.item_view import AnyIndex, option_rect, option_state
from shared.ui.theme import Theme, theme

_ROW_PX: Final = 72
_HEAD_PX: Final = 24
_LATE_S: Final = 300
"""A customer who waits longer for an answer than this is shown in the warning colour."""
_LEFT: Final = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT: Final = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class InboxDelegate(QStyledItemDelegate):
    """`now` is the clock of the waiting times."""

    def __init__(self, now: Callable[[], int]) -> None:
        super().__init__()
        self._now = now

    @override
    def sizeHint(self, option: QStyleOptionViewItem, index: AnyIndex) -> QSize:
        head = isinstance(index.data(ROLE_ITEM), Section)
        return QSize(200, theme().px(_HEAD_PX if head else _ROW_PX))

    @override
    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: AnyIndex) -> None:
        item = index.data(ROLE_ITEM)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect, state = option_rect(option), option_state(option)
        if isinstance(item, Section):
            _paint_head(painter, rect, item)
        elif isinstance(item, InboxRow):
            waits = (self._now() - item.since_ms) / 1000
            _paint_row(painter, rect, item, waits, state)
        painter.restore()


def _paint_head(painter: QPainter, rect: QRect, section: Section) -> None:
    look = theme()
    painter.fillRect(rect, look.colour("sunken"))
    arrow = look.px(12)
    icon = "chevron-down" if section.open else "chevron-right"
    paint_icon(painter, icon, QRectF(rect.x() + 12, rect.center().y() - arrow / 2, arrow, arrow), look.tokens.muted)
    painter.setFont(look.font("small", 500))
    painter.setPen(look.colour("muted"))
    painter.drawText(rect.adjusted(28, 0, -12, 0), _LEFT, text(f"inbox.section_{section.name}"))
    painter.drawText(rect.adjusted(28, 0, -12, 0), _RIGHT, str(len(section.rows)))


def _paint_row(painter: QPainter, rect: QRect, row: InboxRow, waits_s: float, state: QStyle.StateFlag) -> None:
    look = theme()
    chosen = bool(state & QStyle.StateFlag.State_Selected)
    hovered = bool(state & QStyle.StateFlag.State_MouseOver)
    painter.fillRect(rect, look.colour("accent_soft" if chosen else "sunken" if hovered else "surface"))
    painter.setPen(look.colour("line"))
    painter.drawLine(rect.bottomLeft(), rect.bottomRight())
    inside = rect.adjusted(12, 10, -12, -8)
    _paint_channel(painter, look, inside, chosen)
    words = inside.adjusted(32, 0, 0, 0)
    _paint_name_line(painter, look, words, row, waits_s)
    _paint_snippet(painter, look, words, row)
    if state & QStyle.StateFlag.State_HasFocus:
        painter.setPen(QPen(look.colour("accent"), 2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(rect.adjusted(1, 1, -1, -2))


def _paint_channel(painter: QPainter, look: Theme, inside: QRect, chosen: bool) -> None:
    side = look.px(24)
    plate = QRectF(inside.x(), inside.y(), side, side)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(look.colour("surface" if chosen else "sunken"))
    painter.drawRoundedRect(plate, 4, 4)
    paint_icon(painter, "chat", plate.adjusted(4, 4, -4, -4), look.tokens.text)


def _paint_name_line(painter: QPainter, look: Theme, words: QRect, row: InboxRow, waits_s: float) -> None:
    line = QRect(words.x(), words.y(), words.width(), look.px(20))
    late = waits_s >= _LATE_S and not row.mine_last
    painter.setFont(look.font("small", 600 if row.unread or late else 400))
    painter.setPen(look.colour("warn" if late else "text" if row.unread else "muted"))
    waited = timer(waits_s) if waits_s < _LATE_S else duration(waits_s)
    painter.drawText(line, _RIGHT, waited)
    room = line.width() - painter.fontMetrics().horizontalAdvance(waited) - 8
    star = look.px(14)
    painter.setFont(look.font("body", 600 if row.unread else 500))
    painter.setPen(look.colour("text"))
    name = painter.fontMetrics().elidedText(row.name, Qt.TextElideMode.ElideRight, room - (star + 6 if row.vip else 0))
    painter.drawText(line, _LEFT, name)
    if row.vip:
        left = line.x() + painter.fontMetrics().horizontalAdvance(name) + 6
        paint_icon(painter, "star", QRectF(left, line.center().y() - star / 2, star, star), look.tokens.vip)


def _paint_snippet(painter: QPainter, look: Theme, words: QRect, row: InboxRow) -> None:
    line = look.px(16)
    first = QRect(words.x(), words.y() + look.px(20), words.width(), line)
    second = first.translated(0, line)
    painter.setFont(look.font("small", 600 if row.unread else 400))
    painter.setPen(look.colour("text" if row.unread else "muted"))
    shown = painter.fontMetrics().elidedText(
        snippet(row).replace("\n", " "), Qt.TextElideMode.ElideRight, first.width()
    )
    painter.drawText(first, _LEFT, shown)
    painter.setFont(look.font("small"))
    painter.setPen(look.colour("muted"))
    painter.drawText(second, _LEFT, row.ticket)
    if row.unread:
        _paint_badge(painter, look, second, row.unread)


def _paint_badge(painter: QPainter, look: Theme, line: QRect, count: int) -> None:
    side = look.px(16)
    words = str(count) if count < 100 else "99+"
    painter.setFont(look.font("small", 600))
    width = max(side, painter.fontMetrics().horizontalAdvance(words) + 8)
    place = QRectF(line.right() - width, line.y(), width, side)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(look.colour("accent"))
    painter.drawRoundedRect(place, side / 2, side / 2)
    painter.setPen(look.colour("on_accent"))
    painter.drawText(place, Qt.AlignmentFlag.AlignCenter, words)
