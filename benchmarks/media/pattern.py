"""Draws a moving picture that a probe can read, and a counter in black and white blocks.

The counter is ``BITS`` blocks of ``BLOCK`` pixels in a row at the top left of the window, lowest bit first, between a
white and a black block, and below it the same in opposite colours, so that a blurred one is not taken for another. It
changes in one request: nobody sees half of it. For each frame one line ``counter microseconds`` (monotonic clock,
after the server has drawn it) goes to standard output, so latency is the time at which the other end shows a counter,
less this.

Modes: `scroll` text, `type` glyphs, `still` (only the counter), `video` (a moving part of a still desk), `drag` (a
window over a still desk), `mixed` (video, typing and now and then a dragged window), `page` (another page of real words
with each frame) and `wallpaper` (the root window, with a stripe in a colour that nothing else has).
"""

import argparse
import math
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
from Xlib import X, display

from benchmarks.media import pictures

BLOCK = 16
BITS = 20
ROWS = 2
_PAGES = 2
_ROWS_A_PUT = 32
_TYPED_PER_LINE = 100
_VIDEO = (640, 360)
_VIDEO_FRAMES = 15
_WINDOW = (480, 320)
_DRAGGED_FRAMES = 20
_STRIPE = 100

Pixels = npt.NDArray[np.uint8]


def read_counter(pixels: Pixels) -> int | None:
    """The counter in BGRX ``pixels`` (rows, columns, 4) whose corner is the pattern's; None when it is not there."""
    middle = BLOCK // 2
    rows = pixels[middle : middle + ROWS * BLOCK : BLOCK, middle : middle + BLOCK * (BITS + 2) : BLOCK, 1] > 127
    row = rows[0]
    if not row[0] or row[-1] or (row == rows[1]).any():
        return None
    return int(sum(1 << bit for bit, lit in enumerate(row[1:-1]) if lit))


class Canvas:
    """What is drawn with on one display."""

    def __init__(self, name: str | None) -> None:
        self.display: Any = display.Display(name)
        self.screen = self.display.screen()
        self.root = self.screen.root
        self.paint = self.root.create_gc(subwindow_mode=X.ClipByChildren)

    def upload(self, picture: Pixels) -> Any:
        """A pixmap of BGRX pixels."""
        height, width = picture.shape[:2]
        depth = self.screen.root_depth
        pixmap = self.root.create_pixmap(width, height, depth)
        for top in range(0, height, _ROWS_A_PUT):
            rows = picture[top : top + _ROWS_A_PUT]
            pixmap.put_image(self.paint, 0, top, width, rows.shape[0], X.ZPixmap, depth, 0, rows.tobytes())
        return pixmap

    def window(self, parent: Any, place: tuple[int, int, int, int], paper: Any) -> Any:
        """A window that no window manager touches; the server itself restores what another window uncovers."""
        settings = {"override_redirect": True, "background_pixmap": paper}
        made = parent.create_window(*place, 0, self.screen.root_depth, X.InputOutput, X.CopyFromParent, **settings)
        made.map()
        return made


class Pattern:
    """A window over the whole screen or a part of it, above all others, and its ways to move."""

    def __init__(self, name: str | None, width: int, height: int, left: int = 0, top: int = 0) -> None:
        self._canvas = canvas = Canvas(name)
        self._width = width or canvas.screen.width_in_pixels
        self._height = height or canvas.screen.height_in_pixels
        self._paint = canvas.paint
        self._paper = canvas.upload(pictures.text_page(self._width, self._height * _PAGES))
        self._digits = canvas.root.create_pixmap(BLOCK * (BITS + 2), BLOCK * ROWS, canvas.screen.root_depth)
        self._window = canvas.window(canvas.root, (left, top, self._width, self._height), self._paper)
        self._dragged: Any = None
        self._video: list[Any] = []
        canvas.display.sync()

    def prepare(self, mode: str) -> Callable[[int, int], None]:
        """How this mode draws a frame, ready to do so; arguments are the frame's number and the step in pixels."""
        if mode in ("video", "mixed"):
            frames = pictures.video(*_VIDEO, _VIDEO_FRAMES)
            self._video = [self._canvas.upload(frame) for frame in frames]
        if mode in ("drag", "mixed"):
            paper = self._canvas.upload(pictures.window(*_WINDOW))
            self._dragged = self._canvas.window(self._window, (60, 120, *_WINDOW), paper)
        self._canvas.display.sync()
        modes = (self.scroll, self.type, self.still, self.video, self.drag, self.mixed, self.page)
        return next(each for each in modes if each.__name__ == mode)

    def scroll(self, frame: int, step: int) -> None:
        """The text moves up by ``step`` pixels a frame."""
        top = frame * step % (self._height * (_PAGES - 1))
        self._window.copy_area(self._paint, self._paper, 0, top, self._width, self._height, 0, 0)

    def type(self, frame: int, step: int) -> None:
        """One more glyph in an empty line, as somebody types."""
        del step
        width, height = pictures.CELL
        column, line = frame % _TYPED_PER_LINE, frame // _TYPED_PER_LINE % 40
        at = (100 + column * width, 100 + line * height)
        self._window.copy_area(self._paint, self._paper, self._width // 6 + frame * width % 640, 2, width, height, *at)

    def still(self, frame: int, step: int) -> None:
        """Nothing but the counter moves."""

    def video(self, frame: int, step: int) -> None:
        """One part of the desk is a film."""
        del step
        shown = self._video[frame % len(self._video)]
        at = (self._width - _VIDEO[0] - 80, self._height - _VIDEO[1] - 80)
        self._window.copy_area(self._paint, shown, 0, 0, *_VIDEO, *at)

    def drag(self, frame: int, step: int) -> None:
        """A window goes round, and the server restores what it uncovers."""
        room_x, room_y = self._width - _WINDOW[0] - 60, self._height - _WINDOW[1] - 120
        x, y = swing(2 * step * frame, room_x), swing(step * frame, room_y)
        self._dragged.configure(x=30 + x, y=60 + y)

    def mixed(self, frame: int, step: int) -> None:
        """A film; a glyph with every third frame; and for two thirds of a second in two a window is dragged."""
        self.video(frame, step)
        if frame % 3 == 0:
            self.type(frame // 3, step)
        part = frame % (3 * _DRAGGED_FRAMES)
        if part < _DRAGGED_FRAMES:
            self.drag(frame // (3 * _DRAGGED_FRAMES) * _DRAGGED_FRAMES + part, step)

    def page(self, frame: int, step: int) -> None:
        """Other words."""
        del step
        paper = self._canvas.upload(pictures.word_page(self._width, self._height, frame))
        self._window.copy_area(self._paint, paper, 0, 0, self._width, self._height, 0, 0)
        paper.free()

    def count(self, frame: int) -> int:
        """Draws the counter; the time at which the server had done so."""
        lit = [True, *((frame >> bit) & 1 for bit in range(BITS)), False]
        for colour, wanted in ((0xFFFFFF, True), (0x000000, False)):
            self._paint.change(foreground=colour)
            blocks = [(i * BLOCK, 0 if bool(value) is wanted else BLOCK, BLOCK, BLOCK) for i, value in enumerate(lit)]
            self._digits.poly_fill_rectangle(self._paint, blocks)
        self._window.copy_area(self._paint, self._digits, 0, 0, BLOCK * (BITS + 2), BLOCK * ROWS, 0, 0)
        self._canvas.display.sync()
        return time.monotonic_ns() // 1000


def swing(way: int, room: int) -> int:
    """To and fro between 0 and ``room``."""
    way %= 2 * max(1, room)
    return min(way, 2 * room - way)


def frames_in(rate: float, seconds: float) -> int:
    """So many that the last is drawn no sooner than after ``seconds``."""
    return math.ceil(rate * seconds) + 1


def hang_wallpaper(name: str | None) -> None:
    """A page of text behind all windows, with the stripe at its bottom."""
    canvas = Canvas(name)
    page = pictures.text_page(canvas.screen.width_in_pixels, canvas.screen.height_in_pixels)
    page[-_STRIPE:] = (*pictures.STRIPE, 255)
    canvas.root.change_attributes(background_pixmap=canvas.upload(page))
    canvas.root.clear_area()
    canvas.display.set_close_down_mode(X.RetainPermanent)
    canvas.display.sync()


def play(pattern: Pattern, arguments: argparse.Namespace) -> None:
    """Every frame at its time."""
    move = pattern.prepare(arguments.mode)
    begun = time.monotonic()
    for number in range(1, frames_in(arguments.rate, arguments.seconds) + 1):
        frame = arguments.begin + number
        move(frame, arguments.step)
        sys.stdout.write(f"{frame} {pattern.count(frame)}\n")
        sys.stdout.flush()
        time.sleep(max(0.0, begun + number / arguments.rate - time.monotonic()))
    time.sleep(arguments.hold)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    modes = ["scroll", "type", "still", "video", "drag", "mixed", "page", "wallpaper"]
    parser.add_argument("mode", choices=modes)
    parser.add_argument("--display")
    parser.add_argument("--rate", type=float, default=30.0, help="frames a second")
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--begin", type=int, default=0, help="the counter before the first frame")
    parser.add_argument("--hold", type=float, default=0.0, help="seconds to stand still at the end")
    parser.add_argument("--step", type=int, default=6, help="pixels a frame")
    parser.add_argument("--width", type=int, default=0)
    parser.add_argument("--height", type=int, default=0)
    parser.add_argument("--left", type=int, default=0, help="where the window lies")
    parser.add_argument("--top", type=int, default=0)
    arguments = parser.parse_args()
    if arguments.mode == "wallpaper":
        hang_wallpaper(arguments.display)
        return
    place = (arguments.width, arguments.height, arguments.left, arguments.top)
    play(Pattern(arguments.display, *place), arguments)


if __name__ == "__main__":
    main()
