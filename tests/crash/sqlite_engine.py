"""The embedded engine: one file beside the relay."""

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from shared.protocol.messages.conversations import EventRecord
from tests.crash.history import Standing, Store
from tests.crash.plan import KINDS

_EVENTS = (
    "SELECT s.name, e.seq, e.position, e.at_ms, e.kind, e.body FROM events e JOIN streams s ON s.id = e.stream_id"
    " ORDER BY e.position"
)


@dataclass(frozen=True, slots=True)
class SqliteEngine:
    """Dies and freezes with the relay, because it is in it."""

    file: Path

    @property
    def settings(self) -> tuple[str, ...]:
        """None: it is what a relay has when nothing is said."""
        return ()

    @property
    def blows(self) -> frozenset[str]:
        """All that hit a process and its disk."""
        return frozenset(KINDS)

    async def store(self) -> Store:
        """Reads the file beside the relay, on one snapshot."""
        with closing(sqlite3.connect(self.file, isolation_level=None)) as db:
            db.execute("PRAGMA query_only = ON")
            db.execute("BEGIN")
            events = tuple(
                EventRecord(stream=row[0], seq=row[1], order=row[2], at_ms=row[3], kind=row[4], body=row[5])
                for row in db.execute(_EVENTS)
            )
            rows = db.execute("SELECT id, state, owner_id, offered_to FROM conversations ORDER BY key").fetchall()
            capacity = dict(db.execute("SELECT id, max_units FROM agents").fetchall())
        return Store(events, tuple(Standing(*row) for row in rows), capacity)
