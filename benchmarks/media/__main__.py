"""`./dev bench media`: the customer's screen in the agent's window, ours beside others', all on this machine.

Systems: `threeline` (both programs in their windows, a relay over TLS, a grant given by clicking), `threeline-lossless`
(the same, told to lose nothing), `aiortc` (mss in a VideoStreamTrack, aiortc's own H.264 encoder, a plain window),
`chromium` and `chromium-h264` (getDisplayMedia to a video element), `x11vnc` and `x0vncserver` (to TigerVNC's viewer).

Cases, at 1920 x 1080: `scroll` (a page of text, 30 steps a second), `typing` (10 glyphs a second), `video` (a film in
a still desk), `drag` (a window over a desk), `mixed` (all of these), `still` (a counter twice a second); scroll and
typing with 1 % loss and 20 ms each way (`-loss1`), and both and a `page` of words at 300 kbit/s (`-300k`).
`--grid` adds 720p to 4K, three viewers, more loss and delay and other caps, and takes hours.
"""

import argparse
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.media import network, packages
from benchmarks.media.cases import DEFAULT, GRID, PLAIN, QUICK, SCROLL, Setting, chosen
from benchmarks.media.chromium import open_chromium
from benchmarks.media.measure import Times, measure, warm_up
from benchmarks.media.paper import paper
from benchmarks.media.plain import open_plain
from benchmarks.media.scene import Place, Scene
from benchmarks.media.threeline import open_threeline
from benchmarks.media.vnc import X0VNCSERVER, X11VNC, open_vnc
from benchmarks.report import Row, show

System = Callable[[Place], AbstractContextManager[Scene]]
SYSTEMS: dict[str, System] = {
    "threeline": open_threeline,
    "threeline-lossless": partial(open_threeline, system="threeline-lossless", quality="exact"),
    "aiortc": partial(open_plain, system="aiortc", codec="h264"),
    "chromium": partial(open_chromium, system="chromium", codec="vp8"),
    "chromium-h264": partial(open_chromium, system="chromium-h264", codec="h264"),
    "x11vnc": partial(open_vnc, server=X11VNC),
    "x0vncserver": partial(open_vnc, server=X0VNCSERVER),
}
QUICK_SYSTEMS = ("threeline", "aiortc")
WORDS = 2000
"""A widget tree in an error is longer than anybody reads in a terminal."""
OPEN_S, CASE_S = 90, 60
"""What a system may take to open, and a case beyond what it counts."""
COUNTED_S = 4.0


def main() -> int:
    given = _options()
    packages.provide()
    ended = network.enter()
    if ended is not None:
        return ended
    rows: list[Row] = []
    failed: list[str] = []
    for setting in given.settings:
        for name in given.systems:
            bench = Bench(name, setting, given.times)
            bench.run()
            rows += bench.rows
            failed += bench.failed
    show(rows, given.json)
    print(f"\n{paper(rows)}\n\n{_circumstances()}")
    for each in failed:
        print(each, file=sys.stderr)
    return 1 if failed else 0


class Given(argparse.Namespace):
    """The command line, understood."""

    json: Path | None
    systems: tuple[str, ...]
    settings: tuple[Setting, ...]
    times: Times


def _options() -> Given:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--quick", action="store_true", help="two systems, three cases, within two minutes")
    size.add_argument("--grid", action="store_true", help="more screens, viewers and networks")
    parser.add_argument("--only", default="", metavar="SYSTEM,...", help=", ".join(SYSTEMS))
    parser.add_argument("--cases", default="", metavar="CASE,...", help="only these")
    parser.add_argument("--seconds", type=float, help="counted in each case")
    parser.add_argument("--json", type=Path, help="append one JSON object a line to this file")
    given = parser.parse_args(namespace=Given())
    given.systems = _names(given.only) or (QUICK_SYSTEMS if given.quick else tuple(SYSTEMS))
    if unknown := set(given.systems) - set(SYSTEMS):
        parser.error(f"no such system: {', '.join(sorted(unknown))}; there are {', '.join(SYSTEMS)}")
    settings = GRID if given.grid or given.cases else (QUICK if given.quick else DEFAULT,)
    try:
        given.settings = chosen(settings, _names(given.cases))
    except ValueError as error:
        parser.error(str(error))
    given.times = Times(1.0, given.seconds or COUNTED_S)
    return given


def _names(given: str) -> tuple[str, ...]:
    return tuple(name for name in given.split(",") if name)


class Bench:
    """One system in one setting. What fails is told in `failed`, and the rest is still measured."""

    def __init__(self, name: str, setting: Setting, times: Times) -> None:
        self.rows: list[Row] = []
        self.failed: list[str] = []
        self._name, self._setting, self._times = name, setting, times
        self._remarks = {} if network.is_alone() else {"kbps": "counts everything on this machine's loopback"}

    def run(self) -> None:
        """Opens it, measures every case, ends it."""
        limit = OPEN_S + CASE_S * len(self._setting.cases)
        with TemporaryDirectory(prefix="tl-bench-") as name, self._forgiven(self._setting.name, limit):
            self._measure(Path(name))

    def _measure(self, room: Path) -> None:
        setting = self._setting
        with ExitStack() as stack:
            net = stack.enter_context(network.open_network(room / "network"))
            place = Place(room / "system", setting.screens, net, setting.viewers, setting.first_over)
            scene = stack.enter_context(SYSTEMS[self._name](place))
            net.set_path(PLAIN)
            self._add(setting.first, {"first_s": scene.first_s})
            if setting.cases:
                warm_up(scene, SCROLL, room / "warm")
            for case in setting.cases:
                with self._forgiven(case.name, CASE_S + self._times.counted_s):
                    self._add(case.name, measure(scene, case, self._times, room / case.name))

    def _add(self, case: str, figures: dict[str, float]) -> None:
        self.rows.append(Row("media", case, self._name, figures, self._remarks))
        told = ", ".join(f"{name} {value:.3g}" for name, value in figures.items())
        print(f"{time.strftime('%H:%M:%S')} {case}, {self._name}: {told}", file=sys.stderr, flush=True)

    @contextmanager
    def _forgiven(self, what: str, seconds: float) -> Generator[None]:
        """Whatever goes wrong in the block, or takes too long, is told at the end."""
        try:
            with _at_most(seconds):
                yield
        except Exception as error:
            traceback.print_tb(error.__traceback__)
            told = f"{what}, {self._name}: failed: {type(error).__name__}: {str(error)[:WORDS]}"
            print(told, file=sys.stderr, flush=True)
            self.failed.append(told)


@contextmanager
def _at_most(seconds: float) -> Generator[None]:
    """Raises TimeoutError in the block when it takes longer. May lie in another such block, whose time goes on."""

    def late(*_: object) -> None:
        raise TimeoutError(f"took longer than {seconds:.0f} s")

    before, begun = signal.signal(signal.SIGALRM, late), time.monotonic()
    outer, _ = signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.signal(signal.SIGALRM, before)
        left = max(0.001, outer - (time.monotonic() - begun)) if outer else 0.0
        signal.setitimer(signal.ITIMER_REAL, left)


def _circumstances() -> str:
    load = ", ".join(f"{each:.1f}" for each in os.getloadavg())
    return f"{time.strftime('%Y-%m-%d %H:%M')}, {os.cpu_count()} cores, load average {load}"


if __name__ == "__main__":
    sys.exit(main())
