"""Peers that take too little or give too much: the relay's memory stays bounded, and their neighbours go on
talking. On the real process; more of it in `pressure_more.py` (`./dev crash --pressure`).
"""

import asyncio
from contextlib import suppress

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.crash.pressed import MIB, Pressed, chat
from tests.crash.process import HERE
from tests.protocol.talk import follow, open_conversation
from tests.protocol.wire import Ended

BATCH = 50


async def test_one_who_never_reads_is_ended_and_resumes(pressed: Pressed) -> None:
    writer = await pressed.house.customer(name="Writer")
    conversation_id = await open_conversation(writer)
    reader = await pressed.house.agent("lin")
    taken = await reader.ask({"do": "set_state", "state": "busy", "now": True})
    assert taken["is"] == "done"
    assert (await reader.ask({"do": "take_from_queue", "conversation_id": conversation_id}))["is"] == "done"
    await follow(reader, f"c/{conversation_id}/public")
    answered = 0
    for batch in range(0, 2500, BATCH):
        for number in range(batch, batch + BATCH):
            await writer.send(chat(conversation_id, number, 8000))
        for number in range(batch, batch + BATCH):
            answered += (await writer.answer(1000 + number)).get("is") == "chat_accepted"
        if batch % 500 == 0:
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
    await signs_in_across_a_jump(pressed, 6 * 3600)  # here because a relay is up: what counts is its clock
    await signs_in_across_a_jump(pressed, -6 * 3600)


async def signs_in_across_a_jump(pressed: Pressed, seconds: int) -> None:
    """The relay's clock is set between its challenge and the answer."""
    wire = await pressed.house.hello("customer")
    key = Ed25519PrivateKey.generate()
    proof = await pressed.house.proof(wire, key)
    pressed.process.turn_clock(seconds)
    assert (await wire.ask(proof))["is"] == "customer_signed_in"
