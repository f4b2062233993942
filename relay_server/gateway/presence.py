"""Tells the services who came and who is gone for good: a link that comes back within the grace was never away."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Final

from relay_server.gateway.connections import Connections
from relay_server.identity.actors import Actor

_LOOK_S: Final = 0.5
_LOCKS: Final = 256
_log = logging.getLogger(__name__)

Hook = Callable[[Actor], Awaitable[None]]


class Presence:
    """`came` and `left` are called once a person, never both at a time for one of them."""

    def __init__(self, connections: Connections, grace_s: float, came: Hook, left: Hook) -> None:
        self._connections = connections
        self._grace_s = grace_s
        self._came = came
        self._left = left
        self._present: dict[str, Actor] = {}
        self._leaving: dict[str, float] = {}
        self._locks = tuple(asyncio.Lock() for _ in range(_LOCKS))

    async def connected(self, actor: Actor) -> None:
        """A link of this person was added."""
        self._leaving.pop(actor.id, None)
        async with self._lock(actor.id):
            if actor.id not in self._present and self._connections.online(actor.id):
                self._present[actor.id] = actor
                await self._came(actor)

    def disconnected(self, actor: Actor) -> None:
        """A link of this person was removed."""
        if actor.id in self._present and not self._connections.online(actor.id):
            self._leaving[actor.id] = asyncio.get_running_loop().time() + self._grace_s

    async def run(self) -> None:
        """Looks twice a second for people whose grace is over, until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(_LOOK_S)
            gone = [person_id for person_id, at_s in self._leaving.items() if at_s <= loop.time()]
            for person_id in gone:
                await self._let_go(person_id)

    async def _let_go(self, person_id: str) -> None:
        async with self._lock(person_id):
            if self._leaving.pop(person_id, None) is None or self._connections.online(person_id):
                return
            actor = self._present.pop(person_id)
            try:
                await self._left(actor)
            except Exception:
                _log.exception("the services could not be told that somebody left")

    def _lock(self, person_id: str) -> asyncio.Lock:
        return self._locks[hash(person_id) % _LOCKS]
