"""Keeps this node's lease, declares others dead whose beat stands still, and lets go of what dead nodes held.

Time is this process's own, and only as it could look: after a store that did not answer, or a process that stood
still, the others are watched anew before anybody is judged.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, Protocol

from relay_server.engine import leases
from relay_server.engine.bus import NODE_LOST, Bus, Committed, Wake
from relay_server.engine.journal import Journal
from relay_server.engine.leases import Node
from relay_server.engine.raw import rows_of
from relay_server.routing.attendance import RELEASED
from relay_server.routing.service import Routing
from shared.protocol.frames import Refused

BEATS: Final = 4
"""In one lease."""
_log = logging.getLogger(__name__)


class Told(Protocol):
    """Told when the lease is lost and when it is held again."""

    def __call__(self, *, held: bool) -> None: ...


@dataclass(frozen=True, slots=True)
class _Seen:
    beat: int
    since_s: float


class Lease:
    """`told` hears whether this node may hold links: when it may not, it ends them and takes none."""

    def __init__(
        self,
        journal: Journal,
        bus: Bus,
        routing: Routing,
        lease_s: float,
        told: Told,
        *,
        alone: bool,
    ) -> None:
        self._journal = journal
        self._bus = bus
        self._routing = routing
        self._lease_s = lease_s
        self._told = told
        self._alone = alone
        self._seen: dict[str, _Seen] = {}
        self._kept_s = 0.0
        self._held = True

    async def run(self) -> None:
        """Looks a few times a lease until cancelled."""
        loop = asyncio.get_running_loop()
        self._kept_s = loop.time()
        while True:
            await asyncio.sleep(self._lease_s / BEATS)
            await self.look(loop.time())

    async def look(self, now_s: float) -> None:
        """One beat, one look at the others."""
        kept = await self._beat() if self._held else await self._begin_anew()
        if kept is None:
            self._seen.clear()
            if self._held and not self._alone and now_s - self._kept_s >= self._lease_s:
                self._lose("the store has not answered for a lease")
        elif not kept:
            self._lose("others have declared this node dead")
            await self._begin_anew()
        else:
            self._kept_s = now_s
            await self._sweep(now_s)

    async def _beat(self) -> bool | None:
        """None when the store did not answer."""
        node_id = self._routing.node.node_id
        return await self._ask(lambda: self._journal.write(lambda tx: leases.beat(tx, node_id)))

    async def _begin_anew(self) -> bool | None:
        begun = await self._ask(self._routing.begin)
        if begun:
            self._held = True
            self._told(held=True)
            _log.warning("this node begins anew as %s", self._routing.node.node_id)
        return begun

    def _lose(self, why: str) -> None:
        _log.error("this node's lease is lost: %s; its links are ended", why)
        self._held = False
        self._seen.clear()
        self._told(held=False)

    async def _ask(self, work: Callable[[], Awaitable[bool | Refused]]) -> bool | None:
        try:
            async with asyncio.timeout(self._lease_s / BEATS):
                answer = await work()
        except Exception as error:
            _log.warning("the lease could not be renewed: %s", type(error).__name__)
            return None
        return None if isinstance(answer, Refused) else answer

    async def _sweep(self, now_s: float) -> None:
        try:
            async with asyncio.timeout(self._lease_s):
                for node in self._silent(await self._journal.read(lambda sql: leases.nodes(rows_of(sql))), now_s):
                    await self._declare(node)
                while await self._routing.release() == RELEASED:
                    continue
        except Exception:
            _log.exception("the other nodes could not be looked at")

    def _silent(self, found: list[Node], now_s: float) -> list[Node]:
        others = [node for node in found if not node.dead_ms and node.node_id != self._routing.node.node_id]
        before, self._seen = self._seen, {}
        for node in others:
            seen = before.get(node.node_id)
            known = seen is not None and seen.beat == node.beat
            self._seen[node.node_id] = seen if seen and known else _Seen(node.beat, now_s)
        return [node for node in others if now_s - self._seen[node.node_id].since_s >= self._lease_s]

    async def _declare(self, node: Node) -> None:
        if await self._journal.write(lambda tx: leases.declare_dead(tx, node)) is True:
            _log.error("node %s on %s is declared dead", node.node_id, node.host)
            self._bus.publish(Committed(notes=(Wake(NODE_LOST, node.node_id, everywhere=True),)))
