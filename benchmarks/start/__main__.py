"""`./dev bench start`: from the start of a program to a window that can be used, and what it weighs when idle.

Each program is the real one, started as a process on a desktop of its own (Xvfb, window manager, buses, keyring) with
a relay running. Two starts, not counted, warm the disk's cache and tell what the window looks like at rest. Then
`start_s` is the time from spawning the process until the field that a person would use first stands on the screen as
it does at rest, and `complete_s` until the whole window does (the customer's home page comes from the relay). After
every start the field is filled in by typing, so that looking ready means being ready.
"""

import statistics
import sys
import time
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from benchmarks.report import Row, options, show
from benchmarks.start.glance import Glance, Look
from tests.e2e.driver.desktop import Desktop, open_desktop
from tests.e2e.driver.processes import Program, Programs
from tests.e2e.driver.relay import ROOT, Relay, open_relay

SCREEN: Final = (1600, 1000)
POLL_S: Final = 0.005
GIVE_UP_S: Final = 30.0
IDLE_S: Final = 2.0
"""After this long without a hand on it a program is idle, and is weighed."""
CARET_PX: Final = 80
"""A blinking caret and its neighbours: this many pixels of the field may differ."""
WINDOW_PX: Final = 800
"""And this many of the window: a time of day, a countdown."""


@dataclass(frozen=True)
class Case:
    """A program, and the field that a person would use first."""

    name: str
    module: str
    field: str
    target_s: float


CASES: Final = (
    Case("customer", "customer_client", "What can we help with?", 1.0),
    Case("agent", "agent_app", "User", 1.5),
)


@dataclass(frozen=True)
class Ready:
    """How field and window look at rest."""

    field: Look
    window: Look


@dataclass(frozen=True)
class Start:
    """One start, timed and weighed."""

    start_s: float
    complete_s: float
    rss_mb: float


def main() -> None:
    given = options(__doc__ or "")
    times = 5 if given.quick else 20
    with TemporaryDirectory() as room, Programs(Path(room)) as programs:
        relay = open_relay(programs, Path(room) / "relay")
        rows = [_case(case, relay, times) for case in CASES]
    show(rows, given.json)


def _case(case: Case, relay: Relay, times: int) -> Row:
    with open_desktop(case.name, size=SCREEN) as desktop, Glance(desktop.display) as glance:
        _rest(desktop, case, relay, glance)
        ready = _rest(desktop, case, relay, glance)
        starts = [_timed(desktop, case, relay, glance, ready) for _ in range(times)]
    figures = {
        "start_s": statistics.median(each.start_s for each in starts),
        "start_max_s": max(each.start_s for each in starts),
        "complete_s": statistics.median(each.complete_s for each in starts),
        "rss_mb": statistics.median(each.rss_mb for each in starts),
        "starts": float(times),
        "target_s": case.target_s,
    }
    return Row("start", case.name, "threeline", figures)


@contextmanager
def _started(desktop: Desktop, case: Case, relay: Relay) -> Generator[Program]:
    command = [sys.executable, "-m", case.module, *relay.client_arguments, "--lang", "en"]
    with ExitStack() as stack:
        program = desktop.start(case.name, command, cwd=ROOT)
        stack.callback(program.wait_exit)
        stack.callback(program.process.terminate)
        yield program


def _rest(desktop: Desktop, case: Case, relay: Relay, glance: Glance) -> Ready:
    with _started(desktop, case, relay) as program:
        field = desktop.find(program, case.field, role="text", states=["enabled"], timeout_s=GIVE_UP_S)
        desktop.eyes.wait_still(desktop.window(program).rect)
        time.sleep(IDLE_S)
        ready = Ready(glance.look(field.rect), glance.look(desktop.window(program).rect))
        _use(desktop, case, program)
    return ready


def _timed(desktop: Desktop, case: Case, relay: Relay, glance: Glance, ready: Ready) -> Start:
    spawned = time.perf_counter()
    with _started(desktop, case, relay) as program:
        _wait(glance, ready.field, CARET_PX, program)
        start_s = time.perf_counter() - spawned
        _wait(glance, ready.window, WINDOW_PX, program)
        complete_s = time.perf_counter() - spawned
        time.sleep(IDLE_S)
        rss_mb = sum(_rss_kb(pid) for pid in (program.pid, *(child.pid for child in program.children()))) / 1024
        _use(desktop, case, program)
    return Start(start_s, complete_s, rss_mb)


def _use(desktop: Desktop, case: Case, program: Program) -> None:
    desktop.fill(program, "report", case.field, role="text")


def _wait(glance: Glance, wanted: Look, off_px: int, program: Program) -> None:
    until = time.perf_counter() + GIVE_UP_S
    while (off := glance.off(wanted)) > off_px:
        if time.perf_counter() > until or not program.is_alive():
            words = f"{program.name} does not look ready: {off} pixels of {wanted.rect} differ; it said:"
            raise SystemExit(f"{words}\n{program.output()}")
        time.sleep(POLL_S)


def _rss_kb(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text("ascii", errors="replace")
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS:")))


if __name__ == "__main__":
    main()
