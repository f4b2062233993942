"""Private X servers for tests, and a painter of plain rectangles on their root."""

import os
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from Xlib import X, display

WIDTH, HEIGHT = 640, 400

Started = tuple[str, subprocess.Popen[bytes]]


@contextmanager
def x_server(
    *arguments: str, name: str = "Xvfb", environment: dict[str, str] | None = None
) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """A server on a display number of its own choice, without a reset when its last client leaves: name and process."""
    read_end, write_end = os.pipe()
    command = [name, "-displayfd", str(write_end), *arguments, "-noreset", "-nolisten", "tcp"]
    server = subprocess.Popen(command, pass_fds=[write_end], stderr=subprocess.DEVNULL, env=environment)
    os.close(write_end)
    with os.fdopen(read_end) as numbers:
        number = numbers.readline().strip()
    try:
        yield f":{number}", server
    finally:
        server.terminate()
        server.wait(10)


@contextmanager
def screen() -> Iterator[Started]:
    with x_server("-screen", "0", f"{WIDTH}x{HEIGHT}x24") as started:
        yield started


class Painter:
    """Fills rectangles on the root window and waits until the server has."""

    def __init__(self, name: str) -> None:
        self._display: Any = display.Display(name)
        self._root = self._display.screen().root
        self._gc = self._root.create_gc(subwindow_mode=X.IncludeInferiors)

    def fill(self, colour: int, x: int = 0, y: int = 0, width: int = WIDTH, height: int = HEIGHT) -> None:
        """``colour`` as 0xRRGGBB."""
        self._gc.change(foreground=colour)
        self._root.fill_rectangle(self._gc, x, y, width, height)
        self._display.sync()

    def move_pointer(self, x: int, y: int) -> None:
        self._root.warp_pointer(x, y)
        self._display.sync()

    def close(self) -> None:
        self._display.close()


def eventually(condition: Callable[[], bool], timeout_s: float = 5.0) -> bool:
    """Polls ``condition`` until it holds; False when time is up."""
    end = time.monotonic() + timeout_s
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.005)
    return condition()
