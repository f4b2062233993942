"""Tells the services who came to this node and who is gone for good: a link that comes back within the grace was never
away."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Final, Literal

from relay_server.gateway.connections import Connections
from relay_server.identity.actors import Actor
from shared.protocol.frames import Refused

_LOOK_S: Final = 0.5
_LOCKS: Final = 256
_log = logging.getLogger(__name__)

Hook = Callable[[Actor], Awaitable[Refused | None]]


class Presence:
    """`came` and `left` are called once a person, never both at a time for one of them; again when they are refused."""

    def __init__(self, connections: Connections, grace_s: float, came: Hook, left: Hook) -> None:
        self._connections = connections
        self._grace_s = grace_s
        self._came = came
        self._left = left
        self._present: dict[str, Actor] = {}
        self._untold: dict[str, Actor] = {}
        self._leaving: dict[str, float] = {}
        self._locks = tuple(asyncio.Lock() for _ in range(_LOCKS))

    async def connected(self, actor: Actor) -> bool:
        """A link of this person was added; False when this node may hold none."""
        self._leaving.pop(actor.id, None)
        async with self._lock(actor.id):
            if actor.id not in self._present and self._connections.online(actor.id):
                self._present[actor.id] = actor
                await self._tell_came(actor)
            return actor.id in self._present

    def disconnected(self, actor: Actor) -> None:
        """A link of this person was removed."""
        if actor.id in self._present and not self._connections.online(actor.id):
            self._leaving[actor.id] = asyncio.get_running_loop().time() + self._grace_s

    def forget(self) -> None:
        """This node holds nobody any more: others have let go of them, or will."""
        self._present.clear()
        self._untold.clear()
        self._leaving.clear()

    async def run(self) -> None:
        """Looks twice a second for people whose grace is over, and for those the store did not take, until
        cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(_LOOK_S)
            for actor in list(self._untold.values()):
                await self._try_again(actor)
            gone = [person_id for person_id, at_s in self._leaving.items() if at_s <= loop.time()]
            for person_id in gone:
                await self._let_go(person_id)

    async def _try_again(self, actor: Actor) -> None:
        async with self._lock(actor.id):
            if self._untold.pop(actor.id, None) is not None and actor.id in self._present:
                await self._tell_came(actor)

    async def _tell_came(self, actor: Actor) -> None:
        match await self._told(self._came, actor):
            case "later":
                self._untold[actor.id] = actor
            case "never":
                self._present.pop(actor.id, None)
            case "done":
                pass

    async def _let_go(self, person_id: str) -> None:
        async with self._lock(person_id):
            at_s = self._leaving.pop(person_id, None)
            if at_s is None or self._connections.online(person_id):
                return
            actor = self._present.pop(person_id)
            if self._untold.pop(person_id, None) is None and await self._told(self._left, actor) == "later":
                self._present[person_id], self._leaving[person_id] = actor, at_s

    async def _told(self, hook: Hook, actor: Actor) -> Literal["done", "later", "never"]:
        try:
            refused = await hook(actor)
        except Exception:
            _log.exception("the services could not be told who came or left")
            return "later"
        if refused is None:
            return "done"
        return "never" if refused.code == "shutting_down" else "later"

    def _lock(self, person_id: str) -> asyncio.Lock:
        return self._locks[hash(person_id) % _LOCKS]
