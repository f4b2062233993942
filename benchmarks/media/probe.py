"""Reads the pattern's counter from a display as often as the server says that something there has changed.

python -m benchmarks.media.probe DISPLAY X Y, where X and Y are the counter's corner. Prints `ready`, then for each new
counter one line `counter microseconds` (monotonic clock, when its pixels were in our hands).
"""

import argparse
import contextlib
import os
import time

from benchmarks.media.look import Look
from benchmarks.media.pattern import BITS, BLOCK, ROWS, read_counter
from tests.e2e.driver.geometry import Rect

AHEAD = -10
"""A clock must not wait its turn behind what it times; only root may have it so."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("display")
    parser.add_argument("x", type=int)
    parser.add_argument("y", type=int)
    given = parser.parse_args()
    with contextlib.suppress(PermissionError):
        os.nice(AHEAD)
    look = Look(given.display, Rect(given.x, given.y, BLOCK * (BITS + 2), BLOCK * ROWS))
    print("ready", flush=True)
    last: int | None = None
    while True:
        look.wait()
        pixels = look.pixels()
        counter = None if pixels is None else read_counter(pixels)
        if counter is not None and counter != last:
            print(counter, time.monotonic_ns() // 1000, flush=True)
            last = counter


if __name__ == "__main__":
    main()
