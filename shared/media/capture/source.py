"""What a screen is to the rest of the media path: what there is to share, damage, and a picture kept up to date."""

from collections.abc import Iterable, Sequence
from typing import Final, Protocol

import msgspec

from shared.media.cursor import CursorShape
from shared.rules.coordinates import Area
from shared.rules.sharing import (
    MAX_PICTURE_HEIGHT,
    MAX_PICTURE_WIDTH,
    Hidden,
    Pane,
    Share,
    SharedMonitors,
    bounding,
)


class CaptureError(Exception):
    """The screen cannot be captured (any longer).

    Codes: ``capture.no_screen`` (no display, or a library is missing), ``capture.monitor_gone`` and
    ``capture.window_gone`` (what was chosen is not there: never another in its place), ``capture.too_large`` (the
    chosen monitors lie too far apart for one picture), ``capture.no_windows`` (single windows cannot be captured here),
    ``capture.lost`` (the display server went away), ``capture.refused`` (it would not hand out the picture).
    """

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code} {detail}".strip())
        self.code = code


CHOOSE_AGAIN: Final = frozenset(
    {"capture.monitor_gone", "capture.window_gone", "capture.too_large", "capture.no_windows"}
)
"""Faults of what was chosen, not of the screen: something else can be chosen."""

Rect = Area
"""In pixels; which corner (0, 0) is, the user of it says."""


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


class Window(msgspec.Struct, frozen=True):
    """A window of the desktop: its native id, its title, the program's name, and its place on the screen."""

    id: int
    title: str
    app: str
    rect: Rect


class View(msgspec.Struct, frozen=True):
    """What the picture shows: its place on the screen, and the parts of it that are shared; the rest is covered.

    ``away``: the shared window is minimised, so there is nothing but cover.
    """

    bounds: Rect
    panes: tuple[Pane, ...]
    away: bool = False


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


NOTHING_HIDDEN: Final = Hidden()


class ScreenSource(Protocol):
    """A screen seen from one thread; only ``wake`` may be called from another. Every method raises CaptureError."""

    def monitors(self) -> tuple[Monitor, ...]:
        """The monitors as they are now; never empty."""
        ...

    def windows(self) -> tuple[Window, ...]:
        """The windows that can be chosen, the topmost first; none where single windows cannot be captured."""
        ...

    def choose(self, share: Share) -> View:
        """Takes this as the picture; the next grab brings all of it. Faults as in ``CHOOSE_AGAIN``."""
        ...

    @property
    def view(self) -> View:
        """What the picture shows now; it follows windows that move and monitors that change."""
        ...

    @property
    def picture(self) -> Picture:
        """The buffer that ``grab`` keeps up to date; another object after a change of resolution."""
        ...

    def wait(self, timeout_s: float) -> bool:
        """Sleeps until a grab may find something new (True), ``wake`` was called or time is up (False)."""
        ...

    def grab(self, hidden: Hidden = NOTHING_HIDDEN) -> tuple[Rect, ...]:
        """Brings ``picture`` up to date, with all of ``hidden`` covered; the changed areas in picture coordinates.

        A window that moves meanwhile is covered wherever it was while the pixels were fetched. Raises the faults of
        ``CHOOSE_AGAIN`` when what was chosen is gone.
        """
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


def view_of_monitors(share: SharedMonitors, monitors: Sequence[Monitor]) -> View:
    """The picture of these monitors, in the order they were chosen. Raises CaptureError when none is there."""
    by_id = {monitor.id: monitor for monitor in monitors}
    panes = tuple(Pane(each, by_id[each].name, by_id[each].rect) for each in share.ids if each in by_id)
    if not panes:
        raise CaptureError("capture.monitor_gone", ", ".join(share.ids))
    bounds = bounding([pane.area for pane in panes])
    if bounds.width > MAX_PICTURE_WIDTH or bounds.height > MAX_PICTURE_HEIGHT:
        raise CaptureError("capture.too_large", f"{bounds.width}x{bounds.height}")
    return View(bounds, panes)


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
