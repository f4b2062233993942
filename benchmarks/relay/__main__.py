"""`./dev bench relay`: our relay beside others', all real processes on this machine's loopback.

Systems: `threeline` (SQLite, every acknowledgement after its batch's fdatasync), `threeline-postgres`, `meshcentral`
(from npm; its relay forwards and stores nothing), `prosody` (idle clients only).

Cases: `durable` (as many lines as get acknowledged, 64 links with 32 open each), `rate2k` (2,000 a second, evenly),
`idle` and `idle-tls` (memory for each signed-in client who says nothing), `storm` (5,000 clients lose their links and
come back at once), `two-nodes` (two relays on PostgreSQL and NATS), `claim` (10,000 waiting, 10,000 agents).
All links speak TLS except in `idle`.
"""

import argparse
import asyncio
import os
import resource
import sys
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import uvloop

from benchmarks.relay import claim, nodes, safety
from benchmarks.relay.cases import Figures, Load, Running, Unavailable, durable, idle, steady
from benchmarks.relay.meshcentral import open_meshcentral
from benchmarks.relay.postgres import open_postgres
from benchmarks.relay.prosody import open_prosody
from benchmarks.relay.threeline import open_threeline, open_threeline_postgres
from benchmarks.report import Row, show
from relay_server.engine.postgres_store import PostgresStore
from relay_server.engine.sqlite_store import SqliteStore

Opened = AbstractAsyncContextManager[Running]
CASES = ("durable", "rate2k", "idle", "idle-tls", "storm", "two-nodes", "claim")
SYSTEMS = ("threeline", "threeline-postgres", "meshcentral", "prosody")
QUICK = Load(seconds=5, idle=300, storm=500)
CASE_S = 400.0
FILES = 65_536


class Given(argparse.Namespace):
    """The command line, understood."""

    json: Path | None
    quick: bool
    only: str
    cases: str
    seconds: float | None


def main() -> int:
    given, systems, cases = _options()
    load = QUICK if given.quick else Load()
    if given.seconds:
        load = Load(load.links, load.window, given.seconds, load.idle, load.storm)
    _more_files()
    rows: list[Row] = []
    without: list[str] = []
    with TemporaryDirectory(prefix="tl-bench-") as place, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        for case in cases:
            for system in systems:
                room = Path(place) / f"{case}-{system}"
                room.mkdir()
                try:
                    figures, remarks = runner.run(_measured(case, system, room, load))
                except (Unavailable, OSError, RuntimeError, TimeoutError) as error:
                    without.append(f"{case}, {system}: {error or type(error).__name__}")
                    print(without[-1], file=sys.stderr, flush=True)
                    continue
                rows.append(Row("relay", case, system, figures, remarks))
                told = ", ".join(f"{name} {value:.4g}" for name, value in figures.items())
                print(f"{time.strftime('%H:%M:%S')} {case}, {system}: {told}", file=sys.stderr, flush=True)
    show(rows, given.json)
    print("\n".join(["", *without, _circumstances()]))
    return 0


def _options() -> tuple[Given, tuple[str, ...], tuple[str, ...]]:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="short, with fewer clients")
    parser.add_argument("--only", default="", metavar="SYSTEM,...", help=", ".join(SYSTEMS))
    parser.add_argument("--cases", default="", metavar="CASE,...", help=", ".join(CASES))
    parser.add_argument("--seconds", type=float, help="counted in `durable` and `rate2k`")
    parser.add_argument("--json", type=Path, help="append one JSON object a line to this file")
    given = parser.parse_args(namespace=Given())
    chosen: list[tuple[str, ...]] = []
    for words, known in ((given.only, SYSTEMS), (given.cases, CASES)):
        names = tuple(name for name in words.split(",") if name) or known
        if unknown := set(names) - set(known):
            parser.error(f"no such name: {', '.join(sorted(unknown))}; there are {', '.join(known)}")
        chosen.append(names)
    return given, chosen[0], chosen[1]


async def _measured(case: str, system: str, room: Path, load: Load) -> tuple[Figures, dict[str, str]]:
    async with asyncio.timeout(CASE_S):
        if case == "claim":
            return await _claim(system, room)
        if case == "two-nodes":
            if system != "threeline-postgres":
                raise Unavailable("two nodes are measured as threeline-postgres, beside one on the same engine")
            return await nodes.measure(room, load), {"store": "PostgreSQL, fsync and synchronous_commit on; NATS"}
        async with _opened(system, room, plain=case == "idle") as running:
            return await _work(case, running)(running, load), running.remarks


async def _claim(system: str, room: Path) -> tuple[Figures, dict[str, str]]:
    if system == "threeline":
        path = room / "relay.sqlite3"
        return await claim.measure(SqliteStore(path)), {"store": safety.of_sqlite(path)}
    if system == "threeline-postgres":
        async with open_postgres() as server:
            store = PostgresStore(server.address)
            return await claim.measure(store), {"store": await safety.of_postgres(store)}
    raise Unavailable("assigns nothing")


def _opened(system: str, room: Path, *, plain: bool) -> Opened:
    openers: dict[str, Callable[[Path], Opened]] = {
        "threeline": partial(open_threeline, plain=plain),
        "threeline-postgres": partial(open_threeline_postgres, plain=plain),
        "meshcentral": _no_plain if plain else open_meshcentral,
        "prosody": partial(open_prosody, plain=plain),
    }
    return openers[system](room)


def _work(case: str, running: Running) -> Callable[[Running, Load], Awaitable[Figures]]:
    if case == "durable":
        return durable
    if case == "rate2k":
        return steady
    if case == "storm":
        storm = running.storm
        if storm is None:
            raise Unavailable("its clients' way back is its own; only ours is measured")
        return lambda _, load: storm(load)
    return idle


@asynccontextmanager
async def _no_plain(room: Path) -> AsyncGenerator[Running]:
    raise Unavailable(f"it is measured with TLS only: see idle-tls ({room.name})")
    yield  # what makes it a context


def _more_files() -> None:
    """Both ends of 5,000 links are sockets of this machine."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = FILES if hard == resource.RLIM_INFINITY else min(FILES, hard)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _circumstances() -> str:
    load = ", ".join(f"{each:.1f}" for each in os.getloadavg())
    return f"{time.strftime('%Y-%m-%d %H:%M')}, {os.cpu_count()} cores, load average {load}"


if __name__ == "__main__":
    sys.exit(main())
