"""One case on one scene: the pattern moves, both displays are read, and everything is counted meanwhile."""

import itertools
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.media import shaper
from benchmarks.media.cases import Case
from benchmarks.media.legible import can_read, read_page
from benchmarks.media.look import Look, Pixels, are_same, off_by
from benchmarks.media.pattern import frames_in
from benchmarks.media.scene import BenchError, Scene
from benchmarks.media.usage import Moment, cpu_s, machine_s
from benchmarks.report import percentile
from tests.e2e.driver.geometry import Rect
from tests.e2e.driver.processes import Program, Programs
from tests.e2e.driver.relay import ROOT, plain_environment

STANDS_S = 3.0
"""How long the pattern has stood still when the two pictures are compared, at least."""
READ_AFTER_S = 1.0
"""How long a page of text has stood when it is read."""
ADAPTS_S = 5.0
"""What a system is given to notice that its network has become poor, before counting begins."""
TAIL_S = 0.5
"""Frames drawn this late in a case are not waited for."""
FIRST_S = 25.0
WARM_FRAMES = 60
WARM_S = 12.0
"""What estimates of the network need to rise to what it bears; browsers begin low."""
EXACT_DB = 99.0
"""Stands for infinity: the pictures are the same."""
APART = 10_000
"""Counters of different cases are this far apart, so that a late frame of one is not taken for one of the next."""
POLL_S = 0.02

_begins = itertools.count(0, APART)


@dataclass(frozen=True)
class Times:
    """Seconds before counting begins, and seconds counted."""

    warm_s: float
    counted_s: float


@dataclass(frozen=True)
class Run:
    """A case under way: its pattern, and the probes on both displays."""

    scene: Scene
    case: Case
    first: int
    last: int
    pattern: Program
    drawn: Program
    shown: Program

    def told(self, program: Program) -> dict[int, int]:
        """When each counter of this run was first there, in microseconds."""
        found = read_times(program.output())
        return {counter: at for counter, at in found.items() if self.first <= counter <= self.last}


def measure(scene: Scene, case: Case, times: Times, room: Path) -> dict[str, float]:
    """Figures of one case. Raises BenchError when the customer's display does not show the pattern."""
    adapts_s = ADAPTS_S if case.path != shaper.Path() else 0.0
    try:
        with Programs(room) as programs:
            run = _start(programs, room, scene, case, Times(adapts_s + times.warm_s, times.counted_s))
            scene.network.set_path(case.path)
            time.sleep(adapts_s)
            return _figures(run, times)
    finally:
        scene.network.set_path(shaper.Path())


def _figures(run: Run, times: Times) -> dict[str, float]:
    time.sleep(times.warm_s)
    before = _moment(run.scene)
    time.sleep(times.counted_s)
    after = _moment(run.scene)
    _wait_last(run)
    ended = _stand(run)
    drawn = earliest(run.told(run.drawn), run.told(run.pattern))
    return {**delays(drawn, run.told(run.shown), before.at_us, after.at_us), **_costs(before, after), **ended}


def warm_up(scene: Scene, case: Case, room: Path) -> None:
    """Lets the pattern move for a while, and until the agent has seen some of it: caches, key frames, estimates.

    Raises BenchError when that does not happen.
    """
    with Programs(room) as programs:
        run = _start(programs, room, scene, case, Times(FIRST_S, 0))
        begun = time.monotonic()
        until = begun + FIRST_S
        while time.monotonic() < begun + WARM_S or len(run.told(run.shown)) < WARM_FRAMES:
            if time.monotonic() > until:
                raise BenchError(f"the agent saw {len(run.told(run.shown))} frames in {FIRST_S} s")
            time.sleep(0.05)


def _start(programs: Programs, room: Path, scene: Scene, case: Case, times: Times) -> Run:
    """Starts everything; the pattern moves for as long as `times` says, and stands."""
    shown = _start_probe(programs, room, scene.agent, scene.pattern_shown)
    drawn = _start_probe(programs, room, scene.customer, scene.screens.pattern)
    begin, seconds = next(_begins), times.warm_s + times.counted_s + TAIL_S
    at = scene.screens.pattern
    place = ["--left", at.x, "--top", at.y, "--width", at.width, "--height", at.height]
    pace = ["--rate", case.rate, "--seconds", seconds, "--hold", 60, "--begin", begin]
    words = [case.mode, "--display", scene.customer, *pace, *place]
    command = [sys.executable, "-m", "benchmarks.media.pattern", *(str(word) for word in words)]
    pattern = programs.start("pattern", command, env=plain_environment(room), cwd=ROOT)
    for program in (shown, drawn, pattern):
        program.wait_output("\n", 15)
    return Run(scene, case, begin + 1, begin + frames_in(case.rate, seconds), pattern, drawn, shown)


def _start_probe(programs: Programs, room: Path, display: str, at: Rect) -> Program:
    command = [sys.executable, "-m", "benchmarks.media.probe", display, str(at.x), str(at.y)]
    return programs.start("probe", command, env=plain_environment(room), cwd=ROOT)


def _wait_last(run: Run) -> None:
    """Until the pattern has drawn its last frame. Raises BenchError."""
    until = time.monotonic() + 15
    while run.last not in run.told(run.drawn):
        if time.monotonic() > until or not run.pattern.is_alive():
            ends = {each.name: each.output().splitlines()[-1:] for each in (run.pattern, run.drawn)}
            raise BenchError(f"frame {run.last} was not seen on the customer's display; last heard: {ends}")
        time.sleep(POLL_S)


def read_times(output: str) -> dict[int, int]:
    """What a probe or a pattern has told; the line that it is just writing is left out."""
    seen: dict[int, int] = {}
    for line in output.splitlines(keepends=True):
        words = line.split()
        if len(words) == 2 and line.endswith("\n"):
            seen.setdefault(int(words[0]), int(words[1]))
    return seen


def earliest(probed: dict[int, int], told: dict[int, int]) -> dict[int, int]:
    """When the customer's display showed each counter: as soon as either the probe or the pattern itself knew.

    Both wait for a turn on the CPU after it is true.
    """
    return {counter: min(at, told.get(counter, at)) for counter, at in probed.items()}


def _moment(scene: Scene) -> Moment:
    groups = {name: cpu_s(pids) for name, pids in scene.groups().items()}
    return Moment(time.monotonic_ns() // 1000, groups, machine_s(), scene.network.bytes())


def delays(drawn: dict[int, int], shown: dict[int, int], before_us: int, after_us: int) -> dict[str, float]:
    """Of the frames drawn between two moments. No delay when none was shown. Raises BenchError."""
    asked = {counter: at for counter, at in drawn.items() if before_us <= at < after_us}
    found = [(shown[counter] - at) / 1000 for counter, at in asked.items() if counter in shown]
    rate = {"fps": len(found) / ((after_us - before_us) / 1e6), "frames": float(len(found))}
    if not found:
        return rate
    if min(found) < 0:
        raise BenchError(f"a frame was shown {-min(found):.1f} ms before it was drawn: the probes read wrongly")
    return {"p50_ms": percentile(found, 0.5), "p99_ms": percentile(found, 0.99), **rate}


def _costs(before: Moment, after: Moment) -> dict[str, float]:
    cores = {f"cpu_{name}": used for name, used in before.cores(after).items()}
    return {**cores, "kbps": before.kbps(after)}


def _stand(run: Run) -> dict[str, float]:
    """The picture stands still: how soon the two displays are the same, or how far apart they stay."""
    real, shown = Look(run.scene.customer, run.scene.screens.pattern), Look(run.scene.agent, run.scene.pattern_shown)
    stopped = run.told(run.pattern)[run.last] / 1e6
    figures: dict[str, float] = {}
    page: Pixels | None = None
    while (passed := time.monotonic() - stopped) < STANDS_S:
        left, right = _both(real, shown)
        if page is None and passed >= READ_AFTER_S:
            page = right.copy()
        if are_same(left, right):
            figures["exact_s"] = passed
            break
        time.sleep(POLL_S)
    left, right = _both(real, shown)
    if run.case.read and can_read():
        figures["read_ratio"] = read_page(right if page is None else page, run.last)
    return figures | likeness(left, right)


def _both(real: Look, shown: Look) -> tuple[Pixels, Pixels]:
    left, right = real.pixels(), shown.pixels()
    if left is None or right is None:
        raise BenchError("a display does not let itself be read")
    return left, right


def likeness(left: Pixels, right: Pixels) -> dict[str, float]:
    """How exactly one picture is the other."""
    off = off_by(left, right)
    error = float((off.astype(np.float64) ** 2).mean())
    return {
        "exact_ratio": float((off.max(axis=2) == 0).mean()),
        "psnr_db": EXACT_DB if error == 0 else min(EXACT_DB, float(10 * np.log10(255**2 / error))),
        "off_max": float(off.max()),
    }
