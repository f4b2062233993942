"""The one task that follows what happens and tells those who asked, on every node alike."""

import asyncio
import logging
from collections.abc import Callable
from random import SystemRandom
from typing import Final

from relay_server.engine.bus import Bus, Committed, Wake
from relay_server.engine.fold import FoldRunner
from relay_server.engine.journal import Journal
from relay_server.engine.outages import STORE_OUT, outlast
from relay_server.engine.raw import rows_of
from relay_server.webhooks import hooks, queue
from relay_server.webhooks.hooks import Terms
from relay_server.webhooks.queue import Claimed, Outcome
from relay_server.webhooks.sender import Sender, pause
from shared.protocol.frames import Refused

LOOK_S: Final = 5.0
"""How late another node's news may be heard when the bus loses it."""
_SWEEP_S: Final = 60.0
_ROOM: Final = 16
"""Messages on their way from this node."""
_log = logging.getLogger(__name__)


class Webhooks:
    """Runs until cancelled; what was on its way then is sent again when its lease has run out."""

    def __init__(self, journal: Journal, bus: Bus, terms: Terms, keep_trying_ms: int, clock: Callable[[], int]) -> None:
        self._journal = journal
        self._bus = bus
        self._clock = clock
        self._woken = asyncio.Event()
        self._changed = asyncio.Event()
        self._chance = SystemRandom().random
        self._sending = 0
        self.terms = terms
        self.keep_trying_ms = keep_trying_ms
        self.fold = queue.follow(keep_trying_ms)

    async def run(self) -> None:
        """Everything at once."""
        unsubscribe = self._bus.subscribe(self._hear)
        try:
            async with asyncio.TaskGroup() as tasks, Sender(self.terms) as sender:
                tasks.create_task(outlast("webhooks", self._follow))
                tasks.create_task(outlast("webhooks", self._sweep))
                await outlast("webhooks", lambda: self._deliver(tasks, sender))
        finally:
            unsubscribe()

    async def _follow(self) -> None:
        """While nobody is subscribed nothing is followed, and chat costs nothing here."""
        while not await self._journal.read(lambda sql: bool(hooks.every(rows_of(sql)))):
            await pause(self._changed, LOOK_S)
            self._changed.clear()
        await FoldRunner(self._journal, self._bus, self.fold).run()

    async def _deliver(self, tasks: asyncio.TaskGroup, sender: Sender) -> None:
        while True:
            self._woken.clear()
            claimed = await self._claim()
            for each in claimed:
                self._sending += 1
                tasks.create_task(self._tell(sender, each))
            if not claimed:
                await pause(self._woken, await self._until_due())

    async def _claim(self) -> list[Claimed]:
        room, at_ms = _ROOM - self._sending, self._clock()
        due_ms = await self._journal.read(lambda sql: queue.next_due(rows_of(sql), at_ms))
        if room <= 0 or due_ms is None or due_ms > at_ms:
            return []
        claimed = await self._journal.write(lambda tx: queue.claim(tx, room))
        return [] if isinstance(claimed, Refused) else claimed

    async def _until_due(self) -> float:
        at_ms = self._clock()
        due_ms = await self._journal.read(lambda sql: queue.next_due(rows_of(sql), at_ms))
        if due_ms is None:
            return LOOK_S
        return min(LOOK_S, max((due_ms - at_ms) / 1000, 0.05 if self._sending == 0 else 1.0))

    async def _tell(self, sender: Sender, claimed: Claimed) -> None:
        try:
            outcome = await sender.send(claimed)
            await self._settle(claimed, outcome)
        finally:
            self._sending -= 1
            self._woken.set()

    async def _settle(self, claimed: Claimed, outcome: Outcome) -> None:
        if outcome.error:
            _log.info("webhook %s: %s %d", claimed.hook.webhook_id, outcome.error, outcome.status)
        chance = self._chance()
        try:
            done = await self._journal.write(lambda tx: queue.finish(tx, claimed, outcome, chance))
        except STORE_OUT as error:
            done = error
        if done is not None:
            _log.warning("webhook: an outcome was not stored (%s), the message goes out again", done)

    async def _sweep(self) -> None:
        while True:
            while await self._journal.read(lambda sql: queue.to_sweep(rows_of(sql), self._clock())):
                if isinstance(await self._journal.write(queue.sweep), Refused):
                    break
            await asyncio.sleep(_SWEEP_S)

    def _hear(self, committed: Committed) -> None:
        if any(isinstance(note, Wake) and note.topic == hooks.TOPIC for note in committed.notes):
            self._woken.set()
            self._changed.set()
