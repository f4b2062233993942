"""Carries a plan's blows out on a town. Each leaves the relay running and able, or starts it again."""

import asyncio
import logging
import os
import resource
import signal
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Final

from tests.crash.people import Signal
from tests.crash.plan import BadDisk, Blow, Cut, Freeze, FullDisk, Jump, Kill, Restart, SlowDisk, Stop, Strike
from tests.crash.process import RelayProcess
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
        log.info("line %d: %s, relay %d", acknowledged(), strike.blow, strike.relay)
        await carry_out(town, strike.relay, strike.blow)


async def carry_out(town: Town, relay: int, blow: Blow) -> None:
    """One blow, to its end."""
    process = town.relays[relay]
    match blow:
        case Kill():
            await _again(town, relay)
        case Stop():
            status = await process.stop()
            assert status == 0, f"SIGTERM ended it with {status}"
            await town.start(relay)
        case Freeze(ms):
            process.send(signal.SIGSTOP)
            await asyncio.sleep(ms / 1000)
            process.send(signal.SIGCONT)
        case Jump(seconds):
            process.turn_clock(seconds)
        case Restart() | Cut():
            await _serve_badly(town, relay, blow)
        case FullDisk() | SlowDisk() | BadDisk():
            await _spoil_disk(town, relay, blow)


async def _again(town: Town, relay: int) -> None:
    await town.relays[relay].kill()
    await town.start(relay)


async def _serve_badly(town: Town, relay: int, blow: Restart | Cut) -> None:
    services = town.engine.services
    assert services is not None, f"this engine has no {blow.service}"
    match blow:
        case Restart(service, ms):
            await services.kill(service)
            await asyncio.sleep(ms / 1000)
            await services.start(service)
        case Cut(service, ms):
            services.cut(relay, service)
            await asyncio.sleep(ms / 1000)
            services.mend(relay, service)


async def _spoil_disk(town: Town, relay: int, blow: FullDisk | SlowDisk | BadDisk) -> None:
    process = town.relays[relay]
    async with _spoilt(process, blow):
        await asyncio.sleep(blow.ms / 1000)
        if blow.kill:
            await process.kill()
    if blow.kill:
        await town.start(relay)


@asynccontextmanager
async def _spoilt(process: RelayProcess, blow: FullDisk | SlowDisk | BadDisk) -> AsyncGenerator[None]:
    match blow:
        case FullDisk():
            fill_disk(process)
            yield
            if not blow.kill:
                empty_disk(process)
        case SlowDisk():
            async with tampered(process, f"delay_enter={blow.delay_ms}ms"):
                yield
        case BadDisk():
            async with tampered(process, "error=EIO"):
                yield


def fill_disk(process: RelayProcess) -> None:
    """From now on no file of the relay grows, as on a full disk; this needs no rights that a container lacks."""
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (_SMALLEST, resource.RLIM_INFINITY))


def empty_disk(process: RelayProcess) -> None:
    """There is room again."""
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, _UNLIMITED)


@asynccontextmanager
async def tampered(process: RelayProcess, how: str) -> AsyncGenerator[None]:
    """While this is open, strace changes what flushes do: `delay_enter=50ms`, `error=EIO`."""
    inject = ("-e", "trace=fdatasync,fsync", "-e", f"inject=fdatasync,fsync:{how}")
    tracer = await asyncio.create_subprocess_exec(
        "strace", "-f", "-qq", "-p", str(process.pid), *inject, "-o", "/dev/null", stderr=asyncio.subprocess.DEVNULL
    )
    try:
        yield
    finally:
        with suppress(ProcessLookupError):
            os.kill(tracer.pid, signal.SIGTERM)
        async with asyncio.timeout(10):
            await tracer.wait()
