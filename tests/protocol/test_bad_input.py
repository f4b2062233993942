"""A signed-in peer that misbehaves is refused by name; its neighbours notice nothing."""

import asyncio
import json

import pytest

from shared.protocol.codec import MAX_FRAME_BYTES
from tests.protocol.wire import Ended, House, Wire, code, new_id


async def well(house: House, neighbour: Wire) -> None:
    """The neighbour's link works as ever, and so does a new one."""
    assert (await neighbour.ask({"do": "get_home"}))["is"] == "home"
    assert (await (await house.customer()).ask({"do": "get_home"}))["is"] == "home"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"do": "no_such_thing"}, "unknown_command"),
        ({"do": "get_desk"}, "unknown_command"),
        ({"do": "add_note", "conversation_id": "a", "client_id": "b", "text": "c"}, "unknown_command"),
        ({"do": "hello"}, "unknown_command"),
        ({"do": "send_chat"}, "malformed"),
        ({"do": "send_chat", "conversation_id": "../x", "client_id": "b"}, "malformed"),
        ({"do": "send_chat", "conversation_id": "a", "client_id": "b", "text": "x" * 8001}, "malformed"),
        ({"do": "follow", "stream": "c/a/public", "after": -1}, "malformed"),
        ({"do": "follow", "stream": "C/a"}, "malformed"),
        ({"do": "mark_read", "conversation_id": "a", "seq": 2**60}, "malformed"),
        ([], "malformed"),
        (None, "malformed"),
    ],
)
async def test_commands_that_do_not_fit(house: House, body: object, expected: str) -> None:
    wire, neighbour = await house.customer(), await house.customer()
    await wire.send(json.dumps({"f": "request", "id": 7, "body": body}))
    refusal = await wire.answer(7 if isinstance(body, dict) else 0)
    assert code(refusal) == expected
    assert (await wire.ask({"do": "get_home"}))["is"] == "home"
    await well(house, neighbour)


async def test_a_frame_a_little_too_large_is_refused_by_name(house: House) -> None:
    wire = await house.customer()
    await wire.send(json.dumps({"f": "request", "id": 1, "body": {"do": "x" * MAX_FRAME_BYTES}}))
    assert code(await wire.receive()) == "too_large"
    assert (await wire.ask({"do": "get_home"}))["is"] == "home"


async def test_a_frame_far_too_large_ends_the_link_only(house: House) -> None:
    wire, neighbour = await house.customer(), await house.customer()
    await wire.send("x" * (4 * MAX_FRAME_BYTES))
    assert await wire.ended() in (1009, 1006)
    await well(house, neighbour)


@pytest.mark.parametrize("raw", ["", "{", "[" * 100_000, '{"f":"request","id":1,"body":' + "[" * 50_000, "nul\x00"])
async def test_nonsense_is_refused_until_it_is_too_much(house: House, raw: str) -> None:
    wire, neighbour = await house.customer(), await house.customer()
    for _ in range(9):
        await wire.send(raw)
        assert code(await wire.receive()) == "malformed"
    await wire.send(raw)
    assert await wire.ended() == 1008
    await well(house, neighbour)


async def test_binary_frames_end_the_link(house: House) -> None:
    wire, neighbour = await house.customer(), await house.customer()
    await wire.send(b"\x00\x01")
    assert code(await wire.receive()) == "malformed"
    assert await wire.ended() == 1008
    await well(house, neighbour)


@pytest.mark.parametrize("flags", [{"link_rate": "10", "link_burst": "10"}])
async def test_a_flood_is_refused_and_neighbours_are_answered(house: House) -> None:
    flooder, neighbour = await house.customer(), await house.customer()
    frame = json.dumps({"f": "request", "id": 5, "body": {"do": "search_articles", "words": "printer"}})
    for _ in range(400):
        await flooder.send(frame)
    started = asyncio.get_running_loop().time()
    assert (await neighbour.ask({"do": "get_home"}))["is"] == "home"
    assert asyncio.get_running_loop().time() - started < 1.0
    answers = [await flooder.receive() for _ in range(30)]
    refused = [each for each in answers if each["f"] == "refused"]
    assert refused
    assert {code(each) for each in refused} == {"rate_limited"}
    assert {each["id"] for each in refused} == {5}
    assert await flooder.ended() == 1008
    await well(house, neighbour)


async def test_an_agents_bad_frames_are_refused_likewise(house: House) -> None:
    wire = await house.agent("lin")
    for body, expected in (
        ({"do": "get_home"}, "unknown_command"),
        ({"do": "answer_consent", "conversation_id": "a", "request_id": "b"}, "unknown_command"),
        ({"do": "set_state", "state": "asleep"}, "malformed"),
        ({"do": "end_conversation", "conversation_id": new_id()}, "not_found"),
    ):
        assert code(await wire.ask(body)) == expected
    assert (await wire.ask({"do": "get_desk"}))["is"] == "desk"


async def test_a_peer_that_vanishes_leaves_no_trace(house: House) -> None:
    wire, neighbour = await house.customer(), await house.customer()
    await wire.send('{"f":"request","id":1,"body":{"do":"get_home"}}')
    connection = wire.socket._response.connection
    assert connection is not None
    assert connection.transport is not None
    connection.transport.abort()
    with pytest.raises(Ended):
        await wire.receive()
    await well(house, neighbour)
