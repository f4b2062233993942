"""What the chat panel shows, as frozen rows that presenters build. No Qt here."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import pairwise
from typing import Final, Literal

from shared.strings import Words, clock, day_name, render, size, text

PersonTone = Literal["customer", "vip", "tier1", "tier2", "tier3", "guest", "self"]
MessageState = Literal["none", "waiting", "sent", "delivered", "read", "failed"]
PictureState = Literal["loading", "ready", "failed"]
_STATE_KEYS: Final[dict[MessageState, str]] = {
    "waiting": "chat.waiting",
    "sent": "chat.sent",
    "delivered": "chat.delivered",
    "read": "chat.read",
    "failed": "chat.failed",
}


@dataclass(frozen=True, slots=True)
class Person:
    """Who speaks. `title` is the name as readers see it, with the tier; `name` gives the initials."""

    name: str
    title: Words
    tone: PersonTone


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture in a message; the pixels are handed to the panel by `key`."""

    key: str
    name: str
    state: PictureState = "loading"


@dataclass(frozen=True, slots=True)
class File:
    """A file in a message."""

    key: str
    name: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class MessageRow:
    """Something said. `time` is in the reader's zone. `first` and `last` of a run by one person: see `arranged`."""

    id: str
    person: Person
    mine: bool
    words: str
    time: datetime
    state: MessageState = "none"
    picture: Picture | None = None
    file: File | None = None
    first: bool = True
    last: bool = True


@dataclass(frozen=True, slots=True)
class NoteRow:
    """A note among engineers. A type of its own in every layer: nothing turns it into a message."""

    id: str
    person: Person
    words: str
    time: datetime


@dataclass(frozen=True, slots=True)
class EventRow:
    """Something that happened: someone joined, sharing ended."""

    id: str
    words: Words
    time: datetime
    icon: str = "info"


@dataclass(frozen=True, slots=True)
class DayRow:
    """A new day begins."""

    id: str
    day: date
    today: date


ChatRow = MessageRow | NoteRow | EventRow | DayRow


def arranged(rows: Sequence[MessageRow | NoteRow | EventRow], today: date) -> tuple[ChatRow, ...]:
    """Rows with a day's name before each day and with `first` and `last` set for each run by one person."""
    return tuple(_with_days(_with_runs(rows), today))


def spoken(row: ChatRow) -> str:
    """What a screen reader says for a row: name, words, state, time."""
    match row:
        case MessageRow():
            return text(
                "chat.accessible_message",
                name=text("chat.you") if row.mine else render(row.person.title),
                words=shown_words(row),
                state=state_word(row.state),
                time=clock(row.time),
            )
        case NoteRow():
            return text("chat.accessible_note", name=render(row.person.title), words=row.words, time=clock(row.time))
        case EventRow():
            return text("chat.accessible_event", words=render(row.words), time=clock(row.time))
        case DayRow():
            return day_name(row.day, row.today)


def shown_words(row: MessageRow) -> str:
    """The words of a message, and in words what else it carries."""
    parts = [row.words] if row.words else []
    if row.picture is not None:
        parts.append(text("chat.picture_named", name=row.picture.name))
    if row.file is not None:
        parts.append(text("chat.file_line", name=row.file.name, size=size(row.file.size_bytes)))
    return " ".join(parts)


def state_word(state: MessageState) -> str:
    """`Sent`; nothing for messages whose state is not the reader's business."""
    return text(_STATE_KEYS[state]) if state in _STATE_KEYS else ""


def _with_runs(rows: Sequence[MessageRow | NoteRow | EventRow]) -> Iterator[MessageRow | NoteRow | EventRow]:
    joined = [_same_run(one, other) for one, other in pairwise(rows)]
    for index, row in enumerate(rows):
        if isinstance(row, MessageRow):
            after_same = index > 0 and joined[index - 1]
            before_same = index < len(rows) - 1 and joined[index]
            yield replace(row, first=not after_same, last=not before_same)
        else:
            yield row


def _same_run(one: MessageRow | NoteRow | EventRow, other: MessageRow | NoteRow | EventRow) -> bool:
    return (
        isinstance(one, MessageRow)
        and isinstance(other, MessageRow)
        and (one.person, one.mine) == (other.person, other.mine)
        and one.time.date() == other.time.date()
    )


def _with_days(rows: Iterator[MessageRow | NoteRow | EventRow], today: date) -> Iterator[ChatRow]:
    shown: date | None = None
    for row in rows:
        day = row.time.date()
        if day != shown:
            shown = day
            yield DayRow(f"day:{day.isoformat()}:{row.id}", day, today)
        yield row
