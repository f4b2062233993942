"""`./dev bench media`: the customer's screen in the agent's window, ours beside plain aiortc, all on this machine.

- `threeline`: the customer client and the agent app in their windows, a relay over TLS, a grant given by clicking;
- `aiortc`: mss in a VideoStreamTrack, aiortc's own H.264 encoder, a plain window; without --quick also its VP8.

Each runs `scroll` (a page of text, 30 steps a second), `typing` (10 glyphs a second) and `still` (a counter twice a
second) on a customer's display of 1920 x 1080. A probe on each display reads the pattern's counter.
"""

import os
import sys
import traceback
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.media import network
from benchmarks.media.measure import Case, Times, measure, warm_up
from benchmarks.media.plain import open_plain
from benchmarks.media.scene import Scene
from benchmarks.media.threeline import open_threeline
from benchmarks.report import Options, Row, options, show

CASES = (Case("scroll", "scroll", 30), Case("typing", "type", 10), Case("still", "still", 2))

System = Callable[[Path], AbstractContextManager[Scene]]
SYSTEMS: dict[str, System] = {
    "threeline": open_threeline,
    "aiortc": lambda room: open_plain("aiortc", "h264", room),
    "aiortc-vp8": lambda room: open_plain("aiortc-vp8", "vp8", room),
}
WORDS = 2000
"""A widget tree in an error is longer than anybody reads in a terminal."""
QUICK = ("threeline", "aiortc")


def main() -> int:
    given = options(__doc__ or "")
    ended = network.enter()
    if ended is not None:
        return ended
    rows: list[Row] = []
    failed: list[str] = []
    for name in QUICK if given.quick else SYSTEMS:
        with TemporaryDirectory(prefix="tl-bench-") as room:
            try:
                rows += _run(SYSTEMS[name], Path(room), given)
            except Exception as error:  # whatever it was, the other systems are still worth measuring
                traceback.print_tb(error.__traceback__)
                print(f"{name}: {type(error).__name__}: {str(error)[:WORDS]}", file=sys.stderr)
                failed.append(name)
    show(rows, given.json)
    print(f"load average: {', '.join(f'{each:.1f}' for each in os.getloadavg())} on {os.cpu_count()} cores")
    for name in failed:
        print(f"{name}: failed, see above", file=sys.stderr)
    return 1 if failed else 0


def _run(system: System, room: Path, given: Options) -> list[Row]:
    times = Times(1.0, 4.0) if given.quick else Times(3.0, 20.0)
    remarks = {} if network.is_alone() else {"kbps": "counts everything on this machine's loopback"}
    rows: list[Row] = []
    with system(room) as scene:
        warm_up(scene, CASES[0], room / "first")
        for case in CASES:
            figures = measure(scene, case, times, room / case.name)
            rows.append(Row("media", case.name, scene.system, figures, remarks))
    return rows


if __name__ == "__main__":
    sys.exit(main())
