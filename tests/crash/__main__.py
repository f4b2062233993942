"""`./dev crash`: plan after plan against real relay processes, until the minutes are over or a law breaks."""

import argparse
import asyncio
import logging
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.crash.plan import KINDS, Plan, make, show, shuffled
from tests.crash.run import FLAGS, Outcome, carry_out
from tests.crash.sqlite_engine import SqliteEngine
from tests.crash.town import Town, prepare


def main() -> int:
    options = _parser().parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    logging.getLogger("shared").setLevel(logging.WARNING)
    until = time.monotonic() + options.minutes * 60
    seed, runs, lines = options.seed, 0, 0
    while True:
        plan = make(seed, customers=options.customers, lines=options.lines, kinds=_kinds(seed, options.blows))
        if options.show:
            _say(show(plan))
            return 0
        outcome = _run(plan)
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
        seed += 1
        if time.monotonic() >= until:
            _say(f"{runs} runs, {lines} lines acknowledged, no law broken")
            return 0


def _kinds(seed: int, blows: str) -> tuple[str, ...]:
    return tuple(blows.split(",")) if blows else shuffled(seed, (*KINDS, "kill", "kill"))


def _run(plan: Plan) -> Outcome:
    with TemporaryDirectory(prefix="threeline-crash-") as name:
        data_dir = Path(name) / "relay" / "data"
        data_dir.parent.mkdir()
        prepare(data_dir)
        town = Town(data_dir, SqliteEngine(data_dir / "relay.sqlite3"), FLAGS)
        try:
            return asyncio.run(carry_out(plan, town, Path(name)))
        except BaseException:
            _say(f"seed {plan.seed} got stuck; the relay's last words:\n{town.words()[-5000:]}")
            raise


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("./dev crash", description=__doc__)
    parser.add_argument("--minutes", type=float, default=0, help="go on with the next seeds for so long")
    parser.add_argument("--seed", type=int, default=1, help="the first plan; the same seed is the same plan")
    parser.add_argument("--customers", type=int, default=8)
    parser.add_argument("--lines", type=int, default=60, help="of each customer")
    parser.add_argument("--blows", default="", help=f"some of {','.join(KINDS)}, in this order")
    parser.add_argument("--show", action="store_true", help="print the plan and do nothing")
    return parser


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
