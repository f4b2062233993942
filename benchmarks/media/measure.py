"""One case on one scene: the pattern moves, both displays are read, and everything is counted meanwhile."""

import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.media.scene import PATTERN, BenchError, Scene
from benchmarks.media.usage import Moment, cpu_s, loopback_bytes, machine_s
from benchmarks.report import percentile
from tests.e2e.driver.eyes import Eyes
from tests.e2e.driver.geometry import Rect
from tests.e2e.driver.processes import Program, Programs
from tests.e2e.driver.relay import ROOT, plain_environment

STANDS_S = 3.0
"""How long the pattern has stood still when the two pictures are compared."""
TAIL_S = 0.5
"""Frames drawn this late in a case are not waited for."""
FIRST_S = 25.0
WARM_FRAMES = 60
EXACT_DB = 99.0
"""Stands for infinity: the pictures are the same."""


@dataclass(frozen=True)
class Case:
    """`mode` is the pattern's."""

    name: str
    mode: str
    rate: float


@dataclass(frozen=True)
class Times:
    """Seconds before counting begins, and seconds counted."""

    warm_s: float
    counted_s: float


def measure(scene: Scene, case: Case, times: Times, room: Path) -> dict[str, float]:
    """Figures of one case. Raises BenchError when the agent's display does not show the pattern."""
    with Programs(room) as programs:
        drawn = _start_probe(programs, room, scene.customer, PATTERN)
        shown = _start_probe(programs, room, scene.agent, scene.pattern_shown)
        pattern = _start_pattern(programs, room, scene.customer, case, times)
        time.sleep(times.warm_s)
        before = _moment(scene)
        time.sleep(times.counted_s)
        after = _moment(scene)
        _wait_last(drawn, round(case.rate * (times.warm_s + times.counted_s + TAIL_S)), pattern)
        time.sleep(STANDS_S)
        exactness = _compare(scene)
    return (
        _delays(_earliest(_read(drawn), _read(pattern)), _read(shown), before, after)
        | _costs(before, after)
        | exactness
    )


def warm_up(scene: Scene, case: Case, room: Path) -> None:
    """Until the agent has seen some of it: caches, first key frame, first estimate of what the path bears.

    Raises BenchError when that does not happen.
    """
    with Programs(room) as programs:
        shown = _start_probe(programs, room, scene.agent, scene.pattern_shown)
        _start_pattern(programs, room, scene.customer, case, Times(FIRST_S, 0))
        until = time.monotonic() + FIRST_S
        while len(_read(shown)) < WARM_FRAMES:
            if time.monotonic() > until:
                raise BenchError(f"the agent saw {len(_read(shown))} frames in {FIRST_S} s")
            time.sleep(0.05)


def _start_probe(programs: Programs, room: Path, display: str, at: Rect) -> Program:
    command = [sys.executable, "-m", "benchmarks.media.probe", display, str(at.x), str(at.y)]
    probe = programs.start("probe", command, env=plain_environment(room), cwd=ROOT)
    probe.wait_output("ready")
    return probe


def _start_pattern(programs: Programs, room: Path, display: str, case: Case, times: Times) -> Program:
    seconds = times.warm_s + times.counted_s + TAIL_S
    place = ["--left", PATTERN.x, "--top", PATTERN.y, "--width", PATTERN.width, "--height", PATTERN.height]
    pace = ["--rate", case.rate, "--seconds", seconds, "--hold", 60]
    words = [case.mode, "--display", display, *pace, *place]
    command = [sys.executable, "-m", "benchmarks.media.pattern", *(str(word) for word in words)]
    pattern = programs.start("pattern", command, env=plain_environment(room), cwd=ROOT)
    pattern.wait_output("\n", 15)
    return pattern


def _wait_last(drawn: Program, last: int, pattern: Program) -> None:
    """Until the pattern has drawn its last frame. Raises BenchError."""
    until = time.monotonic() + 15
    while last not in _read(drawn):
        if time.monotonic() > until or not pattern.is_alive():
            ends = {each.name: each.output().splitlines()[-1:] for each in (pattern, drawn)}
            raise BenchError(f"frame {last} was not seen on the customer's display; last heard: {ends}")
        time.sleep(0.05)


def _read(probe: Program) -> dict[int, int]:
    """When each counter was first there, in microseconds."""
    seen: dict[int, int] = {}
    for line in probe.output().splitlines():
        words = line.split()
        if len(words) == 2:
            seen.setdefault(int(words[0]), int(words[1]))
    return seen


def _earliest(probed: dict[int, int], told: dict[int, int]) -> dict[int, int]:
    """When the customer's display showed each counter: as soon as either the probe or the pattern itself knew.

    Both wait for a turn on the CPU after it is true.
    """
    return {counter: min(at, told.get(counter, at)) for counter, at in probed.items()}


def _moment(scene: Scene) -> Moment:
    groups = {name: cpu_s(pids) for name, pids in scene.groups().items()}
    return Moment(time.monotonic_ns() // 1000, groups, machine_s(), loopback_bytes())


def _delays(drawn: dict[int, int], shown: dict[int, int], before: Moment, after: Moment) -> dict[str, float]:
    asked = {counter: at for counter, at in drawn.items() if before.at_us <= at < after.at_us}
    delays = [(shown[counter] - at) / 1000 for counter, at in asked.items() if counter in shown]
    if not delays:
        raise BenchError(f"of {len(asked)} frames that the customer saw, the agent saw none")
    if min(delays) < 0:
        raise BenchError(f"a frame was shown {-min(delays):.1f} ms before it was drawn: the probes read wrongly")
    return {
        "p50_ms": percentile(delays, 0.5),
        "p99_ms": percentile(delays, 0.99),
        "fps": len(delays) / ((after.at_us - before.at_us) / 1e6),
        "frames": float(len(delays)),
    }


def _costs(before: Moment, after: Moment) -> dict[str, float]:
    cores = {f"cpu_{name}": used for name, used in before.cores(after).items()}
    return {**cores, "kbps": before.kbps(after)}


def _compare(scene: Scene) -> dict[str, float]:
    """How exactly the agent's display shows the customer's, over the pattern."""
    real = np.asarray(Eyes(scene.customer).picture(PATTERN), dtype=np.int16)
    shown = np.asarray(Eyes(scene.agent).picture(scene.pattern_shown), dtype=np.int16)
    off = np.abs(real - shown)
    error = float((off.astype(np.float64) ** 2).mean())
    return {
        "exact_ratio": float((off.max(axis=2) == 0).mean()),
        "psnr_db": EXACT_DB if error == 0 else min(EXACT_DB, float(10 * np.log10(255**2 / error))),
        "off_max": float(off.max()),
    }
