"""The peer: plain aiortc, as its examples would have it, in two processes on the same two displays."""

import subprocess
import sys
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from typing import IO

from benchmarks.media.bare import open_desks
from benchmarks.media.glimpse import watch_first
from benchmarks.media.scene import BenchError, Place, Scene
from tests.e2e.driver.geometry import Point
from tests.e2e.driver.processes import Programs
from tests.e2e.driver.relay import ROOT

CLOSE_S = 5


@contextmanager
def open_plain(place: Place, system: str, codec: str) -> Generator[Scene]:
    """Starts both sides and connects them. Raises BenchError when one of them ends."""
    with ExitStack() as stack:
        programs = stack.enter_context(Programs(place.room))
        desks = open_desks(programs, place)
        words, there = ["plain_sharer", codec, str(place.viewers)], place.network.over_there
        sharer = stack.enter_context(_side(words, desks.on(desks.customer)))
        size = [str(each) for each in place.screens.customer]
        viewers = [
            stack.enter_context(_side(["plain_viewer", *size], desks.on(display), there)) for display in desks.agents
        ]
        first = stack.enter_context(watch_first(place, desks.agent))
        offers = [_hear(sharer, "an offer") for _ in viewers]
        for viewer in viewers:
            _hear(viewer, "a window")
        first.start()
        for viewer, offer in zip(viewers, offers, strict=True):
            _say(viewer.stdin, offer)
        for viewer in viewers:
            _say(sharer.stdin, _hear(viewer, "an answer"))
        groups = {"sharer": (sharer.pid,), "viewer": tuple(viewer.pid for viewer in viewers), **desks.servers}
        waited = first.seconds()
        yield Scene(
            system, desks.customer, desks.agent, place.screens, place.network, Point(0, 0), lambda: groups, waited
        )


@contextmanager
def _side(words: list[str], env: dict[str, str], before: tuple[str, ...] = ()) -> Generator[subprocess.Popen[str]]:
    command = [*before, sys.executable, "-m", f"benchmarks.media.{words[0]}", *words[1:]]
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
