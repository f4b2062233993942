"""`./dev bench journal`: the two journals side by side, every commit on the disk before its answer.

Cases: `alone` (one unit of work after the other: what a commit costs), `append` (512 units of work at a time, one event
each), `rules` (512 at a time, each reads a row, changes it and appends an event), `lines` (2,048 lines of chat in
64 conversations at a time through the services' hot path, a batch of them to a unit of work).
"""

import asyncio
import os
import time
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import uvloop

from benchmarks.report import Row, options, show
from relay_server.conversations.service import Conversations
from relay_server.engine.bus_local import LocalBus
from relay_server.engine.journal import Journal, Transaction
from shared.protocol.frames import Refused
from shared.protocol.messages.conversations import ChatAccepted, EventRecord, SendChat
from tests import pg, relay_house
from tests.relay_store import ENGINES, chat, empty_place

AT_ONCE = 512
STREAMS = 64
LINES = 2048
"""Lines that wait for an answer at any time."""
Case = Callable[[Journal, float], Awaitable[float]]


def main() -> None:
    chosen = options(__doc__ or "")
    os.environ[pg.DURABLE] = "yes"
    with (
        TemporaryDirectory(prefix="tl-bench-") as directory,
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
    ):
        show(runner.run(_all(Path(directory), 2.0 if chosen.quick else 8.0)), chosen.json)


async def _all(directory: Path, seconds: float) -> list[Row]:
    rows: list[Row] = []
    for name, case in (("alone", alone), ("append", append), ("rules", rules)):
        rows += [await _one(directory / f"{name}-{engine}", engine, name, case, seconds) for engine in ENGINES]
    return rows + [await _lines(directory / f"lines-{engine}", engine, seconds) for engine in ENGINES]


async def _one(directory: Path, engine: str, name: str, case: Case, seconds: float) -> Row:
    await asyncio.to_thread(directory.mkdir)
    place = await asyncio.to_thread(empty_place, engine, directory)
    async with place.open(LocalBus()) as journal:
        await case(journal, seconds / 8)
        before = journal.stats()
        rate = await case(journal, seconds)
        after = journal.stats()
    return _row(name, engine, rate, (after.works - before.works) / max(1, after.groups - before.groups))


def _row(name: str, engine: str, rate: float, grouped: float) -> Row:
    sync = "WAL, synchronous=FULL" if engine == "sqlite" else "fsync=on, synchronous_commit=on, unix socket"
    return Row("journal", name, engine, {"rate_per_s": rate, "units_a_commit": grouped}, {"sync": sync})


async def alone(journal: Journal, seconds: float) -> float:
    """One after the other."""
    return await _repeat(lambda n: journal.write(partial(_append, n)), 1, seconds)


async def append(journal: Journal, seconds: float) -> float:
    """An event each."""
    return await _repeat(lambda n: journal.write(partial(_append, n)), AT_ONCE, seconds)


async def rules(journal: Journal, seconds: float) -> float:
    """A decision each."""
    return await _repeat(lambda n: journal.write(partial(_decide, n)), AT_ONCE, seconds)


def _append(n: int, tx: Transaction) -> EventRecord:
    return tx.append(f"c/{n % STREAMS}/public", chat(str(n)))


def _decide(n: int, tx: Transaction) -> EventRecord:
    name = str(n % STREAMS)
    row = tx.row("SELECT position FROM fold_cursors WHERE name = ?", (name,))
    tx.run(
        "INSERT INTO fold_cursors (name, position) VALUES (?,?)"
        " ON CONFLICT (name) DO UPDATE SET position = excluded.position",
        (name, (row[0] if row else 0) + 1),
    )
    return _append(n, tx)


async def _repeat(write: Callable[[int], Awaitable[object]], at_once: int, seconds: float) -> float:
    """Keeps `at_once` under way; how many ended a second."""
    done, begun_s = 0, time.monotonic()
    ends_s = begun_s + seconds

    async def one(first: int) -> None:
        nonlocal done
        n = first
        while time.monotonic() < ends_s:
            assert not isinstance(await write(n), Refused)
            done += 1
            n += at_once

    await asyncio.gather(*(one(first) for first in range(at_once)))
    return done / (time.monotonic() - begun_s)


async def _lines(directory: Path, engine: str, seconds: float) -> Row:
    await asyncio.to_thread(directory.mkdir)
    async with relay_house.open_house(directory / "relay.db", engine=engine) as house:
        await house.on_duty("lin")
        customers = [await house.customer(f"C{n}") for n in range(STREAMS)]
        for n, customer in enumerate(customers):
            await house.ask(customer, f"C{n}")
        talk = Conversations(house.journal, house.bus)

        async def say(n: int) -> ChatAccepted | Refused:
            at = n % STREAMS
            return await talk.send_chat(
                customers[at], SendChat(conversation_id=f"C{at}", client_id=f"m{n}", text="How are you?")
            )

        before = house.journal.stats()
        rate = await _repeat(say, LINES, seconds)
        after = house.journal.stats()
    return _row("lines", engine, rate, (after.works - before.works) / max(1, after.groups - before.groups))


if __name__ == "__main__":
    main()
