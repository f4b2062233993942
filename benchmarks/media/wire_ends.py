"""The two ends of `benchmarks.media.wire`, each a process: a sharer of a screen that is drawn in memory, and a viewer.

python -m benchmarks.media.wire_ends sharer MODE BEGIN_US VIEWERS | viewer BEGIN_US

They speak in lines of JSON on standard input and output. What is on the screen follows from the clock alone: frame n is
there from BEGIN_US + n / rate on (monotonic microseconds), so how late a picture is needs no word from the other end.
"""

import asyncio
import json
import resource
import sys
import threading
import time
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from benchmarks.media.pattern import BITS, BLOCK, ROWS, read_counter
from benchmarks.media.pictures import text_page
from shared.media.capture.source import NOTHING_HIDDEN, Monitor, Rect, View, Window, view_of_monitors, whole
from shared.media.sharer import Sharer
from shared.media.stats import ViewerFigures, now_us
from shared.media.viewer import Viewer
from shared.rules.sharing import Hidden, Share, SharedMonitors
from shared.session.frames import FrameReader, FrameReady, FrameWriter

WIDTH: Final = 1920
HEIGHT: Final = 1080
RATES: Final = {"scroll": 30.0, "typing": 10.0, "video": 30.0, "page": 1.0}
_SHARE: Final = SharedMonitors(("screen",))
_STEP: Final = 6
_FILM: Final = Rect(400, 200, 960, 540)

Pixels = npt.NDArray[np.uint8]


class _Buffer:
    width, height, stride = WIDTH, HEIGHT, WIDTH * 4

    def __init__(self) -> None:
        self.array: Pixels = np.zeros((HEIGHT, WIDTH, 4), np.uint8)
        self.address: int = self.array.ctypes.data
        self.pixels = memoryview(self.array.reshape(-1).data)


class DrawnScreen:
    """A `ScreenSource` of one moving picture."""

    def __init__(self, mode: str, begin_us: int) -> None:
        self._mode, self._begin_s, self._rate = mode, begin_us / 1e6, RATES[mode]
        self._wake = threading.Event()
        self._shown = -1
        self._all = True
        self.picture = _Buffer()
        self.monitor = Monitor("screen", "drawn", whole(WIDTH, HEIGHT), True)
        self.view = view_of_monitors(_SHARE, self.monitors())
        self._pages = text_page(WIDTH, HEIGHT * 3)
        self._pages[:, :, 3] = 0
        self._film = _film() if mode == "video" else []

    def monitors(self) -> tuple[Monitor, ...]:
        return (self.monitor,)

    def windows(self) -> tuple[Window, ...]:
        return ()

    def choose(self, share: Share) -> View:
        return self.view

    def _now(self) -> int:
        return max(0, int((time.monotonic() - self._begin_s) * self._rate))

    def wait(self, timeout_s: float) -> bool:
        until = time.monotonic() + timeout_s
        while self._now() == self._shown:
            due = self._begin_s + (self._shown + 1) / self._rate
            left = min(due, until) - time.monotonic()
            if left <= 0 or self._wake.wait(left):
                self._wake.clear()
                return self._now() != self._shown
        return True

    def grab(self, hidden: Hidden = NOTHING_HIDDEN) -> tuple[Rect, ...]:
        number = self._now()
        if number == self._shown and not self._all:
            return ()
        first = self._shown < 0 or self._all
        changed = self._draw(number, first)
        self._count(number)
        self._shown, self._all = number, False
        counter = Rect(0, 0, BLOCK * (BITS + 2), BLOCK * ROWS)
        return (whole(WIDTH, HEIGHT),) if first else (counter, *changed)

    def _draw(self, number: int, first: bool) -> tuple[Rect, ...]:
        screen, pages = self.picture.array, self._pages
        if self._mode == "scroll":
            top = number * _STEP % (HEIGHT * 2)
            screen[:] = pages[top : top + HEIGHT]
            return (whole(WIDTH, HEIGHT),)
        if self._mode == "page":
            top = number % 3 * HEIGHT
            screen[:] = pages[top : top + HEIGHT]
            return (whole(WIDTH, HEIGHT),)
        if first:
            screen[:] = pages[:HEIGHT]
        if self._mode == "video":
            at = _FILM
            screen[at.y : at.bottom, at.x : at.right, :3] = self._film[number % len(self._film)]
            return (at,)
        spot = Rect(400 + number % 100 * 8, 64 + number // 100 % 30 * 32, 8, 16)
        glyph = number % 90 * 8 + WIDTH // 6
        screen[spot.y : spot.bottom, spot.x : spot.right] = pages[2:18, glyph : glyph + 8]
        return (spot,)

    def _count(self, number: int) -> None:
        lit = np.array([True, *((number >> bit) & 1 for bit in range(BITS)), False], np.bool_)
        rows = np.stack([lit, ~lit]).repeat(BLOCK, 0).repeat(BLOCK, 1)
        self.picture.array[: BLOCK * ROWS, : BLOCK * (BITS + 2), :3] = (rows * 255).astype(np.uint8)[:, :, None]

    def invalidate(self) -> None:
        self._all = True

    def wake(self) -> None:
        self._wake.set()

    def close(self) -> None:
        self._wake.set()


def _film(count: int = 24) -> list[Pixels]:
    """Soft shapes that drift, with some grain: what a video is to an encoder."""
    random = np.random.default_rng(1)
    coarse = random.random((_FILM.height // 20 + 2, _FILM.width // 20 + 2, 3))
    soft = coarse.repeat(20, 0).repeat(20, 1)
    kernel = np.ones(20) / 20
    for axis in (0, 1):
        soft = np.apply_along_axis(lambda line: np.convolve(line, kernel, "same"), axis, soft)
    frames: list[Pixels] = []
    for number in range(count):
        moved = np.roll(soft, (number, 2 * number), (0, 1))[: _FILM.height, : _FILM.width]
        grain = random.normal(0, 3, (_FILM.height, _FILM.width, 1))
        frames.append(np.clip(moved * 255 + grain, 0, 255).astype(np.uint8))
    return frames


def say(**words: Any) -> None:
    print(json.dumps(words), flush=True)


async def told() -> dict[str, Any]:
    return json.loads(await asyncio.to_thread(sys.stdin.readline) or "{}")


def _ignore(*_: object) -> None:
    pass


async def share(mode: str, begin_us: int, viewers: int) -> None:
    figures: list[float] = []
    screen = DrawnScreen(mode, begin_us)
    async with Sharer(
        lambda: screen,
        _SHARE,
        on_message=_ignore,
        on_state=lambda _: None,
        on_figures=lambda each: figures.append(each.target_kbps),
        pointer=lambda: None,
    ) as sharer:
        for number in range(viewers):
            say(offer=await sharer.add_viewer(str(number), []))
            await sharer.set_answer(str(number), (await told())["answer"])
        await told()
        say(cpu=sum(resource.getrusage(resource.RUSAGE_SELF)[:2]), targets=figures)


class Watch:
    """What a viewer saw, and when."""

    def __init__(self) -> None:
        self.seen: dict[int, int] = {}
        self.connected_us = self.first_us = 0
        self.figures: ViewerFigures | None = None
        self._reader: FrameReader | None = None
        self._path = ""

    def state(self, state: str) -> None:
        if state == "connected" and not self.connected_us:
            self.connected_us = now_us()

    def note(self, figures: ViewerFigures) -> None:
        self.figures = figures

    def frame(self, ready: FrameReady) -> None:
        at = now_us()
        self.first_us = self.first_us or at
        if ready.path != self._path:
            self._reader, self._path = FrameReader(ready.path), ready.path
        view = self._reader.latest() if self._reader is not None else None
        if view is None:
            return
        pixels = np.frombuffer(view.pixels, np.uint8)[: WIDTH * 4 * BLOCK * ROWS].reshape(BLOCK * ROWS, WIDTH, 4)
        counter = read_counter(pixels)
        if counter is not None:
            self.seen.setdefault(counter, at)
        del pixels
        view.pixels.release()


async def view() -> None:
    watch, frames = Watch(), FrameWriter()
    async with Viewer(
        frames,
        on_frame=watch.frame,
        on_message=_ignore,
        on_state=watch.state,
        on_figures=watch.note,
    ) as viewer:
        say(answer=await viewer.answer((await told())["offer"], []))
        await told()
        counts = watch.figures
        say(
            seen=sorted(watch.seen.items()),
            first_ms=(watch.first_us - watch.connected_us) / 1000,
            nacks=counts.nacks if counts else 0,
            plis=counts.plis if counts else 0,
            lost=counts.lost if counts else 0,
            cpu=sum(resource.getrusage(resource.RUSAGE_SELF)[:2]),
        )
    frames.close()


if __name__ == "__main__":
    if sys.argv[1] == "sharer":
        asyncio.run(share(sys.argv[2], int(sys.argv[3]), int(sys.argv[4])))
    else:
        asyncio.run(view())
