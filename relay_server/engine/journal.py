"""The port of the journal: the one way to write, and snapshots to read.

A unit of work is a function of a `Transaction`. It runs alone on the one writer, in a savepoint of its own inside a
group commit, so what it reads cannot change under it. It may be run again when its group could not be committed, so it
touches nothing but the transaction.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol, TypeVar

from sqlalchemy import Connection

from relay_server.engine.bus import Note
from shared.common.errors import ThreelineError
from shared.protocol.frames import Refused
from shared.protocol.messages.base import EventBody
from shared.protocol.messages.conversations import EventRecord, StreamPage

T = TypeVar("T")
Row = tuple[Any, ...]
"""A row of a raw statement: the store's own scalars."""

PAGE: Final = 200
"""Events in a page at most, as the wire allows."""
PAGE_BYTES: Final = 96 * 1024
"""Of bodies, in UTF-8: quoted once more inside the frame they stay below what a client takes (`MAX_FRAME_BYTES`)."""


@dataclass(frozen=True, slots=True)
class JournalStats:
    """`works` / `groups` is how well grouping does."""

    waiting: int
    works: int
    groups: int


class StoreAway(ThreelineError):
    """There is no reaching the store just now; nothing was read."""

    code = "busy"


class Transaction(Protocol):
    """One unit of work. Valid only while the work runs."""

    @property
    def sql(self) -> Connection:
        """SQLAlchemy Core, for cold paths. Never commit or roll back on it."""
        ...

    @property
    def now_ms(self) -> int:
        """The one clock reading of this unit of work."""
        ...

    def row(self, statement: str, parameters: Sequence[object] = ()) -> Row | None:
        """The first row of a raw statement with `?` parameters; for hot paths."""
        ...

    def rows(self, statement: str, parameters: Sequence[object] = ()) -> list[Row]:
        """All rows of a raw statement."""
        ...

    def run(self, statement: str, parameters: Sequence[object] = ()) -> int:
        """Carries out a raw statement; how many rows it changed."""
        ...

    def append(self, stream: str, event: EventBody) -> EventRecord:
        """Puts an event at the end of a stream, which is made when it is new."""
        ...

    def append_all(self, events: Sequence[tuple[str, EventBody]]) -> list[EventRecord]:
        """As `append` for each (stream, event) in turn, in as few statements as the engine can do it in."""
        ...

    def head(self, stream: str) -> int:
        """The stream's newest `seq`; 0 for an empty one."""
        ...

    def after_commit(self, note: Note) -> None:
        """Tells the bus once this unit of work is durable; never when it is rolled back."""
        ...


class Journal(Protocol):
    """Where everything durable goes."""

    async def write(self, work: Callable[[Transaction], T]) -> T | Refused:
        """Runs `work` on the writer; returns once its commit is durable.

        A `Refused` that `work` returns rolls it back and is handed on. Refused too: `busy` (the queue is full) and
        `store_full`. What `work` raises rolls it back alone and is raised here; a statement of its own that failed has
        ended it, whether it noticed or not. Raises LinkLost when nobody knows whether the commit took place: whoever
        asked asks again with the same client id.
        """
        ...

    async def read(self, work: Callable[[Connection], T]) -> T:
        """Runs `work` on one consistent snapshot of everything committed before. Raises StoreAway, as all reads do."""
        ...

    async def page(self, stream: str, after: int, limit: int = PAGE) -> StreamPage:
        """The events of a stream after `after`, oldest first."""
        ...

    async def heads(self, streams: Iterable[str]) -> dict[str, int]:
        """The newest `seq` of each stream; streams without events are left out."""
        ...

    async def watch(self) -> None:
        """Waits for ever; raises when the journal had to stop writing, so that the process can end."""
        ...

    def stats(self) -> JournalStats:
        """For metrics."""
        ...


def page_of(stream: str, rows: Iterable[Row], head: int) -> StreamPage:
    """As many of the rows as fit one frame: the first one always, and no more than `PAGE_BYTES` of bodies."""
    events: list[EventRecord] = []
    room = PAGE_BYTES
    for row in rows:
        record = record_of(row)
        room -= len(record.body.encode())
        if events and room < 0:
            break
        events.append(record)
    return StreamPage(stream=stream, events=tuple(events), head=head, more=bool(events) and events[-1].seq < head)


def record_of(row: Row) -> EventRecord:
    """(stream, seq, position, at_ms, kind, body) as it goes over the wire."""
    stream, seq, position, at_ms, kind, body = row
    return EventRecord(stream=stream, seq=seq, order=position, at_ms=at_ms, kind=kind, body=body)
