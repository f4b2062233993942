"""`MemoryDenyWriteExecute`: a relay asks for no memory that can be written and run, nor makes any runnable."""

import asyncio
import re
import signal
from pathlib import Path

import aiohttp

from tests.protocol.talk import on_duty, open_conversation, say
from tests.protocol.wire import WAIT_S, House, RelayProcess


class Traced(RelayProcess):
    """Under strace, which follows its threads."""

    def __init__(self, data_dir: Path, log: Path) -> None:
        super().__init__(data_dir)
        self._log = log

    def command(self, *words: str) -> tuple[str, ...]:
        watched = ("strace", "-D", "-f", "-o", str(self._log), "-e", "trace=mmap,mprotect,pkey_mprotect,shmat")
        return *watched, *super().command(*words)


async def written(log: Path) -> list[str]:
    """The whole trace: its last line is the end of the process."""
    async with asyncio.timeout(WAIT_S):
        while True:
            calls = (await asyncio.to_thread(log.read_text, "utf-8")).splitlines()
            if calls and "+++ exited with 0" in calls[-1]:
                return calls
            await asyncio.sleep(0.05)


async def test_a_working_relay_needs_no_writable_code(data_dir: Path, tmp_path: Path) -> None:
    log = tmp_path / "trace"
    process = Traced(data_dir, log)
    async with aiohttp.ClientSession() as session:
        house = House(await process.start(), session)
        await on_duty(house)
        customer = await house.customer()
        assert (await say(customer, await open_conversation(customer), "hello"))["seq"]
        for wire in house.wires:
            await wire.socket.close()
    assert await process.stop(signal.SIGTERM) == 0
    calls = await written(log)
    assert len(calls) > 100
    # What systemd's filter refuses (systemd.exec(5)).
    refused = re.compile(r"mmap\(.*PROT_WRITE\|PROT_EXEC|mprotect\(.*PROT_EXEC|shmat\(.*SHM_EXEC")
    assert [call for call in calls if refused.search(call)] == []
