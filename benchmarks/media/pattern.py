"""Draws a moving picture that a probe can read: pages of text-like glyphs, and a counter in black and white blocks.

The counter is ``BITS`` blocks of ``BLOCK`` pixels in a row at the top left of the window, lowest bit first, between a
white and a black block, and below it the same in opposite colours, so that a blurred one is not taken for another. It
changes in one request: nobody sees half of it. For each frame one line ``counter microseconds`` (monotonic clock,
after the server has drawn it) goes to standard output, so latency is the time at which the other end shows a counter,
less this.
"""

import argparse
import sys
import time
from typing import Any

import numpy as np
import numpy.typing as npt
from Xlib import X, display

BLOCK = 16
BITS = 20
ROWS = 2
_CELL = (8, 16)
_PAGES = 2
_COLOURS = ((0, 0, 0), (150, 0, 0), (0, 0, 170), (0, 100, 0))
_ROWS_A_PUT = 32
_TYPED_PER_LINE = 100


def read_counter(pixels: npt.NDArray[np.uint8]) -> int | None:
    """The counter in BGRX ``pixels`` (rows, columns, 4) whose corner is the pattern's; None when it is not there."""
    middle = BLOCK // 2
    rows = pixels[middle : middle + ROWS * BLOCK : BLOCK, middle : middle + BLOCK * (BITS + 2) : BLOCK, 1] > 127
    row = rows[0]
    if not row[0] or row[-1] or (row == rows[1]).any():
        return None
    return int(sum(1 << bit for bit, lit in enumerate(row[1:-1]) if lit))


def text_page(width: int, height: int, seed: int = 1) -> npt.NDArray[np.uint8]:
    """Dark glyphs of random strokes in words on white, BGRX."""
    random = np.random.default_rng(seed)
    glyphs = random.random((64, 11, 6)) < 0.42
    page = np.full((height, width, 4), 255, np.uint8)
    for top in range(2, height - _CELL[1], 2 * _CELL[1]):
        for left in range(width // 6, width * 5 // 6, _CELL[0]):
            if random.random() < 0.17:
                continue
            colour = _COLOURS[int(random.integers(len(_COLOURS)))]
            page[top : top + 11, left : left + 6, :3][glyphs[int(random.integers(64))]] = colour[::-1]
    return page


class Pattern:
    """A window over the whole screen or a part of it, above all others, and its ways to move."""

    def __init__(self, name: str | None, width: int, height: int, left: int = 0, top: int = 0) -> None:
        self._display: Any = display.Display(name)
        screen = self._display.screen()
        self._width = width or screen.width_in_pixels
        self._height = height or screen.height_in_pixels
        settings = {"override_redirect": True, "background_pixel": screen.white_pixel}
        self._window = screen.root.create_window(
            left, top, self._width, self._height, 0, screen.root_depth, X.InputOutput, X.CopyFromParent, **settings
        )
        self._paint = self._window.create_gc()
        self._paper = screen.root.create_pixmap(self._width, self._height * _PAGES, screen.root_depth)
        self._digits = screen.root.create_pixmap(BLOCK * (BITS + 2), BLOCK * ROWS, screen.root_depth)
        self._fill_paper(screen.root_depth)
        self._window.map()
        self._window.copy_area(self._paint, self._paper, 0, 0, self._width, self._height, 0, 0)
        self._display.sync()

    def _fill_paper(self, depth: int) -> None:
        page = text_page(self._width, self._height * _PAGES)
        for top in range(0, page.shape[0], _ROWS_A_PUT):
            rows = page[top : top + _ROWS_A_PUT]
            self._paper.put_image(self._paint, 0, top, self._width, rows.shape[0], X.ZPixmap, depth, 0, rows.tobytes())

    def scroll(self, frame: int, step: int) -> None:
        """The text moves up by ``step`` pixels a frame."""
        top = frame * step % (self._height * (_PAGES - 1))
        self._window.copy_area(self._paint, self._paper, 0, top, self._width, self._height, 0, 0)

    def type(self, frame: int, step: int) -> None:
        """One more glyph in an empty line, as somebody types."""
        del step
        width, height = _CELL
        column, line = frame % _TYPED_PER_LINE, frame // _TYPED_PER_LINE % 40
        at = (100 + column * width, 100 + line * height)
        self._window.copy_area(self._paint, self._paper, self._width // 6 + frame * width % 640, 2, width, height, *at)

    def still(self, frame: int, step: int) -> None:
        """Nothing but the counter moves."""

    def count(self, frame: int) -> int:
        """Draws the counter; the time at which the server had done so."""
        lit = [True, *((frame >> bit) & 1 for bit in range(BITS)), False]
        for colour, wanted in ((0xFFFFFF, True), (0x000000, False)):
            self._paint.change(foreground=colour)
            blocks = [(i * BLOCK, 0 if bool(value) is wanted else BLOCK, BLOCK, BLOCK) for i, value in enumerate(lit)]
            self._digits.poly_fill_rectangle(self._paint, blocks)
        self._window.copy_area(self._paint, self._digits, 0, 0, BLOCK * (BITS + 2), BLOCK * ROWS, 0, 0)
        self._display.sync()
        return time.monotonic_ns() // 1000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("mode", choices=["scroll", "type", "still"])
    parser.add_argument("--display")
    parser.add_argument("--rate", type=float, default=30.0, help="frames a second")
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--hold", type=float, default=0.0, help="seconds to stand still at the end")
    parser.add_argument("--step", type=int, default=6, help="pixels a frame")
    parser.add_argument("--width", type=int, default=0)
    parser.add_argument("--height", type=int, default=0)
    parser.add_argument("--left", type=int, default=0, help="where the window lies")
    parser.add_argument("--top", type=int, default=0)
    arguments = parser.parse_args()
    pattern = Pattern(arguments.display, arguments.width, arguments.height, arguments.left, arguments.top)
    move = getattr(pattern, arguments.mode)
    begun = time.monotonic()
    frames = int(arguments.rate * arguments.seconds)
    for frame in range(1, frames + 1):
        move(frame, arguments.step)
        sys.stdout.write(f"{frame} {pattern.count(frame)}\n")
        sys.stdout.flush()
        time.sleep(max(0.0, begun + frame / arguments.rate - time.monotonic()))
    time.sleep(arguments.hold)


if __name__ == "__main__":
    main()
