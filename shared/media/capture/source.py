"""What a screen is to the rest of the media path: monitors, damage, and a picture that is brought up to date."""

from collections.abc import Iterable, Sequence
from typing import Protocol

import msgspec

from shared.media.cursor import CursorShape


class CaptureError(Exception):
    """The screen cannot be captured (any longer).

    Codes: ``capture.no_screen`` (no display, or a library is missing), ``capture.monitor_gone`` (the chosen monitor is
    not there: never another in its place), ``capture.lost`` (the display server went away), ``capture.refused`` (it
    would not hand out the picture).
    """

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code} {detail}".strip())
        self.code = code


class Rect(msgspec.Struct, frozen=True):
    """A rectangle in pixels; which corner (0, 0) is, the user of it says."""

    x: int
    y: int
    width: int
    height: int

    @property
    def right(self) -> int:
        return self.x + self.width

    @property
    def bottom(self) -> int:
        return self.y + self.height

    def clipped(self, bounds: "Rect") -> "Rect | None":
        """The part inside ``bounds``; None where there is none."""
        x, y = max(self.x, bounds.x), max(self.y, bounds.y)
        right, bottom = min(self.right, bounds.right), min(self.bottom, bounds.bottom)
        return Rect(x, y, right - x, bottom - y) if right > x and bottom > y else None

    def moved(self, dx: int, dy: int) -> "Rect":
        return Rect(self.x + dx, self.y + dy, self.width, self.height)


class Point(msgspec.Struct, frozen=True):
    """A place in screen (root) coordinates, in pixels."""

    x: int
    y: int


class Monitor(msgspec.Struct, frozen=True):
    """One monitor. ``id`` stays the same while it is plugged in; ``rect`` is in screen (root) coordinates."""

    id: str
    name: str
    rect: Rect
    primary: bool


class Picture(Protocol):
    """The captured pixels, kept up to date in place: rows of BGRX, ``stride`` bytes each, at ``address``."""

    @property
    def width(self) -> int: ...
    @property
    def height(self) -> int: ...
    @property
    def stride(self) -> int: ...
    @property
    def address(self) -> int: ...
    @property
    def pixels(self) -> memoryview: ...


class ScreenSource(Protocol):
    """A screen seen from one thread; only ``wake`` may be called from another. Every method raises CaptureError."""

    def monitors(self) -> tuple[Monitor, ...]:
        """The monitors as they are now; never empty."""
        ...

    def choose(self, monitor_id: str) -> Monitor:
        """Takes this monitor as the picture; the next grab brings all of it. ``capture.monitor_gone`` if unknown."""
        ...

    @property
    def monitor(self) -> Monitor:
        """The chosen monitor as it is now (its rectangle follows a change of resolution)."""
        ...

    @property
    def picture(self) -> Picture:
        """The buffer that ``grab`` keeps up to date; another object after a change of resolution."""
        ...

    def wait(self, timeout_s: float) -> bool:
        """Sleeps until something changed on the monitor (True), ``wake`` was called or time is up (False)."""
        ...

    def grab(self) -> tuple[Rect, ...]:
        """Brings ``picture`` up to date; the changed areas in picture coordinates (none: nothing changed)."""
        ...

    def invalidate(self) -> None:
        """The next ``grab`` brings, and reports, the whole picture."""
        ...

    def wake(self) -> None:
        """Ends a ``wait`` from any thread; without one, ends the next."""
        ...

    def close(self) -> None:
        """Gives everything back. Idempotent."""
        ...


class PointerSource(Protocol):
    """The pointer, seen from one thread. Every method raises CaptureError."""

    def position(self) -> Point:
        """Where the pointer is now."""
        ...

    def new_shape(self) -> CursorShape | None:
        """What it looks like, when that changed since the last call."""
        ...

    def close(self) -> None:
        """Idempotent."""
        ...


def whole(width: int, height: int) -> Rect:
    return Rect(0, 0, width, height)


def bounding(rects: Sequence[Rect]) -> Rect:
    """The smallest rectangle around all of ``rects`` (at least one)."""
    x, y = min(r.x for r in rects), min(r.y for r in rects)
    return Rect(x, y, max(r.right for r in rects) - x, max(r.bottom for r in rects) - y)


def around(outer: Rect, inner: Rect) -> list[Rect]:
    """What of ``outer`` is left without ``inner``, which lies inside it."""
    parts = (
        Rect(outer.x, outer.y, outer.width, inner.y - outer.y),
        Rect(outer.x, inner.bottom, outer.width, outer.bottom - inner.bottom),
        Rect(outer.x, inner.y, inner.x - outer.x, inner.height),
        Rect(inner.right, inner.y, outer.right - inner.right, inner.height),
    )
    return [part for part in parts if part.width and part.height]


def rows(rects: Iterable[Rect], gap: int = 16) -> list[tuple[int, int]]:
    """The row ranges (top, bottom) that ``rects`` touch, with ranges less than ``gap`` rows apart joined."""
    joined: list[tuple[int, int]] = []
    for top, bottom in sorted((r.y, r.bottom) for r in rects):
        if joined and top <= joined[-1][1] + gap:
            joined[-1] = (joined[-1][0], max(bottom, joined[-1][1]))
        else:
            joined.append((top, bottom))
    return joined


def at_most(rects: Sequence[Rect], limit: int) -> tuple[Rect, ...]:
    """``rects`` where there are no more than ``limit``, else the one rectangle around them."""
    return tuple(rects) if len(rects) <= limit else (bounding(rects),)
