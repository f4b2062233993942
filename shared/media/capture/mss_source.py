"""The screen through mss, on every system mss knows: looks at a bounded rate and compares with the last look."""

import contextlib
import time
from typing import Any, Final

import mss
import numpy as np

from shared.media.capture.cover import PlainPicture, paint, standing_covers
from shared.media.capture.source import (
    NOTHING_HIDDEN,
    CaptureError,
    Monitor,
    Rect,
    View,
    Window,
    view_of_monitors,
    whole,
)
from shared.media.capture.wakeup import Wakeup
from shared.rules.sharing import Hidden, Share, SharedMonitors

LOOK_S: Final = 1 / 15
"""A look costs a whole picture, changed or not."""
_REOPEN_S: Final = 2.0
"""mss remembers the monitors it saw first, so a change of resolution shows only to a new one."""
_FAILURES: Final = (mss.ScreenShotError, OSError, AssertionError)
"""The last is what mss 10.2 raises when the X server is gone."""
_BAND: Final = 64
"""Rows compared together; a band that differs is reported as a whole."""


class MssSource:
    """ScreenSource by polling. Make, use and close it in one thread.

    Raises CaptureError(``capture.no_screen``) where there is no screen.
    """

    def __init__(self, display: str | None = None) -> None:
        self._options: dict[str, Any] = {} if display is None else {"display": display}
        self._screen = self._open()
        self._opened_at = time.monotonic()
        self._wakeup = Wakeup()
        self._share: SharedMonitors | None = None
        self._view: View | None = None
        self._hidden = NOTHING_HIDDEN
        self._picture: PlainPicture | None = None
        self._seen: PlainPicture | None = None
        self._looked_at = 0.0
        self._everything = True
        self._closed = False

    def _open(self) -> mss.MSS:
        try:
            screen = mss.MSS(**self._options)
            if len(screen.monitors) > 1:
                return screen
            screen.close()
        except _FAILURES as error:
            raise CaptureError("capture.no_screen", str(error)) from error
        raise CaptureError("capture.no_screen", "no monitor")

    def monitors(self) -> tuple[Monitor, ...]:
        self._reopen()
        try:
            found = self._screen.monitors[1:]
        except _FAILURES as error:
            raise CaptureError("capture.lost", str(error)) from error
        return tuple(_monitor(index, each) for index, each in enumerate(found, 1))

    def windows(self) -> tuple[Window, ...]:
        """None: mss knows monitors only."""
        return ()

    def choose(self, share: Share) -> View:
        if not isinstance(share, SharedMonitors):
            raise CaptureError("capture.no_windows", "mss captures monitors")
        self._view = view = view_of_monitors(share, self.monitors())
        self._share, self._seen = share, None
        self._everything = True
        self._picture = self._look()
        return view

    @property
    def view(self) -> View:
        if self._view is None:
            raise CaptureError("capture.monitor_gone", "none chosen")
        return self._view

    @property
    def picture(self) -> "PlainPicture":
        if self._picture is None:
            raise CaptureError("capture.monitor_gone", "none chosen")
        return self._picture

    def wait(self, timeout_s: float) -> bool:
        """Looks once at the next due time within ``timeout_s``."""
        if self._everything:
            return True
        left = self._looked_at + LOOK_S - time.monotonic()
        if left > 0 and (self._wakeup.wait(min(left, timeout_s)) or left > timeout_s):
            return False
        self._seen = self._look()
        return bool(_differences(self.picture, self._seen))

    def grab(self, hidden: Hidden = NOTHING_HIDDEN) -> tuple[Rect, ...]:
        if hidden != self._hidden:
            self._hidden, self._seen = hidden, None
        seen, self._seen = self._seen or self._look(), None
        changed = _differences(self.picture, seen)
        if self._everything or (seen.width, seen.height) != (self.picture.width, self.picture.height):
            changed = (whole(seen.width, seen.height),)
        self._everything = False
        if changed:
            self._picture = seen
        return changed

    def invalidate(self) -> None:
        self._everything = True

    def wake(self) -> None:
        self._wakeup.set()

    def close(self) -> None:
        if not self._closed:
            self._closed = True
            self._close_screen()
            self._wakeup.close()

    def _look(self) -> "PlainPicture":
        self._looked_at = time.monotonic()
        if self._looked_at - self._opened_at >= _REOPEN_S:
            self._follow_monitors()
        rect = self.view.bounds
        try:
            shot = self._screen.grab({"left": rect.x, "top": rect.y, "width": rect.width, "height": rect.height})
        except _FAILURES as error:
            raise CaptureError("capture.lost", str(error)) from error
        picture = PlainPicture(shot.width, shot.height, shot.raw)
        windows = [each.area for each in self._hidden.windows if each.area is not None]
        paint(picture, standing_covers(self.view, (*self._hidden.areas, *windows)))
        return picture

    def _follow_monitors(self) -> None:
        if self._share is not None:
            self._view = view_of_monitors(self._share, self.monitors())

    def _reopen(self) -> None:
        self._close_screen()
        self._screen = self._open()
        self._opened_at = time.monotonic()

    def _close_screen(self) -> None:
        with contextlib.suppress(*_FAILURES):  # a server that is gone needs no good-bye
            self._screen.close()


def _monitor(index: int, each: dict[str, Any]) -> Monitor:
    name = str(each.get("output") or each.get("name") or f"monitor-{index}")
    rect = Rect(int(each["left"]), int(each["top"]), int(each["width"]), int(each["height"]))
    return Monitor(name, name, rect, bool(each.get("is_primary", index == 1)))


def _differences(old: PlainPicture, new: PlainPicture) -> tuple[Rect, ...]:
    """The bands of rows in which two pictures differ; a different size differs everywhere."""
    if (old.width, old.height) != (new.width, new.height):
        return (whole(new.width, new.height),)
    changed: list[Rect] = []
    for top in range(0, new.height, _BAND):
        bottom = min(top + _BAND, new.height)
        if not np.array_equal(old.array[top:bottom], new.array[top:bottom]):
            changed.append(Rect(0, top, new.width, bottom - top))
    return tuple(changed)
