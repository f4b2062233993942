"""When a display first shows the stripe of the customer's wallpaper, at whatever scale and place.

python -m benchmarks.media.glimpse DISPLAY WIDTH HEIGHT. Prints `ready`, then the time in microseconds (monotonic).
"""

import sys
import time
from collections.abc import Generator
from contextlib import contextmanager

import numpy as np

from benchmarks.media.look import Look, Pixels
from benchmarks.media.pictures import STRIPE
from benchmarks.media.scene import BenchError, Place
from tests.e2e.driver.geometry import Rect
from tests.e2e.driver.processes import Program, Programs
from tests.e2e.driver.relay import ROOT, plain_environment
from tests.e2e.driver.waiting import wait_for

EVERY = 8
"""Pixels left out between two that are looked at."""
ENOUGH = 100
NEAR = 60
"""Of 255, in each channel: a first picture may be coarse."""
FIRST_S = 30.0


def shows_stripe(pixels: Pixels) -> bool:
    """Whether there is a good deal of its colour, more or less."""
    seen = pixels[::EVERY, ::EVERY, :3].astype(np.int16)
    near = (np.abs(seen - np.asarray(STRIPE, np.int16)) < NEAR).all(axis=2)
    return int(near.sum()) >= ENOUGH


class First:
    """A clock for the first picture."""

    def __init__(self, place: Place, glimpse: Program) -> None:
        self._place, self._glimpse = place, glimpse
        self._begun_us = 0

    def start(self) -> None:
        """The viewer is let in now."""
        self._place.network.set_path(self._place.first_over)
        self._begun_us = time.monotonic_ns() // 1000

    def seconds(self) -> float:
        """From there to the first picture. Raises BenchError when none comes."""
        try:
            wait_for(lambda: len(self._glimpse.output().split()) > 1, "a first picture", FIRST_S)
        except TimeoutError as late:
            raise BenchError(str(late)) from late
        return (int(self._glimpse.output().split()[1]) - self._begun_us) / 1e6


def hang_wallpaper(place: Place, display: str) -> None:
    """What the first picture is to show."""
    with Programs(place.room / "wallpaper") as programs:
        words = [sys.executable, "-m", "benchmarks.media.pattern", "wallpaper", "--display", display]
        programs.start("wallpaper", words, env=plain_environment(place.room), cwd=ROOT).wait_exit(20)


@contextmanager
def watch_first(place: Place, display: str) -> Generator[First]:
    """Watches the engineer's display for the customer's wallpaper."""
    with Programs(place.room / "glimpse") as programs:
        words = [sys.executable, "-m", "benchmarks.media.glimpse", display, *map(str, place.screens.agent)]
        glimpse = programs.start("glimpse", words, env=plain_environment(place.room), cwd=ROOT)
        glimpse.wait_output("ready")
        yield First(place, glimpse)


def main() -> None:
    display, width, height = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    look = Look(display, Rect(0, 0, width, height))
    print("ready", flush=True)
    while True:
        pixels = look.pixels()
        if pixels is not None and shows_stripe(pixels):
            print(time.monotonic_ns() // 1000, flush=True)
            return
        look.wait()


if __name__ == "__main__":
    main()
