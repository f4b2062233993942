"""`./dev crash`: plan after plan against real relay processes, until the minutes are over or a law breaks."""

import argparse
import asyncio
import logging
import sys
import time
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.cluster.sample import sample_store
from tests.crash.plan import CLUSTER_KINDS, KINDS, Plan, make, show, shuffled
from tests.crash.postgres_engine import RELAYS, postgres_town
from tests.crash.process import RelayProcess, prepare
from tests.crash.run import FLAGS, Outcome, carry_out
from tests.crash.sqlite_engine import SqliteEngine
from tests.crash.town import Town

OpenTown = Callable[[Path], AbstractAsyncContextManager[Town]]


def main() -> int:
    options = _parser().parse_args()
    if options.pressure:
        return pytest.main([str(Path(__file__).with_name("pressure_more.py")), "-p", "no:cacheprovider"])
    if options.show:
        _say(show(_plan(options.seed, options)))
        return 0
    with _engine(options.engine) as open_town:
        logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", force=True)
        logging.getLogger("shared").setLevel(logging.WARNING)
        return _runs(options, open_town)


def _runs(options: argparse.Namespace, open_town: OpenTown) -> int:
    until = time.monotonic() + options.minutes * 60
    runs = lines = 0
    while True:
        seed = options.seed + runs
        plan = _plan(seed, options)
        outcome = asyncio.run(_run(plan, open_town))
        runs, lines = runs + 1, lines + outcome.acknowledged
        _say(
            f"seed {seed}: {outcome.acknowledged} lines acknowledged, {outcome.events} events, {outcome.starts} starts,"
            f" {outcome.seconds:.0f} s, {len(outcome.broken)} broken"
        )
        if outcome.broken:
            _say(show(plan))
            for each in outcome.broken[:50]:
                _say(f"{each.law}: {each.detail}")
            return 1
        if time.monotonic() >= until:
            _say(f"{runs} runs, {lines} lines acknowledged, no law broken")
            return 0


def _plan(seed: int, options: argparse.Namespace) -> Plan:
    relays = 1 if options.engine == "sqlite" else RELAYS
    kinds = _kinds(seed, options.engine, options.blows)
    return make(seed, customers=options.customers, lines=options.lines, kinds=kinds, relays=relays)


def _kinds(seed: int, engine: str, blows: str) -> tuple[str, ...]:
    every = (*KINDS, "kill", "kill") if engine == "sqlite" else (*CLUSTER_KINDS, "kill", "store")
    return tuple(blows.split(",")) if blows else shuffled(seed, every)


@contextmanager
def _engine(name: str) -> Generator[OpenTown]:
    """How a town of its own is made for each run."""
    if name == "sqlite":
        yield _sqlite_town
        return
    with TemporaryDirectory(prefix="threeline-crash-") as room, sample_store(Path(room)) as server:
        yield lambda room: postgres_town(server, room)


@asynccontextmanager
async def _sqlite_town(room: Path) -> AsyncGenerator[Town]:
    data_dir = room / "relay" / "data"
    data_dir.parent.mkdir()
    await asyncio.to_thread(prepare, data_dir)
    yield Town((RelayProcess(data_dir, FLAGS),), SqliteEngine(data_dir / "relay.sqlite3"))


async def _run(plan: Plan, open_town: OpenTown) -> Outcome:
    with TemporaryDirectory(prefix="threeline-crash-") as name:
        async with open_town(Path(name)) as town:
            try:
                return await carry_out(plan, town, Path(name))
            except BaseException:
                _say(f"seed {plan.seed} got stuck; the last words:\n{town.words(6000)}")
                raise


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("./dev crash", description=__doc__)
    parser.add_argument("--minutes", type=float, default=0, help="go on with the next seeds for so long")
    parser.add_argument("--seed", type=int, default=1, help="the first plan; the same seed is the same plan")
    parser.add_argument("--customers", type=int, default=8)
    parser.add_argument("--lines", type=int, default=60, help="of each customer")
    parser.add_argument("--engine", choices=("sqlite", "postgres"), default="sqlite", help="one relay, or two")
    every = ",".join(dict.fromkeys((*KINDS, *CLUSTER_KINDS)))
    parser.add_argument("--blows", default="", help=f"some of {every}, in this order")
    parser.add_argument("--pressure", action="store_true", help="the longer tests of peers that press on a relay")
    parser.add_argument("--show", action="store_true", help="print the plan and do nothing")
    return parser


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
