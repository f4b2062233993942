"""Who is here: a link that comes back within the grace was never away."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest
from aiohttp import web

from relay_server.engine.bus_local import LocalBus
from relay_server.gateway.connection import Connection
from relay_server.gateway.connections import Connections
from relay_server.gateway.presence import Presence
from relay_server.gateway.ratelimit import Bucket
from relay_server.identity.actors import Actor, CustomerActor
from shared.protocol.types import PersonRef

ACTOR = CustomerActor(PersonRef(id="amy", name="Amy", kind="customer"), "key")


class House:
    def __init__(self, grace_s: float) -> None:
        self.said: list[str] = []
        self.changed = asyncio.Event()
        self.connections = Connections(LocalBus())
        self.presence = Presence(self.connections, grace_s, self.came, self.left)

    async def came(self, actor: Actor) -> None:
        self.say(f"{actor.id} came")

    async def left(self, actor: Actor) -> None:
        self.say(f"{actor.id} left")

    def say(self, words: str) -> None:
        self.said.append(words)
        self.changed.set()

    async def connect(self) -> Connection:
        link = Connection(ACTOR, web.WebSocketResponse(), None, Bucket(1, 1, 1, 0), 1000, 0)
        self.connections.add(link)
        await self.presence.connected(ACTOR)
        return link

    def disconnect(self, link: Connection) -> None:
        self.connections.remove(link)
        self.presence.disconnected(ACTOR)


@pytest.fixture
async def house() -> AsyncIterator[House]:
    house = House(grace_s=0)
    running = asyncio.create_task(house.presence.run())
    yield house
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running


async def test_told_once_a_person_not_once_a_link(house: House) -> None:
    first, second = await house.connect(), await house.connect()
    house.disconnect(first)
    assert house.said == ["amy came"]
    house.changed.clear()
    house.disconnect(second)
    async with asyncio.timeout(10):
        await house.changed.wait()
    assert house.said == ["amy came", "amy left"]


async def test_back_within_the_grace_is_no_change(house: House) -> None:
    house.disconnect(await house.connect())
    last = await house.connect()
    house.changed.clear()
    house.disconnect(last)
    async with asyncio.timeout(10):
        await house.changed.wait()
    assert house.said == ["amy came", "amy left"]


async def test_who_came_again_is_told_again(house: House) -> None:
    house.disconnect(await house.connect())
    house.changed.clear()
    async with asyncio.timeout(10):
        await house.changed.wait()
    await house.connect()
    assert house.said == ["amy came", "amy left", "amy came"]
