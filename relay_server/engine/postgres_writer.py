"""The writer's connection to PostgreSQL, as units of work use it: plain calls that wait inside a greenlet.

A savepoint is made only once a unit of work is about to write, and events are written only once somebody reads events:
each is a round trip to the server, and most units of work need neither of their own.
"""

import re
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, TypeVar

import asyncpg
from sqlalchemy import Connection
from sqlalchemy.util import await_

from relay_server.engine.bus import Note
from relay_server.engine.journal import Row
from relay_server.engine.portable import numbered
from relay_server.engine.postgres_link import BEGIN_IN_TURN, STATEMENTS, is_away
from relay_server.engine.postgres_streams import Mark, Streams
from relay_server.engine.raw import ROWS
from shared.protocol.messages.base import EventBody
from shared.protocol.messages.conversations import EventRecord

T = TypeVar("T")
_READS: Final = re.compile(r"\s*SELECT\b", re.IGNORECASE)
_EVENTS: Final = re.compile(r"\bevents\b", re.IGNORECASE)
_NEXT_SAVEPOINT: Final = "RELEASE SAVEPOINT work; SAVEPOINT work"


class GroupLost(Exception):
    """The whole group was rolled back; each unit of work is tried again on its own."""


@dataclass(frozen=True, slots=True)
class _Plan:
    """A statement as PostgreSQL wants it, and what must be in place before it runs."""

    text: str
    writes: bool
    sees_events: bool


@lru_cache(maxsize=4096)
def _plan(statement: str) -> _Plan:
    return _Plan(numbered(statement), _READS.match(statement) is None, _EVENTS.search(statement) is not None)


class Writer:
    """One connection, one group at a time. All of it runs inside `greenlet_spawn`."""

    def __init__(self, db: asyncpg.Connection) -> None:
        self._db = db
        self._prepared: dict[str, asyncpg.PreparedStatement] = {}
        self._marked = False
        self._savepoints = False
        self._failed = False
        self._gone = False
        self.streams = Streams(self._ask)

    def attach(self, sql: Connection) -> None:
        """The Core side of the same connection."""
        sql.info[ROWS] = self.rows

    def begin_group(self) -> None:
        """Waits for the cluster's one turn to write."""
        self._marked = self._savepoints = False
        self._wait(self._db.execute(BEGIN_IN_TURN))
        newest = self._fetch("SELECT coalesce(max(position), 0) FROM events", ())
        self.streams.begin_group(newest[0][0])

    def finish_group(self) -> None:
        """Writes what is left to write; the commit follows."""
        self._marked = True  # whatever fails from here on takes the group with it
        if self.streams.unwritten:
            self.streams.write()

    def begin_work(self) -> Mark:
        """A unit of work begins; returns what `take_back` wants."""
        self._marked = self._failed = False
        return self.streams.begin_work()

    def take_back(self, mark: Mark) -> None:
        """The unit of work is undone. Raises GroupLost when that cannot be done alone."""
        self.streams.take_back(mark)
        if self._marked:
            self._wait(self._db.execute("ROLLBACK TO SAVEPOINT work"))
            self._marked = False
        elif self._failed:
            raise GroupLost

    def before_core(self) -> None:
        """Core is about to run a statement that we know nothing of."""
        self._mark()
        if self.streams.unwritten:
            self.streams.write()

    def rows(self, statement: str, parameters: Sequence[object] = ()) -> list[Row]:
        """All rows of a raw statement."""
        return [tuple(row) for row in self._ask(statement, parameters)]

    def run(self, statement: str, parameters: Sequence[object] = ()) -> int:
        """Carries out a raw statement; how many rows it changed."""
        self._ask(statement, parameters)
        told = self._prepared[_plan(statement).text].get_statusmsg().rpartition(" ")[2]
        return int(told) if told.isdecimal() else 0

    @property
    def gone(self) -> bool:
        """Whether the connection is of no more use."""
        return self._gone or self._db.is_closed()

    def _ask(self, statement: str, parameters: Sequence[object]) -> list[asyncpg.Record]:
        plan = _plan(statement)
        if plan.writes:
            self._mark()
        elif plan.sees_events and self.streams.unwritten:
            self._mark()
            self.streams.write()
        return self._fetch(plan.text, parameters)

    def _fetch(self, text: str, parameters: Sequence[object]) -> list[asyncpg.Record]:
        prepared = self._prepared.get(text)
        if prepared is None:
            if len(self._prepared) >= STATEMENTS:
                self._prepared.clear()
            prepared = self._prepared[text] = self._wait(self._db.prepare(text))
        return self._wait(prepared.fetch(*parameters))

    def _mark(self) -> None:
        """A savepoint for this unit of work; the one before it is not needed any more."""
        if not self._marked:
            self._wait(self._db.execute(_NEXT_SAVEPOINT if self._savepoints else "SAVEPOINT work"))
            self._marked = self._savepoints = True

    def _wait(self, work: Awaitable[T]) -> T:
        try:
            return await_(work)
        except Exception as error:
            self._failed = True
            self._gone = self._gone or is_away(error)
            raise


class PostgresTransaction:
    """One unit of work on the writer's connection."""

    __slots__ = ("_writer", "events", "notes", "now_ms", "sql")

    def __init__(self, writer: Writer, sql: Connection, at_ms: int) -> None:
        self._writer = writer
        self.sql = sql
        self.now_ms = at_ms
        self.events: list[EventRecord] = []
        self.notes: list[Note] = []

    def row(self, statement: str, parameters: Sequence[Any] = ()) -> Row | None:
        """The first row of a raw statement."""
        found = self._writer.rows(statement, parameters)
        return found[0] if found else None

    def rows(self, statement: str, parameters: Sequence[Any] = ()) -> list[Row]:
        """All rows of a raw statement."""
        return self._writer.rows(statement, parameters)

    def run(self, statement: str, parameters: Sequence[Any] = ()) -> int:
        """Carries out a raw statement; how many rows it changed."""
        return self._writer.run(statement, parameters)

    def append(self, stream: str, event: EventBody) -> EventRecord:
        """Puts an event at the end of a stream."""
        record = self._writer.streams.append(stream, event, self.now_ms)
        self.events.append(record)
        return record

    def append_all(self, events: Sequence[tuple[str, EventBody]]) -> list[EventRecord]:
        """Puts each event at the end of its stream; they are written many at a time anyhow."""
        self._writer.streams.find_all({stream for stream, _ in events})
        return [self.append(stream, event) for stream, event in events]

    def head(self, stream: str) -> int:
        """The stream's newest `seq`."""
        return self._writer.streams.head(stream)

    def after_commit(self, note: Note) -> None:
        """Tells the bus once this is durable."""
        self.notes.append(note)
