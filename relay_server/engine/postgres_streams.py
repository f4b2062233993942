"""Appending to streams in PostgreSQL: events get their places in memory and are written many at a time.

Whoever writes holds the cluster's one turn, so the next `position` and each stream's next `seq` are known without
asking. An event is written when somebody in its group is about to read events, or at the group's end, with all the
others in one statement. When a unit of work or a group is rolled back, so are the counts.
"""

from collections.abc import Callable, Collection, Sequence
from typing import Any, Final

from relay_server.engine.journal import Row
from shared.protocol.codec import encode_event, kind_of
from shared.protocol.messages.base import EventBody
from shared.protocol.messages.conversations import EventRecord

_KNOWN_AT_MOST: Final = 50_000
_FIND: Final = (
    "SELECT s.id, (SELECT coalesce(max(e.seq), 0) FROM events e WHERE e.stream_id = s.id) FROM streams s"
    " WHERE s.name = ?"
)
_FIND_ALL: Final = (
    "SELECT s.name, s.id, (SELECT coalesce(max(e.seq), 0) FROM events e WHERE e.stream_id = s.id) FROM streams s"
    " WHERE s.name = ANY(?::text[])"
)
_MAKE_ALL: Final = "INSERT INTO streams (name) SELECT unnest(?::text[]) RETURNING name, id"
_INSERT: Final = (
    "INSERT INTO events (position, stream_id, seq, at_ms, kind, body) SELECT * FROM"
    " unnest(?::bigint[], ?::bigint[], ?::bigint[], ?::bigint[], ?::text[], ?::text[])"
)

Ask = Callable[[str, Sequence[object]], Sequence[Sequence[Any]]]
"""Carries out a statement with `?` parameters and returns its rows."""
Mark = tuple[int, int, int]


class Streams:
    """The heads of streams and the global order, as the writer's open transaction sees them."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self._known: dict[str, tuple[int, int]] = {}
        self._undo: list[tuple[str, tuple[int, int] | None]] = []
        self._events: list[Row] = []
        self._written = 0
        self._position = -1

    def begin_group(self, position: int) -> None:
        """It is our turn and the newest event of all has this position: when it is not ours, others were here."""
        if position != self._position or len(self._known) > _KNOWN_AT_MOST:
            self._known.clear()
        self._position = position
        self._events.clear()
        self._written = 0

    def forget(self) -> None:
        """Nothing remembered is true any more: the group was rolled back."""
        self._known.clear()
        self._events.clear()
        self._written, self._position = 0, -1

    def begin_work(self) -> Mark:
        """From here on appends can be taken back; returns the mark that `take_back` wants."""
        self._undo.clear()
        return self._position, len(self._events), self._written

    def take_back(self, mark: Mark) -> None:
        """The unit of work was rolled back, and with it whatever it made us write."""
        self._position, count, self._written = mark
        del self._events[count:]
        for name, before in reversed(self._undo):
            if before is None:
                self._known.pop(name, None)
            else:
                self._known[name] = before
        self._undo.clear()

    @property
    def unwritten(self) -> bool:
        """Whether events wait for `write`."""
        return self._written < len(self._events)

    def write(self) -> None:
        """Writes what waits."""
        columns = zip(*self._events[self._written :], strict=True)
        self._ask(_INSERT, [list(column) for column in columns])
        self._written = len(self._events)

    def head(self, stream: str) -> int:
        """The stream's newest `seq`; 0 for none."""
        found = self._find(stream)
        return found[1] if found else 0

    def find_all(self, names: Collection[str]) -> None:
        """Many streams at once: knows them afterwards, and makes those that are new."""
        names = [name for name in names if name not in self._known]
        if len(names) < 2:
            return
        for name, stream_id, head in self._ask(_FIND_ALL, (names,)):
            self._known[name] = (stream_id, head)
        new = [name for name in names if name not in self._known]
        for name, stream_id in self._ask(_MAKE_ALL, (new,)) if new else ():
            self._undo.append((name, None))
            self._known[name] = (stream_id, 0)

    def append(self, stream: str, event: EventBody, at_ms: int) -> EventRecord:
        """Puts an event at the end of a stream."""
        found = self._find(stream)
        stream_id, head = found or (self._make(stream), 0)
        seq, position = head + 1, self._position + 1
        kind, body = kind_of(event), encode_event(event)
        self._events.append((position, stream_id, seq, at_ms, kind, body))
        self._undo.append((stream, found))
        self._known[stream] = (stream_id, seq)
        self._position = position
        return EventRecord(stream=stream, seq=seq, order=position, at_ms=at_ms, kind=kind, body=body)

    def _find(self, stream: str) -> tuple[int, int] | None:
        known = self._known.get(stream)
        if known is not None:
            return known
        found = self._ask(_FIND, (stream,))
        if not found:
            return None
        known = self._known[stream] = (found[0][0], found[0][1])
        return known

    def _make(self, stream: str) -> int:
        made: int = self._ask("INSERT INTO streams (name) VALUES (?) RETURNING id", (stream,))[0][0]
        return made
