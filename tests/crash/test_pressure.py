"""Peers that take too little or give too much: the relay's memory stays bounded, and their neighbours go on talking.

Measured on the real process; `docs/durability.md` says how.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import suppress

import aiohttp
import pytest

from tests.crash.conftest import MakeProcess
from tests.crash.process import HERE, RelayProcess
from tests.protocol.talk import follow, open_conversation, say
from tests.protocol.wire import Ended, House, Relay, Wire, new_id

DOORS = ("link_rate=1000000", "link_burst=1000000", "address_rate=100000", "address_burst=100000", "link_queue_kib=256")
MIB = 1024
STORM = 150


class Pressed:
    """A running relay, and a neighbour whose talk must not suffer."""

    def __init__(self, process: RelayProcess, house: House, neighbour: Wire, talk: str) -> None:
        self.process, self.house, self.neighbour, self.talk = process, house, neighbour, talk
        self.before_kib = process.rss_kib()

    def grown_kib(self) -> int:
        """Memory since everybody was there."""
        return self.process.rss_kib() - self.before_kib

    async def neighbour_talks(self) -> None:
        """Every line is acknowledged."""
        for number in range(10):
            assert (await say(self.neighbour, self.talk, f"line {number}"))["is"] == "chat_accepted"


@pytest.fixture
async def pressed(make_process: MakeProcess) -> AsyncIterator[Pressed]:
    process = make_process(DOORS)
    await process.start()
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        house = House(Relay(process.port, process.data_dir), session)
        agent = await house.agent("chen")
        assert (await agent.ask({"do": "set_state", "state": "busy", "now": True}))["is"] == "done"
        neighbour = await house.customer(name="Neighbour")
        found = Pressed(process, house, neighbour, await open_conversation(neighbour))
        await found.neighbour_talks()
        found.before_kib = process.rss_kib()
        yield found
        await process.clear()
    assert "Traceback" not in process.words()


def chat(conversation_id: str, number: int, length: int) -> str:
    body = {"do": "send_chat", "conversation_id": conversation_id, "client_id": new_id(), "text": "x" * length}
    return json.dumps({"f": "request", "id": 1000 + number, "body": body})


async def test_one_who_never_reads_is_ended_and_resumes(pressed: Pressed) -> None:
    writer = await pressed.house.customer(name="Writer")
    conversation_id = await open_conversation(writer)
    reader = await pressed.house.agent("lin")
    taken = await reader.ask({"do": "set_state", "state": "busy", "now": True})
    assert taken["is"] == "done"
    assert (await reader.ask({"do": "take_from_queue", "conversation_id": conversation_id}))["is"] == "done"
    await follow(reader, f"c/{conversation_id}/public")
    answered = 0
    for number in range(2500):
        answer = await say(writer, conversation_id, "x" * 8000, f"w{number}")
        answered += answer.get("is") == "chat_accepted"
        if number % 500 == 0:
            await pressed.neighbour_talks()
    assert answered == 2500  # twenty megabytes went to one who took none of them
    assert pressed.grown_kib() < 40 * MIB
    assert await reader.ended() in (4008, 1006)
    again = await pressed.house.agent("lin")
    assert len(await follow(again, f"c/{conversation_id}/public", 2000)) > 0


async def test_a_flood_of_lines_and_of_openings_leaves_the_neighbours_alone(pressed: Pressed) -> None:
    flooder = await pressed.house.customer(name="Flooder")
    conversation_id = await open_conversation(flooder)

    async def flood() -> None:
        with suppress(ConnectionError, Ended):
            for number in range(3000):
                await flooder.send(chat(conversation_id, number, 200))

    silent = [asyncio.open_connection(HERE, pressed.process.port) for _ in range(500)]
    sockets = await asyncio.gather(*silent)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(flood())
        for _ in range(3):
            await pressed.neighbour_talks()
    assert pressed.grown_kib() < 60 * MIB
    for _, writer in sockets:
        writer.close()


async def test_frames_that_are_too_big_end_their_link_only(pressed: Pressed) -> None:
    crowd = [await pressed.house.customer() for _ in range(20)]
    for wire in crowd:
        with suppress(ConnectionError):
            await wire.send("x" * 4 * 1024 * 1024)
    assert {await wire.ended() for wire in crowd} <= {1009, 1006}
    await pressed.neighbour_talks()
    assert pressed.grown_kib() < 30 * MIB


async def test_all_come_back_at_once(pressed: Pressed) -> None:
    crowd = await asyncio.gather(*(pressed.house.customer() for _ in range(STORM)))
    await pressed.process.kill()
    await pressed.process.start()
    back = await asyncio.gather(*(pressed.house.customer() for _ in range(STORM)))
    assert len(back) == len(crowd) == STORM
    pressed.neighbour = await pressed.house.customer(name="Late")
    assert (await pressed.neighbour.ask({"do": "get_home"}))["is"] == "home"
