"""The embedded engine: one file beside the relay."""

import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from shared.protocol.messages.conversations import EventRecord
from tests.crash.history import Standing, Store

Row = Sequence[Any]
EVENTS: Final = (
    "SELECT s.name, e.seq, e.position, e.at_ms, e.kind, e.body FROM events e JOIN streams s ON s.id = e.stream_id"
    " ORDER BY e.position"
)
STANDINGS: Final = "SELECT id, state, owner_id, offered_to FROM conversations ORDER BY key"
CAPACITY: Final = "SELECT id, max_units FROM agents"


@dataclass(frozen=True, slots=True)
class SqliteEngine:
    """Dies and freezes with the relay, because it is in it."""

    file: Path
    services: None = None

    async def store(self) -> Store:
        """Reads the file beside the relay, on one snapshot."""
        with closing(sqlite3.connect(self.file, isolation_level=None)) as db:
            db.execute("PRAGMA query_only = ON")
            db.execute("BEGIN")
            return read(*(db.execute(each).fetchall() for each in (EVENTS, STANDINGS, CAPACITY)))


def read(events: Iterable[Row], standings: Iterable[Row], capacity: Iterable[Row]) -> Store:
    """What came for the three statements, on one snapshot."""
    return Store(
        tuple(
            EventRecord(stream=row[0], seq=row[1], order=row[2], at_ms=row[3], kind=row[4], body=row[5])
            for row in events
        ),
        tuple(Standing(*row) for row in standings),
        {row[0]: row[1] for row in capacity},
    )
