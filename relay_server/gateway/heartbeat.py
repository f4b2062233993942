"""Once a second: pings with the heads of what each link follows, and an end for links that do not answer."""

import asyncio
import logging
from typing import Final

from relay_server.engine.journal import Journal
from relay_server.engine.outages import STORE_OUT
from relay_server.gateway.connection import Connection
from relay_server.gateway.connections import Connections
from shared.common.clock import now_ms
from shared.protocol import codec, frames

SILENT_PINGS: Final = 3
CLOSING_S: Final = 2.0
LOOK_S: Final = 1.0
_log = logging.getLogger(__name__)


class Heartbeat:
    """Runs until cancelled. Nobody is silent while this process stands still: what came meanwhile is read first."""

    def __init__(self, connections: Connections, journal: Journal, ping_s: float) -> None:
        self._connections = connections
        self._journal = journal
        self._ping_s = ping_s
        self._looked_s = 0.0

    async def run(self) -> None:
        """One look a second."""
        loop = asyncio.get_running_loop()
        self._looked_s = loop.time()
        while True:
            await asyncio.sleep(LOOK_S)
            try:
                await self.look(loop.time())
            except STORE_OUT as error:
                _log.warning("pings wait for the store: %s", error)
            except Exception:
                _log.exception("a heartbeat was missed")

    async def look(self, now_s: float) -> None:
        """Aborts dead links, pings those whose time has come and those that may not have been told something."""
        due: list[Connection] = []
        stood_s = now_s - self._looked_s - LOOK_S
        self._looked_s = now_s
        if stood_s > LOOK_S:
            for link in self._connections.all:
                link.heard_s = min(now_s, link.heard_s + stood_s)
        behind, self._connections.behind = self._connections.behind, set()
        for link in list(self._connections.all):
            if self._is_dead(link, now_s):
                link.abort()
            elif now_s - link.pinged_s >= self._ping_s or _concerned(link, behind):
                link.pinged_s = now_s
                due.append(link)
        if due:
            await self._ping(due)

    def _is_dead(self, link: Connection, now_s: float) -> bool:
        if link.close_code:
            return now_s - link.closing_since_s > CLOSING_S
        return now_s - link.heard_s > SILENT_PINGS * self._ping_s

    async def _ping(self, due: list[Connection]) -> None:
        followed = {stream for link in due for stream in link.following}
        heads = await self._journal.heads(followed)
        at_ms = now_ms()
        for link in due:
            mine = {stream: heads[stream] for stream in link.following if stream in heads}
            ping = frames.Ping(heads=mine, at_ms=at_ms)
            link.send(codec.encode_to_agent(ping) if link.is_agent else codec.encode_to_customer(ping))


def _concerned(link: Connection, behind: set[str]) -> bool:
    return bool(behind) and bool(link.following) and ("" in behind or not behind.isdisjoint(link.following))
