"""Reading streams inside a unit of work, so that what is read and that it was read commit together."""

from collections.abc import Sequence
from typing import Final

from relay_server.engine.journal import record_of
from relay_server.engine.portable import in_list
from relay_server.engine.raw import Rows
from shared.protocol.messages.conversations import EventRecord

_SELECT: Final = (
    "SELECT s.name, e.seq, e.position, e.at_ms, e.kind, e.body FROM events e JOIN streams s ON s.id = e.stream_id"
    " WHERE s.name = ? AND e.seq > ?"
)


def events_of(rows: Rows, stream: str, kinds: Sequence[str], after: int, limit: int) -> list[EventRecord]:
    """Events of some kinds (all, when none are named) of one stream after a `seq`, oldest first."""
    chosen: tuple[tuple[str, ...], ...] = (tuple(kinds),) if kinds else ()
    where = " AND e.kind IN ? ORDER BY e.seq LIMIT ?" if kinds else " ORDER BY e.seq LIMIT ?"
    return [record_of(row) for row in rows(*in_list(_SELECT + where, stream, after, *chosen, limit))]


def newest_position(rows: Rows) -> int:
    """The place of the newest event in the global order; 0 for an empty store."""
    return rows("SELECT coalesce(max(position), 0) FROM events", ())[0][0]
