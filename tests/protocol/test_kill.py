"""kill -9 in the middle of talk: what was acknowledged is there once, after the very next start."""

import asyncio
import json
import signal
from pathlib import Path

import aiohttp
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.protocol.talk import follow, on_duty, open_conversation, say
from tests.protocol.wire import WAIT_S, Ended, House, RelayProcess, Wire
from tests.relay_store import ENGINES


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    return request.param


async def talk_until_it_dies(
    customer: Wire, conversation_id: str, sent: dict[str, int | None], enough: asyncio.Event
) -> None:
    try:
        for n in range(100_000):
            client_id = f"m{n:05}"
            sent[client_id] = None
            sent[client_id] = (await say(customer, conversation_id, f"line {n}", client_id))["seq"]
            if n == 150:
                enough.set()
    except (Ended, ConnectionError):
        return


async def test_what_was_acknowledged_survives_kill_9_once(data_dir: Path) -> None:
    process, key = RelayProcess(data_dir), Ed25519PrivateKey.generate()
    relay = await process.start()
    async with aiohttp.ClientSession() as session:
        house = House(relay, session)
        _agent, customer = await on_duty(house), await house.customer(key)
        conversation_id = await open_conversation(customer)
        sent: dict[str, int | None] = {}
        enough = asyncio.Event()
        talking = asyncio.create_task(talk_until_it_dies(customer, conversation_id, sent, enough))
        async with asyncio.timeout(WAIT_S):
            await enough.wait()
        await process.stop(signal.SIGKILL)
        await talking
        relay = await process.start()
        house = House(relay, session)
        back = await house.customer(key)
        stored = await chats(back, conversation_id)
        acknowledged = {client_id: seq for client_id, seq in sent.items() if seq is not None}
        assert acknowledged.items() <= stored.items()
        for client_id in sent:
            again = await say(back, conversation_id, "resent", client_id)
            assert again["seq"] == stored.get(client_id, again["seq"])
        afterwards = await chats(back, conversation_id)
        assert list(afterwards) == list(sent)
        assert acknowledged.items() <= afterwards.items()
    assert await process.stop() == 0


async def chats(wire: Wire, conversation_id: str) -> dict[str, int]:
    """Every line by its client id; fails for one that is there twice."""
    found: dict[str, int] = {}
    after = 0
    while events := await follow(wire, f"c/{conversation_id}/public", after):
        assert [event["seq"] for event in events] == list(range(after + 1, after + len(events) + 1))
        for event in events:
            if event["kind"] == "chat_posted":
                client_id = event["body"].split('"client_id":"')[1].split('"')[0]
                assert client_id not in found
                found[client_id] = event["seq"]
        after = events[-1]["seq"]
    return found


async def test_told_to_stop_it_says_so_and_ends(data_dir: Path) -> None:
    process = RelayProcess(data_dir)
    relay = await process.start()
    async with aiohttp.ClientSession() as session:
        customer = await House(relay, session).customer()
        stopping = asyncio.create_task(process.stop(signal.SIGTERM))
        assert await customer.ended() == 1001
        assert customer.heard[-1]["code"] == "shutting_down"
        assert await stopping == 0


async def test_who_signs_in_while_it_stops_is_told_too(data_dir: Path) -> None:
    process = RelayProcess(data_dir)
    relay = await process.start()
    async with aiohttp.ClientSession() as session:
        house = House(relay, session)
        others, late = await house.customer(), await house.hello("customer")
        stopping = asyncio.create_task(process.stop(signal.SIGTERM))
        assert await others.ended() == 1001
        assert (await house.prove(late, Ed25519PrivateKey.generate()))["is"] == "customer_signed_in"
        assert await late.ended() == 1001
        assert late.heard[-1]["code"] == "shutting_down"
        assert await stopping == 0


async def test_told_to_stop_no_line_on_its_way_is_lost_or_doubled(data_dir: Path) -> None:
    process, key = RelayProcess(data_dir), Ed25519PrivateKey.generate()
    async with aiohttp.ClientSession() as session:
        house = House(await process.start(), session)
        _agent, customer = await on_duty(house), await house.customer(key)
        conversation_id = await open_conversation(customer)
        sent = [f"line-{number}" for number in range(30)]
        for client_id in sent:
            line = {"do": "send_chat", "conversation_id": conversation_id, "client_id": client_id, "text": "x"}
            await customer.send(json.dumps({"f": "request", "id": 1000, "body": line}))
        process.send(signal.SIGTERM)
        await customer.ended()  # perhaps in the middle of its own words: answers on their way are then lost with it
        answers = [frame["body"] for frame in customer.heard if frame["f"] == "reply"]
        acknowledged = {answer["client_id"]: answer["seq"] for answer in answers if answer["is"] == "chat_accepted"}
        assert await process.stop() == 0
        back = await House(await process.start(), session).customer(key)
        assert acknowledged.items() <= (await chats(back, conversation_id)).items()
        for client_id in sent:
            await say(back, conversation_id, "x", client_id)
        assert list(await chats(back, conversation_id)) == sent
    assert await process.stop() == 0


async def test_a_second_relay_on_the_same_data_is_refused(data_dir: Path) -> None:
    process = RelayProcess(data_dir)
    await process.start()
    second = await asyncio.create_subprocess_exec(
        *process.command("serve", "--port", "0"), stderr=asyncio.subprocess.PIPE, env=process.environment()
    )
    _, words = await second.communicate()
    assert second.returncode == 1
    assert b"another relay" in words
    assert await process.stop() == 0
