"""Reads the pattern's counter from a display as often as the server says that something there has changed.

python -m benchmarks.media.probe DISPLAY X Y, where X and Y are the counter's corner. Prints `ready`, then for each new
counter one line `counter microseconds` (monotonic clock, when its pixels were in our hands).
"""

import argparse
import contextlib
import os
import select
import time

import numpy as np

from benchmarks.media.pattern import BITS, BLOCK, ROWS, read_counter
from shared.media.capture.x11 import ShmPicture
from shared.media.capture.xlib import DAMAGE_NON_EMPTY, Display

WAIT_S = 0.25
"""A look now and then without damage, should a report be missed."""
AHEAD = -10
"""A clock must not wait its turn behind what it times; only root may have it so."""


class Probe:
    """The counter's pixels of one display."""

    def __init__(self, name: str, x: int, y: int) -> None:
        self._display, self._at = Display(name), (x, y)
        self._picture = ShmPicture(self._display, BLOCK * (BITS + 2), BLOCK * ROWS)
        self._damage = self._watch()

    def _watch(self) -> int:
        for query in ("XDamageQueryExtension", "XFixesQueryExtension"):
            found, _ = self._display.has_extension(query)
            if not found:
                raise SystemExit(f"{query}: the display lacks it")
        return int(self._display.call("XDamageCreate", self._display.root, DAMAGE_NON_EMPTY))

    def wait(self) -> None:
        """Until something has changed; a change after this is reported again, so none is missed."""
        if not self._display.events():
            self._display.call("XFlush")
            select.select([self._display.file_number], [], [], WAIT_S)
            self._display.events()
        self._display.call("XDamageSubtract", self._damage, 0, 0)

    def counter(self) -> int | None:
        """What the display shows now."""
        if not self._picture.fetch(*self._at, 0, BLOCK * ROWS):
            return None
        pixels = np.frombuffer(self._picture.pixels, np.uint8)
        return read_counter(pixels.reshape(BLOCK * ROWS, -1, 4))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("display")
    parser.add_argument("x", type=int)
    parser.add_argument("y", type=int)
    given = parser.parse_args()
    with contextlib.suppress(PermissionError):
        os.nice(AHEAD)
    probe = Probe(given.display, given.x, given.y)
    print("ready", flush=True)
    last: int | None = None
    while True:
        probe.wait()
        counter = probe.counter()
        if counter is not None and counter != last:
            print(counter, time.monotonic_ns() // 1000, flush=True)
            last = counter


if __name__ == "__main__":
    main()
