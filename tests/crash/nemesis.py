"""Carries a plan's blows out on a town. Each leaves the relay running and able, or starts it again."""

import asyncio
import logging
import resource
import signal
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import Final

from tests.crash.people import Signal
from tests.crash.plan import BadDisk, Blow, Freeze, FullDisk, Jump, Kill, SlowDisk, Stop, Strike
from tests.crash.town import Town

_SMALLEST: Final = 4096
"""No file of the relay is as small as this, so nothing can be written anywhere."""
_UNLIMITED: Final = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
_PATIENCE_S: Final = 90
log = logging.getLogger(__name__)


async def strike_all(
    town: Town, strikes: tuple[Strike, ...], acknowledged: Callable[[], int], done: Callable[[], bool], changed: Signal
) -> None:
    """Each blow at its place; those whose place is never reached because everybody is `done` come at the end."""
    for strike in strikes:
        await changed.until(
            lambda strike=strike: done() or acknowledged() >= strike.lines,
            f"line {strike.lines} before {strike.blow}",
            _PATIENCE_S,
        )
        await asyncio.sleep(strike.delay_ms / 1000)
        log.info("line %d: %s", acknowledged(), strike.blow)
        await carry_out(town, strike.blow)


async def carry_out(town: Town, blow: Blow) -> None:
    """One blow, to its end."""
    match blow:
        case Kill():
            await _again(town)
        case Stop():
            status = await town.stop()
            assert status == 0, f"SIGTERM ended it with {status}"
            await town.start()
        case Freeze(ms):
            town.send(signal.SIGSTOP)
            await asyncio.sleep(ms / 1000)
            town.send(signal.SIGCONT)
        case FullDisk(ms, kill):
            fill_disk(town)
            await asyncio.sleep(ms / 1000)
            await _again(town) if kill else empty_disk(town)
        case SlowDisk(ms, delay_ms, kill):
            await _tampered(town, f"delay_enter={delay_ms}ms", ms, kill=kill)
        case BadDisk(ms, kill):
            await _tampered(town, "error=EIO", ms, kill=kill)
        case Jump(seconds):
            town.turn_clock(seconds)


async def _again(town: Town) -> None:
    await town.kill()
    await town.start()


def fill_disk(town: Town) -> None:
    """From now on no file of the relay grows, as on a full disk; this needs no rights that a container lacks."""
    resource.prlimit(town.pid, resource.RLIMIT_FSIZE, (_SMALLEST, resource.RLIM_INFINITY))


def empty_disk(town: Town) -> None:
    """There is room again."""
    resource.prlimit(town.pid, resource.RLIMIT_FSIZE, _UNLIMITED)


async def _tampered(town: Town, how: str, ms: int, *, kill: bool) -> None:
    async with tampered(town, how):
        await asyncio.sleep(ms / 1000)
        if kill:
            await town.kill()
    if kill:
        await town.start()


@asynccontextmanager
async def tampered(town: Town, how: str) -> AsyncGenerator[None]:
    """While this is open, strace changes what flushes do: `delay_enter=50ms`, `error=EIO`."""
    inject = ("-e", "trace=fdatasync,fsync", "-e", f"inject=fdatasync,fsync:{how}")
    tracer = await asyncio.create_subprocess_exec(
        "strace", "-f", "-qq", "-p", str(town.pid), *inject, "-o", "/dev/null", stderr=asyncio.subprocess.DEVNULL
    )
    try:
        yield
    finally:
        if tracer.returncode is None:
            tracer.terminate()
        async with asyncio.timeout(10):
            await tracer.wait()
