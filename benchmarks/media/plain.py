"""The peer: plain aiortc, as its examples would have it, in two processes on the same two displays."""

import subprocess
import sys
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO

from benchmarks.media.scene import AGENT_SCREEN, SCREEN, BenchError, Scene
from tests.e2e.driver.geometry import Point
from tests.e2e.driver.processes import Programs
from tests.e2e.driver.relay import ROOT, plain_environment
from tests.e2e.driver.servers import start_xvfb

CLOSE_S = 5


@contextmanager
def open_plain(system: str, codec: str, room: Path) -> Generator[Scene]:
    """Starts both sides and connects them. Raises BenchError when one of them ends."""
    with ExitStack() as stack:
        programs = stack.enter_context(Programs(room))
        env = {**plain_environment(room), "QT_QPA_PLATFORM": "xcb"}
        customer = start_xvfb(programs, env, SCREEN, "customer-xvfb")
        agent = start_xvfb(programs, env, AGENT_SCREEN, "agent-xvfb")
        servers = tuple(program.pid for program in programs.running())
        sharer = stack.enter_context(_side(["plain_sharer", codec], {**env, "DISPLAY": customer}))
        viewer = stack.enter_context(_side(["plain_viewer"], {**env, "DISPLAY": agent}))
        _say(viewer.stdin, _hear(sharer, "an offer"))
        _say(sharer.stdin, _hear(viewer, "an answer"))
        groups = {"sharer": (sharer.pid,), "viewer": (viewer.pid,), "x": servers}
        yield Scene(system, customer, agent, Point(0, 0), lambda: groups)


@contextmanager
def _side(words: list[str], env: dict[str, str]) -> Generator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", f"benchmarks.media.{words[0]}", *words[1:]]
    side = subprocess.Popen(command, env=env, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        yield side
    finally:
        side.kill()
        side.communicate(timeout=CLOSE_S)


def _hear(side: subprocess.Popen[str], what: str) -> str:
    line = side.stdout.readline() if side.stdout else ""
    if not line:
        raise BenchError(f"{what} was not made: the process ended with {side.wait(CLOSE_S)}")
    return line


def _say(pipe: IO[str] | None, line: str) -> None:
    assert pipe is not None
    pipe.write(line)
    pipe.flush()
