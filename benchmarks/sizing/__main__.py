"""`./dev bench sizing`: how many relays hold so many connected clients. SIMULATED from measured figures, not measured.

It prints what it is fed with, a simulated repeat of the storm that `./dev bench relay` measured (how far to trust the
model), and for each size the smallest cluster that holds the bounds while one relay dies.
"""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from benchmarks.report import Row, show
from benchmarks.sizing.figures import Figures, Load, from_bench, recorded
from benchmarks.sizing.model import OPENINGS, Cluster, Plan
from benchmarks.sizing.search import Bounds, Sized, smallest

SIZES = (1_000, 10_000, 100_000)
STORM = 5_000
ON_SQLITE = {"commit_fixed_ms": 0.235, "commit_line_us": 40.0, "unit_us": 29.0}
"""./dev bench journal: 4,261 commits, 24,785 lines, 34,692 units of work a second; the storm was measured on it."""


class Given(argparse.Namespace):
    """The command line, understood."""

    quick: bool
    json: Path | None
    relay: Path | None
    clients: list[int]
    seed: int
    openings: int
    lines: float


def main(arguments: Sequence[str] | None = None) -> int:
    given = _given(arguments)
    known = recorded()
    if given.relay is not None:
        known = from_bench(given.relay, known)
    print("Simulated, not measured. Fed with:", *known.told, sep="\n  ")
    sizes = given.clients or (SIZES[:2] if given.quick else SIZES)
    rows = [_repeat(known.figures, given.seed)]
    for clients in sizes:
        load = Load(clients, talking=0.05 * given.lines)
        rows.append(_row(load, smallest(known.figures, load, Bounds(), given.seed, given.openings)))
    show(rows, given.json)
    return 0


def _given(arguments: Sequence[str] | None) -> Given:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="not the largest")
    parser.add_argument("--json", type=Path, help="append one JSON object a line to this file")
    parser.add_argument("--relay", type=Path, help="figures of ./dev bench relay --json, instead of the recorded ones")
    parser.add_argument("--clients", type=int, action="append", default=[], help="a size of one's own; repeatable")
    parser.add_argument("--lines", type=float, default=1.0, help="so many times as many talks as assumed")
    parser.add_argument("--openings", type=int, default=OPENINGS, help="the relays' setting max_openings")
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args(arguments, Given())


def _repeat(figures: Figures, seed: int) -> Row:
    """The bench's storm: 5,000 clients of one relay come back to it, while 320 lines a second are said."""
    load = Load(2 * STORM, talking=1 / (2 * STORM), line_every_s=1 / 320, stay_s=1e9)
    plan = Plan(nodes=2, seed=seed, death_s=5.0, end_s=60.0, longest_s=1.0)
    outcome = Cluster(replace(figures, **ON_SQLITE), load, plan).run()
    simulated = {"back_s": outcome.storm_back_s, "worst_ack_ms": outcome.storm_worst_s * 1e3}
    return Row("sizing", "storm of the bench", "simulated", simulated)


def _row(load: Load, sized: Sized) -> Row:
    outcome = sized.outcome
    figures = {
        "relays": float(sized.nodes),
        "lines_s": load.lines_per_s,
        "links_most": float(outcome.links_most),
        "relay_mb": sized.memory_mb,
        "busiest": outcome.busiest,
        "writer": outcome.writer,
        "p50_ms": outcome.p50_s * 1e3,
        "p99_ms": outcome.p99_s * 1e3,
        "rush_p99_ms": sized.rush_p99_s * 1e3,
        "worst_ack_ms": outcome.storm_worst_s * 1e3,
        "back_s": outcome.storm_back_s,
    }
    remarks = {"bounds": f"not held: {', '.join(sized.broken)}"} if sized.broken else {}
    return Row("sizing", f"{load.clients:,} clients", "simulated", figures, remarks)


if __name__ == "__main__":
    sys.exit(main())
