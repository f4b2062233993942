"""Each acknowledgement leaves after a flush that began after its line had come in, seen from outside by strace."""

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp

from tests.crash.conftest import MakeProcess
from tests.crash.process import RelayProcess
from tests.crash.trace import STRACE, Verdict, judge, parse
from tests.protocol.talk import open_conversation, say
from tests.protocol.wire import House, Relay, Wire

LOG = "/relay.sqlite3-wal"
CUSTOMERS, LINES = 6, 12

READ = '10 1.0 read(20<TCP:[127.0.0.1:7443->127.0.0.1:5001]>, ""..., 100) = 90'
WRITE = '10 1.9 write(20<TCP:[127.0.0.1:7443->127.0.0.1:5001]>, ""..., 40) = 40'
FLUSH = "11 1.2 fdatasync(9</data/relay.sqlite3-wal>) = 0"


def verdict(*lines: str) -> Verdict:
    return judge(parse(lines), frozenset({"5001"}), LOG, 0.0)


def test_an_answer_after_its_flush_is_honest() -> None:
    assert verdict(READ, FLUSH, WRITE) == Verdict(answers=1, hasty=0, flushes=1)


def test_an_answer_before_its_flush_is_found() -> None:
    assert verdict(READ, WRITE, FLUSH).hasty == 1
    assert verdict(READ, FLUSH, WRITE, READ, WRITE).hasty == 1


def test_a_flush_that_began_before_the_line_came_is_not_its_own() -> None:
    begun = "11 0.9 fdatasync(9</data/relay.sqlite3-wal> <unfinished ...>"
    ended = "11 1.3 <... fdatasync resumed>) = 0"
    assert verdict(begun, READ, ended, WRITE).hasty == 1
    assert verdict(READ, begun, ended, WRITE).hasty == 0


def test_a_flush_that_failed_or_of_another_file_counts_for_nothing() -> None:
    assert verdict(READ, FLUSH.replace("= 0", "= -1 EIO (Input/output error) (INJECTED)"), WRITE).hasty == 1
    assert verdict(READ, FLUSH.replace("relay.sqlite3-wal", "outbox-wal"), WRITE).hasty == 1


def test_other_sockets_and_earlier_times_are_left_out() -> None:
    assert verdict(READ.replace("5001", "6001"), WRITE.replace("5001", "6001")).answers == 0
    assert judge(parse([READ, WRITE]), frozenset({"5001"}), LOG, 1.5).answers == 1


@asynccontextmanager
async def traced(process: RelayProcess, to: Path) -> AsyncGenerator[None]:
    """While this is open, strace writes down what the running relay does, in all its threads."""
    tracer = await asyncio.create_subprocess_exec(*STRACE, "-o", str(to), "-p", str(process.pid))
    async with asyncio.timeout(20):
        await asyncio.to_thread(until_traced, process.pid)
    yield
    async with asyncio.timeout(20):
        await tracer.wait()


def until_traced(pid: int) -> None:
    while any(
        "TracerPid:\t0\n" in (task / "status").read_text("ascii") for task in Path(f"/proc/{pid}/task").iterdir()
    ):
        time.sleep(0.01)


async def talked(process: RelayProcess, trace: Path) -> tuple[frozenset[str], float]:
    """Customers with one open line each talk to the relay; the ports they came from, and when the talk began."""
    await process.start()
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        house = House(Relay(process.port, process.data_dir), session)
        agent = await house.agent("lin")
        assert (await agent.ask({"do": "set_state", "state": "busy", "now": True}))["is"] == "done"
        crowd = [await house.customer() for _ in range(CUSTOMERS)]
        talks = [await open_conversation(customer) for customer in crowd]
        for customer in crowd:
            await all_told(customer)
        ports = frozenset(str(each.socket.get_extra_info("sockname")[1]) for each in crowd)
        async with traced(process, trace):
            since_s = time.time()
            await asyncio.gather(*(talk(*each) for each in zip(crowd, talks, strict=True)))
            await process.stop()
    return ports, since_s


def judged(trace: Path, talk: tuple[frozenset[str], float]) -> Verdict:
    """What strace saw of it."""
    return judge(parse(trace.read_text("utf-8").splitlines()), talk[0], LOG, talk[1])


async def all_told(customer: Wire) -> None:
    """The last push about the line has come: from now on a customer hears nothing but answers."""
    while (await customer.until("push", "service_status"))["body"]["waiting"] < CUSTOMERS:
        pass


async def talk(customer: Wire, conversation_id: str) -> None:
    for number in range(LINES):
        answer = await say(customer, conversation_id, f"line {number}")
        assert answer["is"] == "chat_accepted", answer


async def test_every_acknowledgement_follows_its_flush(make_process: MakeProcess, tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    found = judged(trace, await talked(make_process(), trace))
    assert found.answers >= CUSTOMERS * LINES
    assert found.hasty == 0
    assert found.flushes > 0


async def test_a_relay_that_does_not_wait_for_its_disk_is_found(make_process: MakeProcess, tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    found = judged(trace, await talked(make_process(program="careless_program.py"), trace))
    assert found.answers >= CUSTOMERS * LINES
    assert found.hasty == found.answers
