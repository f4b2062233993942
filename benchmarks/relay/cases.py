"""What is measured, whatever the system: it says how its links are opened and what stands for a message."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from benchmarks.relay import usage
from benchmarks.report import percentile

Figures = dict[str, float]
SETTLE_S = 2.0
LAST_S = 2.0
"""For the answers that are on their way when the last message was sent."""


@dataclass(frozen=True)
class Load:
    """`links` with `window` open messages each for `seconds`; `idle` clients; `storm` clients at once."""

    links: int = 64
    window: int = 32
    seconds: float = 20.0
    idle: int = 1000
    storm: int = 5000
    rate: int = 2000


class Talk(Protocol):
    """One link that says something and is told when it arrived."""

    delays: list[float]
    refused: list[str]
    done: asyncio.Event

    def say(self, count: int) -> None:
        """So many messages now."""
        ...

    def flood(self, window: int, until: float) -> None:
        """Keeps `window` open until that moment (`time.perf_counter`)."""
        ...

    @property
    def open_lines(self) -> int:
        """Said and not told of."""
        ...


class Idle(Protocol):
    """A client that is connected, signed in and silent."""

    def close(self) -> None:
        """Ends it without a word."""
        ...


@dataclass
class Running:
    """A system that answers. `store` says how safely it keeps what it acknowledges."""

    pids: Callable[[], list[int]]
    talks: Callable[[int], AbstractAsyncContextManager[Sequence[Talk]]]
    idle: Callable[[], Awaitable[Idle]]
    store: str
    remarks: dict[str, str] = field(default_factory=dict[str, str])
    helpers: Callable[[], list[int]] = list[int]
    storm: "Callable[[Load], Awaitable[Figures]] | None" = None
    """Processes that work for it: a database, a bus."""


class Unavailable(RuntimeError):
    """This system cannot run here, or not this case; the words say why."""


async def durable(system: Running, load: Load) -> Figures:
    """As many as get acknowledged."""
    async with system.talks(load.links) as talks:
        start, busy, helped = time.perf_counter(), usage.cpu_s(system.pids()), usage.cpu_s(system.helpers())
        for talk in talks:
            talk.flood(load.window, start + load.seconds)
        for talk in talks:
            await talk.done.wait()
        took = time.perf_counter() - start
        figures = _figures(talks, took)
        count = figures["messages"]
        figures["cpu_us_per_message"] = (usage.cpu_s(system.pids()) - busy) / count * 1e6
        if system.helpers():
            figures["helpers_us_per_message"] = (usage.cpu_s(system.helpers()) - helped) / count * 1e6
        return figures


async def steady(system: Running, load: Load) -> Figures:
    """So many a second, evenly."""
    async with system.talks(load.links) as talks:
        start = time.perf_counter()
        busy = usage.cpu_s(system.pids())
        await _paced(talks, load.rate, start, load.seconds)
        figures = _figures(talks, load.seconds)
        figures["cpu_us_per_message"] = (usage.cpu_s(system.pids()) - busy) / figures["messages"] * 1e6
        return figures


async def idle(system: Running, load: Load) -> Figures:
    """Memory for each client that is there and silent."""
    before = usage.rss_kb(system.pids())
    crowd: list[Idle] = []
    try:
        crowd.extend([await system.idle() for _ in range(load.idle)])
        await asyncio.sleep(SETTLE_S)
        grown = usage.rss_kb(system.pids()) - before
        return {"kb_per_client": grown / load.idle, "rss_mb": before / 1024, "clients": float(load.idle)}
    finally:
        for one in crowd:
            one.close()


async def _paced(talks: Sequence[Talk], per_s: int, start: float, seconds: float) -> None:
    total = round(per_s * seconds)
    for number in range(total):
        wait_s = start + number / per_s - time.perf_counter()
        if wait_s > 0:
            await asyncio.sleep(wait_s)
        talks[number % len(talks)].say(1)
    await asyncio.sleep(LAST_S)
    if late := sum(talk.open_lines for talk in talks):
        raise RuntimeError(f"{late} messages had no acknowledgement after {LAST_S} s")


def _figures(talks: Sequence[Talk], took_s: float) -> Figures:
    if refused := [each for talk in talks for each in talk.refused]:
        raise RuntimeError(f"{len(refused)} refused: {refused[0]}")
    delays = [delay for talk in talks for delay in talk.delays]
    return {
        "per_s": len(delays) / took_s,
        "p50_ms": percentile(delays, 0.5),
        "p99_ms": percentile(delays, 0.99),
        "messages": float(len(delays)),
    }


def room_of(place: Path, name: str) -> Path:
    """A directory of a system's own."""
    room = place / name
    room.mkdir(parents=True)
    return room
