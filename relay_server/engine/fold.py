"""A higher room follows what a lower one wrote, from a durable cursor: effects and cursor commit together.

The bus only wakes; after a crash the fold goes on from its cursor, so nothing is handled twice and nothing is missed.
An event whose handling fails is written to `fold_failures` with its error and passed over, so that one bad event does
not stop all later ones; `threeline-relay check` reports such rows.
"""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from relay_server.engine.bus import NODE_LOST, Bus, Committed, Wake
from relay_server.engine.journal import Journal, Transaction, record_of
from relay_server.engine.outages import STORE_OUT
from shared.common.errors import PeerBroken
from shared.protocol.codec import UnknownEvent, decode_event
from shared.protocol.frames import Refused
from shared.protocol.messages.base import EventBody
from shared.protocol.messages.conversations import EventRecord

STEP: Final = 100
"""Events handled in one unit of work at most."""
WINDOW: Final = 10_000
"""Events looked at in one unit of work at most, so that a cursor far behind holds nobody up."""
_PAUSE_S: Final = 1.0
BREATH_S: Final = 0.05
"""Between two looks: every look has a commit of its own, for which lines of chat would wait."""
_LONGEST_S: Final = 30.0
"""Between two looks at all: another node may have committed something and be gone."""

_NEXT: Final = (
    "SELECT s.name, e.seq, e.position, e.at_ms, e.kind, e.body FROM events e JOIN streams s ON s.id = e.stream_id"
    " WHERE e.position > ? AND e.position <= ?"
)

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Fold:
    """`handle` sees every event of `kinds` once, in the global order, inside a transaction of its own.

    `heeds` is a condition in SQL on an event `e` of a stream `s`, as things stand after all earlier events were
    handled: what it leaves out is passed over without being read, which is what most lines of chat are.
    """

    name: str
    kinds: frozenset[str]
    handle: Callable[[Transaction, EventRecord, EventBody], None]
    heeds: str = "1 = 1"


class FoldRunner:
    """Runs one fold until cancelled."""

    def __init__(self, journal: Journal, bus: Bus, fold: Fold) -> None:
        self._journal = journal
        self._bus = bus
        self._fold = fold
        self._woken = asyncio.Event()
        kinds = ",".join("?" * len(fold.kinds))
        self._query = _NEXT + f" AND e.kind IN ({kinds}) AND ({fold.heeds}) ORDER BY e.position LIMIT 1"

    async def run(self) -> None:
        """Catches up, then waits for the bus; a store that refuses is asked again after a second at most."""
        unsubscribe = self._bus.subscribe(self._hear)
        try:
            while True:
                self._woken.clear()
                caught_up = await self.catch_up()
                await asyncio.sleep(BREATH_S)
                await self._rest(_LONGEST_S if caught_up else _PAUSE_S)
        finally:
            unsubscribe()

    async def catch_up(self) -> bool:
        """Handles everything committed so far; False when the store refused. Raises LinkLost: no event's fault."""
        while True:
            try:
                handled = await self._journal.write(lambda tx: self._step(tx, STEP))
            except STORE_OUT:
                raise
            except Exception:
                _log.exception("fold %s: a step failed, its events are tried singly", self._fold.name)
                handled = await self._singly()
            if isinstance(handled, Refused):
                return False
            if handled == 0:
                return True

    async def _rest(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._woken.wait()

    def _hear(self, committed: Committed) -> None:
        if not committed.here:  # the node that committed it folds it
            if any(isinstance(note, Wake) and note.topic == NODE_LOST for note in committed.notes):
                self._woken.set()
        elif any(record.kind in self._fold.kinds for record in committed.events):
            self._woken.set()

    async def _singly(self) -> int | Refused:
        for _ in range(STEP):
            try:
                handled = await self._journal.write(lambda tx: self._step(tx, 1))
            except STORE_OUT:
                raise
            except Exception as error:
                _log.exception("fold %s: an event is passed over", self._fold.name)
                reason = f"{type(error).__name__}: {error}"
                handled = await self._journal.write(lambda tx, reason=reason: self._pass_over(tx, reason))
            if isinstance(handled, Refused) or handled == 0:
                return handled
        return STEP

    def _step(self, tx: Transaction, limit: int) -> int:
        """How far the cursor went."""
        begun = position = self._cursor(tx)
        end = min(begun + WINDOW, tx.rows("SELECT coalesce(max(position), 0) FROM events")[0][0])
        for _ in range(limit):
            record = self._next(tx, position, end)
            if record is None:
                position = end
                break
            event = decode_event(record)
            if isinstance(event, UnknownEvent):
                raise PeerBroken(f"no words for {record.kind}: {event.problem or 'unknown'}")
            self._fold.handle(tx, record, event)
            position = record.order
        if position > begun:
            self._advance(tx, position)
        return position - begun

    def _pass_over(self, tx: Transaction, reason: str) -> int:
        begun = self._cursor(tx)
        record = self._next(tx, begun, begun + WINDOW)
        if record is None:
            return 0
        tx.run(
            "INSERT INTO fold_failures (name, position, at_ms, error) VALUES (?,?,?,?)",
            (self._fold.name, record.order, tx.now_ms, reason[:500]),
        )
        self._advance(tx, record.order)
        return record.order - begun

    def _next(self, tx: Transaction, after: int, end: int) -> EventRecord | None:
        """One at a time: handling an event may change what is heeded of the next ones."""
        found = tx.row(self._query, (after, end, *sorted(self._fold.kinds)))
        return record_of(found) if found else None

    def _cursor(self, tx: Transaction) -> int:
        row = tx.row("SELECT position FROM fold_cursors WHERE name = ?", (self._fold.name,))
        return row[0] if row else 0

    def _advance(self, tx: Transaction, position: int) -> None:
        tx.run(
            "INSERT INTO fold_cursors (name, position) VALUES (?,?)"
            " ON CONFLICT (name) DO UPDATE SET position = excluded.position",
            (self._fold.name, position),
        )
