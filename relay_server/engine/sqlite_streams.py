"""Appending to streams in SQLite: what the writer knows of their heads, kept in step with savepoints.

A head is read once and then counted in memory. When a unit of work or a whole group is rolled back, so are the counts.
"""

import sqlite3
from collections.abc import Collection, Sequence
from typing import Final

from relay_server.engine.journal import PAGE, Row, page_of
from relay_server.engine.raw import read_rows, write_rows
from shared.protocol.codec import encode_event, kind_of
from shared.protocol.messages.base import EventBody
from shared.protocol.messages.conversations import EventRecord, StreamPage

_KNOWN_AT_MOST: Final = 50_000
_FIND: Final = (
    "SELECT s.name, s.id, (SELECT coalesce(max(e.seq), 0) FROM events e WHERE e.stream_id = s.id) FROM streams s"
    " WHERE s.name IN (",
    "?",
    ")",
)
_MAKE: Final = ("INSERT INTO streams (name) VALUES ", "(?)", " RETURNING name, id")
_APPEND: Final = ("INSERT INTO events (position, stream_id, seq, at_ms, kind, body) VALUES ", "(?,?,?,?,?,?)", "")


class Streams:
    """The heads of streams and the global order, as the writer's open transaction sees them."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._known: dict[str, tuple[int, int]] = {}
        self._undo: list[tuple[str, tuple[int, int] | None]] = []
        self._position = 0
        self._version = -1

    def begin_group(self) -> None:
        """Forgets what another process may have changed since the last group; bounds what is remembered."""
        version: int = self._db.execute("PRAGMA data_version").fetchone()[0]
        if version != self._version or len(self._known) > _KNOWN_AT_MOST:
            self._version = version
            self.forget()

    def forget(self) -> None:
        """Nothing remembered is true any more: the group was rolled back."""
        self._known.clear()
        self._undo.clear()
        self._position = self._db.execute("SELECT coalesce(max(position), 0) FROM events").fetchone()[0]

    def begin_work(self) -> int:
        """From here on appends can be taken back; returns the mark that `take_back` wants."""
        self._undo.clear()
        return self._position

    def take_back(self, position: int) -> None:
        """The unit of work was rolled back."""
        self._position = position
        for name, before in reversed(self._undo):
            if before is None:
                self._known.pop(name, None)
            else:
                self._known[name] = before
        self._undo.clear()

    def head(self, stream: str) -> int:
        """The stream's newest `seq`; 0 for none."""
        found = self._find(stream)
        return found[1] if found else 0

    def append(self, stream: str, event: EventBody, at_ms: int) -> EventRecord:
        """Puts an event at the end of a stream."""
        return self.append_all([(stream, event)], at_ms)[0]

    def append_all(self, events: Sequence[tuple[str, EventBody]], at_ms: int) -> list[EventRecord]:
        """Puts each event at the end of its stream; many rows to a statement."""
        self._find_all({stream for stream, _ in events if stream not in self._known})
        rows: list[Row] = []
        records: list[EventRecord] = []
        for stream, event in events:
            found = self._find(stream)
            stream_id, head = found or (self._make(stream), 0)
            seq, position = head + 1, self._position + 1
            kind, body = kind_of(event), encode_event(event)
            rows.append((position, stream_id, seq, at_ms, kind, body))
            records.append(EventRecord(stream=stream, seq=seq, order=position, at_ms=at_ms, kind=kind, body=body))
            self._undo.append((stream, found))
            self._known[stream] = (stream_id, seq)
            self._position = position
        write_rows(self._run, _APPEND, rows)
        return records

    def _find_all(self, names: Collection[str]) -> None:
        """Many streams at once: knows them afterwards, and makes those that are new."""
        if len(names) < 2:
            return
        for name, stream_id, head in read_rows(self._rows, _FIND, [(name,) for name in names]):
            self._known[name] = (stream_id, head)
        for name, stream_id in read_rows(self._rows, _MAKE, [(name,) for name in names if name not in self._known]):
            self._undo.append((name, None))
            self._known[name] = (stream_id, 0)

    def _rows(self, statement: str, parameters: Sequence[object]) -> list[Row]:
        return self._db.execute(statement, parameters).fetchall()

    def _run(self, statement: str, parameters: Sequence[object]) -> int:
        return self._db.execute(statement, parameters).rowcount

    def _find(self, stream: str) -> tuple[int, int] | None:
        known = self._known.get(stream)
        if known is not None:
            return known
        row: Row | None = self._db.execute("SELECT id FROM streams WHERE name = ?", (stream,)).fetchone()
        if row is None:
            return None
        head: int = self._db.execute(
            "SELECT coalesce(max(seq), 0) FROM events WHERE stream_id = ?", (row[0],)
        ).fetchone()[0]
        self._known[stream] = (row[0], head)
        return row[0], head

    def _make(self, stream: str) -> int:
        made: int = self._db.execute("INSERT INTO streams (name) VALUES (?) RETURNING id", (stream,)).fetchone()[0]
        return made


def read_page(db: sqlite3.Connection, stream: str, after: int, limit: int) -> StreamPage:
    """The events of a stream after `after`, oldest first, at most `PAGE` and what fits a frame."""
    row = db.execute("SELECT id FROM streams WHERE name = ?", (stream,)).fetchone()
    if row is None:
        return StreamPage(stream=stream, events=(), head=0)
    head: int = db.execute("SELECT coalesce(max(seq), 0) FROM events WHERE stream_id = ?", row).fetchone()[0]
    found: list[Row] = db.execute(
        "SELECT ?, seq, position, at_ms, kind, body FROM events WHERE stream_id = ? AND seq > ? ORDER BY seq LIMIT ?",
        (stream, row[0], after, min(max(limit, 1), PAGE)),
    ).fetchall()
    return page_of(stream, found, head)


def read_heads(db: sqlite3.Connection, streams: list[str]) -> dict[str, int]:
    """The newest `seq` of each stream that has events."""
    heads: dict[str, int] = {}
    for name in streams:
        row: Row = db.execute(
            "SELECT max(seq) FROM events WHERE stream_id = (SELECT id FROM streams WHERE name = ?)", (name,)
        ).fetchone()
        if row[0] is not None:
            heads[name] = row[0]
    return heads
