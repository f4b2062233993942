"""Open links follow rights: when a sign-in ends or an agent's groups, roles or ties change, their links learn it.

A link whose sign-in has ended is closed for good. One whose agent has other groups or roles now is closed for a resync:
it comes back by its token as who the agent is now, and follows again what it still may. A tie to one conversation that
is gone takes away the streams of that conversation alone.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Final

from relay_server.engine.bus import LOOK, Committed, Wake
from relay_server.engine.journal import Journal
from relay_server.engine.outages import STORE_OUT
from relay_server.engine.raw import rows_of
from relay_server.gateway.connection import RESYNC, SIGNED_OUT, Connection
from relay_server.gateway.connections import Connections
from relay_server.identity import rights
from relay_server.identity.actors import Actor, AgentActor
from relay_server.identity.service import Identity

LOOK_S: Final = 1.0
"""How late a change made by another process is seen without a bus that tells of it."""
UNTYING: Final = frozenset({"participant_left", "offer_ended"})
"""Events after which somebody may be tied to a conversation no more."""
_log = logging.getLogger(__name__)

MayFollow = Callable[[Actor, str], Awaitable[bool]]


class Rights:
    """`run` looks for changes; `hear` listens to the bus of this process."""

    def __init__(self, journal: Journal, identity: Identity, connections: Connections, may_follow: MayFollow) -> None:
        self._journal = journal
        self._identity = identity
        self._connections = connections
        self._may_follow = may_follow
        self._look = asyncio.Event()
        self._untied: dict[str, None] = {}

    def hear(self, committed: Committed) -> None:
        """Listener of the bus."""
        for note in committed.notes:
            if isinstance(note, Wake) and note.topic == rights.RIGHTS_CHANGED:
                self._look.set()
            elif isinstance(note, Wake) and note.topic == LOOK:
                self._recheck(note.key)
        for record in committed.events:
            if record.kind in UNTYING:
                self._recheck(record.stream)

    def _recheck(self, stream: str) -> None:
        """Everybody who follows the conversation of this stream, or any when it is empty (some were not told)."""
        self._untied[stream.split("/")[1] if stream else ""] = None
        self._look.set()

    async def run(self) -> None:
        """Until cancelled."""
        place: int | None = None
        self._look.set()
        while True:
            try:
                async with asyncio.timeout(LOOK_S):
                    await self._look.wait()
            except TimeoutError:
                pass
            self._look.clear()
            try:
                place = await (self._begin() if place is None else self._follow_changes(place))
                await self._untie()
            except STORE_OUT as error:
                _log.warning("changes of rights wait for the store: %s", error)
                await asyncio.sleep(LOOK_S)
            except Exception:
                _log.exception("changes of rights could not be looked at")
                await asyncio.sleep(LOOK_S)

    async def check(self, link: Connection) -> None:
        """Ends a link whose agent is not any more who signed in on it."""
        if not isinstance(link.actor, AgentActor):
            return
        standing = await self._identity.standing(link.actor)
        if standing == "ended":
            link.end_politely(SIGNED_OUT)
        elif standing == "changed":
            link.end_politely(RESYNC)

    async def _begin(self) -> int:
        """Follows from the newest change on; who came before it could be read is looked at in person."""
        place = await self._journal.read(lambda sql: rights.newest(rows_of(sql)))
        for link in tuple(self._connections.all):
            await self.check(link)
        return place

    async def _follow_changes(self, place: int) -> int:
        place, agents = await self._journal.read(lambda sql: rights.since(rows_of(sql), place))
        for agent_id in agents:
            for link in self._connections.of(agent_id):
                await self.check(link)
        return place

    async def _untie(self) -> None:
        untied, self._untied = self._untied, {}
        for link in tuple(self._connections.all) if untied else ():
            for stream in tuple(link.following) if link.is_agent else ():
                kind, conversation_id, *_ = stream.split("/")
                concerned = kind == "c" and (conversation_id in untied or "" in untied)
                if concerned and not await self._may_follow(link.actor, stream):
                    self._connections.unfollow(link, stream)
