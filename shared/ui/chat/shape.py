"""Where everything of a chat row lies, measured once for each width and look."""

from dataclasses import dataclass, field
from typing import Final, Literal

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QFontMetricsF, QTextLayout

from shared.strings import clock, render, text
from shared.ui.chat.setting import set_words
from shared.ui.chat.view import ChatRow, DayRow, EventRow, MessageRow, NoteRow, state_word
from shared.ui.theme import LINE_HEIGHT_PX, Theme

Spot = Literal["again", "copy", "picture", "file"]
"""What can be pressed in a row."""

PICTURE_PX: Final = (168, 92)
_FILE_PX: Final = 40


@dataclass(frozen=True, slots=True)
class ChatStyle:
    """The two programs' measures. `beside`: the state stands left of an own bubble, and names above others' runs."""

    max_in_px: int
    max_out_px: int
    radius_px: int
    corner_px: int
    avatar_px: int
    edge_px: int
    beside: bool


CUSTOMER: Final = ChatStyle(280, 264, 12, 4, 32, 16, beside=True)
AGENT: Final = ChatStyle(432, 432, 8, 8, 24, 16, beside=False)


@dataclass(slots=True)
class Shape:
    """One measured row, relative to its top left corner."""

    height: float
    bubble: QRectF = field(default_factory=QRectF)
    words: QTextLayout | None = None
    words_at: QPointF = field(default_factory=QPointF)
    picture: QRectF = field(default_factory=QRectF)
    file: QRectF = field(default_factory=QRectF)
    head: QRectF = field(default_factory=QRectF)
    meta: QRectF = field(default_factory=QRectF)
    meta_words: str = ""
    avatar: QRectF = field(default_factory=QRectF)
    spots: dict[Spot, QRectF] = field(default_factory=dict["Spot", QRectF])

    def spot_at(self, place: QPointF) -> Spot | None:
        """What lies at a place, to be pressed."""
        return next((name for name, rect in self.spots.items() if rect.contains(place)), None)


def measure(row: ChatRow, width: float, look: Theme, style: ChatStyle) -> Shape:
    """The shape of `row` in a list `width` pixels wide."""
    match row:
        case MessageRow():
            return _message(row, width, look, style)
        case NoteRow():
            return _note(row, width, look, style)
        case EventRow():
            return _event(row, width, look, style)
        case DayRow():
            return Shape(look.px(32))


def _message(row: MessageRow, width: float, look: Theme, style: ChatStyle) -> Shape:
    lane = look.px(style.avatar_px) + 8
    room = width - 2 * style.edge_px - (0 if row.mine else lane)
    if row.mine and style.beside:
        room -= _state_width(row, look) + 8
    widest = min(look.px(style.max_out_px if row.mine else style.max_in_px), max(64.0, room))
    shape = Shape(0)
    top = 4.0 if not row.first else 12.0
    if style.beside and not row.mine and row.first:
        shape.head = QRectF(style.edge_px + lane, top, room, look.px(LINE_HEIGHT_PX["small"]) + 4)
        top += shape.head.height()
    inside = _fill_bubble(row, widest - 24, look, shape)
    left = width - style.edge_px - inside.width() if row.mine else style.edge_px + lane
    shape.bubble = inside.translated(left, top)
    for rect in (shape.picture, shape.file):
        rect.translate(left, top)
    shape.spots = {name: rect.translated(left, top) for name, rect in shape.spots.items()}
    shape.words_at += QPointF(left, top)
    _place_avatar(row, shape, look, style)
    bottom = _place_state(row, shape, width, look, style)
    shape.height = bottom + (8 if row.last else 0)
    return shape


def _fill_bubble(row: MessageRow, widest: float, look: Theme, shape: Shape) -> QRectF:
    """Stack words, picture and file; returns the bubble at the origin."""
    down, across = 8.0, 0.0
    if row.words:
        shape.words, size = set_words(row.words, look.font("body"), widest, look.px(LINE_HEIGHT_PX["body"]))
        shape.words_at = QPointF(12, down)
        down, across = down + size.height() + 8, max(across, size.width())
    if row.picture is not None:
        if not row.words:
            down = 4
        shape.picture = QRectF(4, down, min(PICTURE_PX[0] - 8, widest + 16), PICTURE_PX[1] - 8)
        shape.spots["picture"] = QRectF(shape.picture)
        down, across = shape.picture.bottom() + 4, max(across, shape.picture.width() - 16)
    if row.file is not None:
        if not row.words and row.picture is None:
            down = 4
        metrics = QFontMetricsF(look.font("body", 500))
        wide = min(widest + 16, max(metrics.horizontalAdvance(row.file.name), look.px(72)) + look.px(36))
        shape.file = QRectF(4, down, wide, look.px(_FILE_PX))
        shape.spots["file"] = QRectF(shape.file)
        down, across = shape.file.bottom() + 4, max(across, wide - 16)
    return QRectF(0, 0, across + 24, max(down, 36))


def _place_avatar(row: MessageRow, shape: Shape, look: Theme, style: ChatStyle) -> None:
    side = look.px(style.avatar_px)
    if row.mine:
        return
    if style.beside and row.first:
        shape.avatar = QRectF(style.edge_px, shape.head.top(), side, side)
    elif not style.beside and row.last:
        shape.avatar = QRectF(style.edge_px, shape.bubble.bottom() - side, side, side)


def _place_state(row: MessageRow, shape: Shape, width: float, look: Theme, style: ChatStyle) -> float:
    """Put the state (or, at engineers', the time) where it belongs; returns the lower edge of the row."""
    line = look.px(LINE_HEIGHT_PX["small"])
    bubble = shape.bubble
    below = QRectF(style.edge_px, bubble.bottom() + 4, width - 2 * style.edge_px, line)
    if row.mine and row.state == "failed":
        shape.meta = below
        _place_failed_links(shape, below, look)
        return below.bottom()
    if style.beside:
        if row.mine and row.state != "none":
            wide = _state_width(row, look)
            shape.meta = QRectF(bubble.left() - 8 - wide, bubble.bottom() - line - 4, wide, line)
            shape.meta_words = f"{clock(row.time)}"
        return bubble.bottom()
    if not row.last and row.state != "waiting":
        return bubble.bottom()
    shape.meta = below if row.mine else below.adjusted(look.px(style.avatar_px) + 8, 0, 0, 0)
    shape.meta_words = _below_words(row)
    return below.bottom()


def _place_failed_links(shape: Shape, below: QRectF, look: Theme) -> None:
    metrics = QFontMetricsF(look.font("small", 500))
    right = below.right()
    links: tuple[tuple[Spot, str], ...] = (("copy", "chat.copy_text"), ("again", "chat.send_again"))
    for spot, key in links:
        wide = metrics.horizontalAdvance(text(key))
        shape.spots[spot] = QRectF(right - wide, below.top(), wide, below.height())
        right -= wide + 12
    shape.meta_words = text("chat.failed")
    wide = metrics.horizontalAdvance(shape.meta_words)
    shape.meta = QRectF(right - wide - 20, below.top(), wide + 20, below.height())


def _below_words(row: MessageRow) -> str:
    if not row.mine:
        return text("chat.name_time", name=render(row.person.title), time=clock(row.time))
    state = state_word(row.state)
    return text("chat.time_state", time=clock(row.time), state=state) if state else clock(row.time)


def _state_width(row: MessageRow, look: Theme) -> float:
    """Time, icon and word beside an own bubble."""
    metrics = QFontMetricsF(look.font("small"))
    if row.state in {"none", "failed"}:
        return 0
    return metrics.horizontalAdvance(clock(row.time)) + metrics.horizontalAdvance(state_word(row.state)) + 16 + 8


def _note(row: NoteRow, width: float, look: Theme, style: ChatStyle) -> Shape:
    inside = width - 2 * style.edge_px
    layout, size = set_words(row.words, look.font("body"), inside - 24, look.px(LINE_HEIGHT_PX["body"]))
    head = look.px(LINE_HEIGHT_PX["small"])
    bubble = QRectF(style.edge_px, 8, inside, 8 + head + 4 + size.height() + 8)
    shape = Shape(bubble.bottom() + 8, bubble, layout, QPointF(style.edge_px + 12, bubble.top() + 8 + head + 4))
    shape.head = QRectF(bubble.left() + 12, bubble.top() + 8, bubble.width() - 24, head)
    shape.meta_words = text("chat.name_time", name=render(row.person.title), time=clock(row.time))
    return shape


def _event(row: EventRow, width: float, look: Theme, style: ChatStyle) -> Shape:
    """Centred with its time where states stand beside; else behind an icon, with the time at the right."""
    line = look.px(LINE_HEIGHT_PX["small"])
    if style.beside:
        words = text("chat.name_time", name=render(row.words), time=clock(row.time))
        layout, size = set_words(words, look.font("small"), width - 2 * style.edge_px, line)
        return Shape(size.height() + 16, words=layout, words_at=QPointF((width - size.width()) / 2, 8))
    room = width - 2 * style.edge_px - 24 - look.px(48)
    layout, size = set_words(render(row.words), look.font("small"), room, line)
    shape = Shape(size.height() + 12, words=layout, words_at=QPointF(style.edge_px + 24, 6))
    shape.meta = QRectF(width - style.edge_px - look.px(48), 6, look.px(48), line)
    return shape
