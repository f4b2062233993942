"""A disk without room: typed refusals, a relay that lives and says so, and everything goes on when there is room."""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from tests.crash.disk import Disk, small_disk
from tests.crash.process import RelayProcess
from tests.crash.run import FLAGS
from tests.crash.sqlite_engine import SqliteEngine
from tests.protocol.talk import open_conversation, say
from tests.protocol.wire import Frame, House, Relay, Wire, code

PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x02\0\0\0\x03" + bytes(20_000)


class Full:
    """A relay on a small disk, and a customer who waits in it."""

    def __init__(self, process: RelayProcess, disk: Disk, house: House) -> None:
        self.process, self.disk, self.house = process, disk, house
        self.lines: dict[str, int] = {}

    async def ready(self) -> int:
        async with self.house.session.get(self.house.relay.url("/readyz"), ssl=self.house.relay.tls()) as answer:
            return answer.status

    async def until_ready(self, status: int) -> None:
        """Asks as a balancer does: now and then, for the wall counts requests."""
        answers: list[int] = []
        for _ in range(40):
            answers.append(await self.ready())
            if answers[-1] == status:
                return
            await asyncio.sleep(0.3)
        raise AssertionError(answers)

    async def talk(self, customer: Wire, conversation_id: str, count: int) -> Frame | None:
        """So many lines; the first refusal, if one comes."""
        for _ in range(count):
            name = f"m{len(self.lines)}"
            answer = await say(customer, conversation_id, "x" * 4000, name)
            if answer.get("f") == "refused":
                return answer
            self.lines[name] = answer["seq"]
        return None


@pytest.fixture
async def full(prepared: Path, tmp_path: Path) -> AsyncIterator[Full]:
    (tmp_path / "disk").mkdir()
    with small_disk(tmp_path / "disk") as disk:
        data_dir = Path(shutil.copytree(prepared, disk.room / "data"))
        process = RelayProcess(
            data_dir,
            FLAGS,
            prefix=disk.prefix,
            beside=tmp_path,
            inside=tmp_path / "disk" / "data",
        )
        try:
            await process.start()
            async with aiohttp.ClientSession() as session:
                yield Full(process, disk, House(Relay(process.port, data_dir), session))
        finally:
            await process.clear()


async def test_a_full_disk_refuses_by_name_and_passes(full: Full) -> None:
    agent, customer = await full.house.agent("lin"), await full.house.customer()
    await agent.ask({"do": "set_state", "state": "busy", "now": True})
    conversation_id = await open_conversation(customer)
    assert await full.talk(customer, conversation_id, 20) is None
    await full.until_ready(200)

    full.disk.fill(full.process)
    refusal = await full.talk(customer, conversation_id, 2000)
    assert refusal is not None
    assert code(refusal) == "store_full"
    await full.until_ready(503)
    assert code(await customer.ask({"do": "mark_read", "conversation_id": conversation_id, "seq": 9})) == "store_full"
    assert (await uploaded(full, customer))["code"] == "store_full"
    assert (await agent.ask({"do": "get_desk"}))["is"] == "desk"
    assert "the store is full" in full.process.words()
    assert "not ready: store_full" in full.process.words()

    full.disk.empty(full.process)
    await full.until_ready(200)
    assert await full.talk(customer, conversation_id, 20) is None
    assert (await uploaded(full, customer))["size_bytes"] == len(PNG)
    await full.process.kill()
    assert await stored(full, conversation_id) == full.lines
    assert "Traceback" not in full.process.words()


async def test_a_relay_that_is_started_on_a_full_disk_says_so_and_starts_when_there_is_room(full: Full) -> None:
    agent, customer = await full.house.agent("lin"), await full.house.customer()
    await agent.ask({"do": "set_state", "state": "busy", "now": True})
    conversation_id = await open_conversation(customer)
    assert await full.talk(customer, conversation_id, 20) is None
    await full.process.kill()
    full.disk.fill(full.process)
    with pytest.raises(RuntimeError, match="No space left on device"):
        await full.process.start()
    full.disk.empty(full.process)
    await full.process.start()
    await full.until_ready(200)
    assert "Traceback" not in full.process.words()
    await full.process.kill()
    assert await stored(full, conversation_id) == full.lines


async def uploaded(full: Full, customer: Wire) -> Frame:
    headers = {"Authorization": f"Bearer {customer.signed_in['access_token']}", "X-File-Name": "a.png"}
    relay = full.house.relay
    async with full.house.session.post(
        relay.url("/blobs"), data=PNG, headers=headers | {"Content-Type": "image/png"}, ssl=relay.tls()
    ) as answer:
        return await answer.json()


async def stored(full: Full, conversation_id: str) -> dict[str, int]:
    """The lines in the store, by client id."""
    shutil.copytree(full.process.data_dir, full.process.log.parent / "copy")  # SQLite itself opens nothing under /proc
    events = (await SqliteEngine(full.process.log.parent / "copy" / "relay.sqlite3").store()).events
    lines = [each for each in events if each.stream == f"c/{conversation_id}/public" and each.kind == "chat_posted"]
    assert len(lines) == len({json.loads(each.body)["client_id"] for each in lines})
    return {json.loads(each.body)["client_id"]: each.seq for each in lines}
