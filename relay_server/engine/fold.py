"""A higher room follows what a lower one wrote, from a durable cursor: effects and cursor commit together.

The bus only wakes; after a crash the fold goes on from its cursor, so nothing is handled twice and nothing is missed.
An event whose handling fails is written to `fold_failures` with its error and passed over, so that one bad event does
not stop all later ones; `threeline-relay check` reports such rows.
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from relay_server.engine.bus import Bus, Committed
from relay_server.engine.journal import Journal, Transaction, events_after
from shared.common.errors import PeerBroken
from shared.protocol.codec import UnknownEvent, decode_event
from shared.protocol.frames import Refused
from shared.protocol.messages.base import EventBody
from shared.protocol.messages.conversations import EventRecord

STEP: Final = 100
"""Events handled in one unit of work at most."""
_PAUSE_S: Final = 1.0

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Fold:
    """`handle` sees every event of `kinds` once, in the global order, inside a transaction of its own."""

    name: str
    kinds: frozenset[str]
    handle: Callable[[Transaction, EventRecord, EventBody], None]


class FoldRunner:
    """Runs one fold until cancelled."""

    def __init__(self, journal: Journal, bus: Bus, fold: Fold) -> None:
        self._journal = journal
        self._bus = bus
        self._fold = fold
        self._woken = asyncio.Event()

    async def run(self) -> None:
        """Catches up, then waits for the bus; a store that refuses is asked again after a second."""
        unsubscribe = self._bus.subscribe(self._hear)
        try:
            while True:
                self._woken.clear()
                if await self.catch_up():
                    await self._woken.wait()
                else:
                    await asyncio.sleep(_PAUSE_S)
        finally:
            unsubscribe()

    async def catch_up(self) -> bool:
        """Handles everything committed so far; False when the store refused."""
        while True:
            try:
                handled = await self._journal.write(lambda tx: self._step(tx, STEP))
            except Exception:
                _log.exception("fold %s: a step failed, its events are tried singly", self._fold.name)
                handled = await self._singly()
            if isinstance(handled, Refused):
                return False
            if handled == 0:
                return True

    def _hear(self, committed: Committed) -> None:
        if any(record.kind in self._fold.kinds for record in committed.events):
            self._woken.set()

    async def _singly(self) -> int | Refused:
        for _ in range(STEP):
            try:
                handled = await self._journal.write(lambda tx: self._step(tx, 1))
            except Exception as error:
                _log.exception("fold %s: an event is passed over", self._fold.name)
                reason = f"{type(error).__name__}: {error}"
                handled = await self._journal.write(lambda tx, reason=reason: self._pass_over(tx, reason))
            if isinstance(handled, Refused) or handled == 0:
                return handled
        return STEP

    def _step(self, tx: Transaction, limit: int) -> int:
        records = events_after(tx, self._cursor(tx), limit, self._fold.kinds)
        for record in records:
            event = decode_event(record)
            if isinstance(event, UnknownEvent):
                raise PeerBroken(f"no words for {record.kind}")
            self._fold.handle(tx, record, event)
        if records:
            self._advance(tx, records[-1].order)
        return len(records)

    def _pass_over(self, tx: Transaction, reason: str) -> int:
        records = events_after(tx, self._cursor(tx), 1, self._fold.kinds)
        for record in records:
            tx.run(
                "INSERT INTO fold_failures (name, position, at_ms, error) VALUES (?,?,?,?)",
                (self._fold.name, record.order, tx.now_ms, reason[:500]),
            )
            self._advance(tx, record.order)
        return len(records)

    def _cursor(self, tx: Transaction) -> int:
        row = tx.row("SELECT position FROM fold_cursors WHERE name = ?", (self._fold.name,))
        return row[0] if row else 0

    def _advance(self, tx: Transaction, position: int) -> None:
        tx.run(
            "INSERT INTO fold_cursors (name, position) VALUES (?,?)"
            " ON CONFLICT (name) DO UPDATE SET position = excluded.position",
            (self._fold.name, position),
        )
