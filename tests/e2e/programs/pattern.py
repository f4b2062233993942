"""A still picture of known colours with one patch that can change, and a witness of every key and click that lands.

Plain Xlib, so nothing of the product takes part in it. Usage: python -m tests.e2e.programs.pattern WIDTHxHEIGHT+X+Y
Lines on its input: `live #rrggbb` paints the patch. Lines on its output: `ready`, `live #rrggbb` once painted,
`button NUMBER X Y`, `key NAME`. A click on the patch gives it the next of `LIVE_COLOURS`.
"""

import select
import sys
from dataclasses import dataclass, field
from typing import Any

from Xlib import XK, X, display
from Xlib.xobject.drawable import Window

from tests.e2e.driver.eyes import Colour
from tests.e2e.driver.geometry import Point, Rect

CELL = 32
LIVE = Rect(4 * CELL, 4 * CELL, 6 * CELL, 4 * CELL)
LIVE_COLOURS: tuple[Colour, ...] = ((255, 255, 255), (200, 0, 0), (0, 160, 0), (0, 0, 200))


def still_colour(column: int, row: int) -> Colour:
    """The colour of a cell of the still part."""
    return (37 * column % 256, 61 * row % 256, 89 * (column + row) % 256)


def hexadecimal(colour: Colour) -> str:
    return f"#{colour[0]:02x}{colour[1]:02x}{colour[2]:02x}"


def parse_colour(word: str) -> Colour:
    value = int(word.removeprefix("#"), 16)
    return (value >> 16 & 255, value >> 8 & 255, value & 255)


def parse_geometry(word: str) -> Rect:
    """`WIDTHxHEIGHT+X+Y` as X programs write it."""
    size, x, y = word.split("+")
    width, height = size.split("x")
    return Rect(int(x), int(y), int(width), int(height))


@dataclass(slots=True)
class Pattern:
    """The window and what it shows."""

    rect: Rect
    live: Colour = LIVE_COLOURS[0]
    screen: Any = field(init=False)
    window: Window = field(init=False)
    brush: Any = field(init=False)

    def open(self) -> None:
        self.screen = display.Display()
        self.window = self.screen.screen().root.create_window(
            self.rect.x,
            self.rect.y,
            self.rect.width,
            self.rect.height,
            0,
            X.CopyFromParent,
            override_redirect=True,
            event_mask=X.ExposureMask | X.ButtonPressMask | X.KeyPressMask,
        )
        self.window.set_wm_class("pattern", "Pattern")
        self.brush = self.window.create_gc()
        self.window.map()
        self.window.configure(stack_mode=X.Below)
        self.screen.sync()

    def fill(self, colour: Colour, rect: Rect) -> None:
        self.brush.change(foreground=colour[0] << 16 | colour[1] << 8 | colour[2])
        self.window.fill_rectangle(self.brush, rect.x, rect.y, rect.width, rect.height)

    def paint(self) -> None:
        for row in range(-(-self.rect.height // CELL)):
            for column in range(-(-self.rect.width // CELL)):
                self.fill(still_colour(column, row), Rect(column * CELL, row * CELL, CELL, CELL))
        self.fill(self.live, LIVE)
        self.screen.sync()

    def show_live(self, colour: Colour) -> None:
        self.live = colour
        self.fill(colour, LIVE)
        self.screen.sync()
        say(f"live {hexadecimal(colour)}")

    def handle(self, event: Any) -> None:
        match event.type:
            case X.Expose if event.count == 0:
                self.paint()
                say("ready")
            case X.ButtonPress:
                self.window.set_input_focus(X.RevertToPointerRoot, X.CurrentTime)
                say(f"button {event.detail} {event.event_x} {event.event_y}")
                if event.detail == 1 and LIVE.contains(Point(event.event_x, event.event_y)):
                    self.show_live(following(self.live))
            case X.KeyPress:
                say(f"key {key_name(self.screen, event)}")
            case _:
                return

    def run(self) -> None:
        """Until the input ends."""
        while True:
            while self.screen.pending_events():
                self.handle(self.screen.next_event())
            ready, _, _ = select.select([self.screen, sys.stdin], [], [])
            if sys.stdin in ready:
                line = sys.stdin.readline()
                if not line:
                    return
                self.show_live(parse_colour(line.split()[1]))


def following(colour: Colour) -> Colour:
    place = LIVE_COLOURS.index(colour) if colour in LIVE_COLOURS else -1
    return LIVE_COLOURS[(place + 1) % len(LIVE_COLOURS)]


def key_name(screen: Any, event: Any) -> str:
    """X's name for the key, as a person with a plain layout would say it; the number when it has none."""
    keysym = screen.keycode_to_keysym(event.detail, event.state & X.ShiftMask)
    return XK.keysym_to_string(keysym) or keysym_constant(keysym) or str(keysym)


def keysym_constant(keysym: int) -> str:
    return next((name.removeprefix("XK_") for name, value in vars(XK).items() if value == keysym), "")


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> None:
    pattern = Pattern(parse_geometry(sys.argv[1]))
    pattern.open()
    pattern.run()


if __name__ == "__main__":
    main()
