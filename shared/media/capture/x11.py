"""The screen of an X server: DAMAGE says what changed, MIT-SHM brings it into shared memory, RANDR knows the monitors.

Whole rows of the picture are fetched, because the server writes an image row after row: a run of full rows lands in
its place in the picture without a copy.
"""

import contextlib
import ctypes
import os
import time
from typing import Any, Final

import msgspec

from shared.media.capture.cover import Covering, on_picture, standing_covers
from shared.media.capture.feeds_x11 import Feed, ScreenFeed, WindowFeed
from shared.media.capture.properties_x11 import title_of
from shared.media.capture.shm_x11 import ShmPicture
from shared.media.capture.source import (
    NOTHING_HIDDEN,
    CaptureError,
    Monitor,
    Rect,
    View,
    Window,
    at_most,
    rows,
    view_of_monitors,
    whole,
)
from shared.media.capture.wakeup import Wakeup
from shared.media.capture.windows_x11 import WindowTree
from shared.media.capture.xlib import (
    CONFIGURE_NOTIFY,
    SCREEN_CHANGE_MASK,
    STRUCTURE_NOTIFY_MASK,
    SUBSTRUCTURE_NOTIFY_MASK,
    Display,
)
from shared.rules.sharing import Hidden, Share, SharedMonitors, SharedWindow

_MAX_RECTS: Final = 16
_TRIES: Final = 3
"""A grab during which the view changed is begun again, so often."""
_MOST_REFUSALS: Final = 20


class X11Source:
    """ScreenSource for X11. Make, use and close it in one thread.

    Raises CaptureError(``capture.no_screen``) where there is no display or an extension is missing.
    """

    def __init__(self, display: str | None = None) -> None:
        self._display = Display(display)
        self._wakeup = Wakeup()
        self._share: Share | None = None
        self._view: View | None = None
        self._feed: Feed | None = None
        self._picture: ShmPicture | None = None
        self._covering = Covering()
        self._hidden = NOTHING_HIDDEN
        self._anchors: dict[Rect, Rect] = {}
        self._refusals = 0
        self._everything = True
        self._pending = False
        """Damage was told of after it was last emptied: no second event comes for it."""
        self._resized = False
        self._closed = False
        try:
            self._open()
        except CaptureError:
            self.close()
            raise

    def _open(self) -> None:
        display = self._display
        found, self._damage_event = display.has_extension("XDamageQueryExtension")
        fixes, _ = display.has_extension("XFixesQueryExtension")
        self._randr, self._randr_event = display.has_extension("XRRQueryExtension")
        if not (found and fixes and display.call("XShmQueryExtension")):
            raise CaptureError("capture.no_screen", "DAMAGE, XFIXES or MIT-SHM is missing")
        display.call("XSelectInput", display.root, STRUCTURE_NOTIFY_MASK | SUBSTRUCTURE_NOTIFY_MASK)
        if self._randr:
            display.call("XRRSelectInput", display.root, SCREEN_CHANGE_MASK)
        self._tree = WindowTree(display)

    def monitors(self) -> tuple[Monitor, ...]:
        return _randr_monitors(self._display) if self._randr else (_whole_screen(self._display),)

    def windows(self) -> tuple[Window, ...]:
        self._read_events()
        return self._tree.listed(own=(os.getpid(), os.getppid()))

    def choose(self, share: Share) -> View:
        self._read_events()
        self._let_go()
        self._share = share
        match share:
            case SharedMonitors():
                view = view_of_monitors(share, self.monitors())
                self._feed = ScreenFeed(self._display)
            case SharedWindow(window):
                self._feed = feed = WindowFeed(self._display, self._tree, share, title_of(self._display, window))
                view = feed.view()
        self._show(view)
        return view

    @property
    def view(self) -> View:
        if self._view is None:
            raise CaptureError("capture.monitor_gone", "none chosen")
        return self._view

    @property
    def picture(self) -> ShmPicture:
        if self._picture is None:
            raise CaptureError("capture.monitor_gone", "none chosen")
        return self._picture

    def wait(self, timeout_s: float) -> bool:
        if self._everything or self._pending or self._read_events() or self._uncovers():
            return True
        self._display.call("XFlush")
        release_s = self._tree.next_release_s(time.monotonic()) if self._hidden.windows else None
        if release_s is not None:
            timeout_s = min(timeout_s, max(0.0, release_s - time.monotonic()))
        if self._wakeup.wait(timeout_s, self._display.file_number):
            return False
        return self._read_events() or self._uncovers()

    def grab(self, hidden: Hidden = NOTHING_HIDDEN) -> tuple[Rect, ...]:
        self._hidden = hidden
        for _ in range(_TRIES):
            self._read_events()
            if self._follow():
                continue
            changed = self._bring(hidden)
            self._pending = self._read_events()
            if not self._follow():
                return self._cover(hidden, changed)
        self._everything = True  # it changes faster than it can be brought: the next grab tries again
        return ()

    def invalidate(self) -> None:
        self._everything = True

    def wake(self) -> None:
        self._wakeup.set()

    def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        with contextlib.suppress(CaptureError):
            self._let_go()
            if self._picture is not None:
                self._picture.close()
        self._display.close()
        self._wakeup.close()

    # What the picture is of

    def _let_go(self) -> None:
        feed, self._feed = self._feed, None
        self._view = None
        self._anchors.clear()
        if feed is not None:
            feed.close()

    def _show(self, view: View) -> None:
        size = view.bounds.width, view.bounds.height
        self._view, self._everything, self._resized = view, True, False
        self._covering.forget()
        picture = self._picture
        if picture is None or (picture.width, picture.height) != size:
            if picture is not None:
                self._picture = None
                picture.close()
            self._picture = ShmPicture(self._display, *size)

    def _follow(self) -> bool:
        """Takes up what events said of the monitors or the window; True when other pixels are meant than before."""
        before = self.view
        if isinstance(self._feed, WindowFeed):
            now = self._feed.view()
        elif self._resized and isinstance(self._share, SharedMonitors):
            now = view_of_monitors(self._share, self.monitors())
        else:
            return False
        self._resized = False
        if isinstance(self._feed, WindowFeed) and _only_moved(before, now):
            self._view = now
            return False
        if now == before:
            return False
        if isinstance(self._feed, WindowFeed):
            self._feed.renew()
        self._show(now)
        return True

    def _read_events(self) -> bool:
        """True when something changed; notes a change of resolution on the way."""
        changed = False
        for event in self._display.events():
            kind: int = event.type
            if kind == self._damage_event:
                changed = True
            elif self._tree.note(event):
                changed |= isinstance(self._feed, WindowFeed)
            elif kind == CONFIGURE_NOTIFY or (self._randr and kind == self._randr_event):
                self._resized = changed = True
                if kind == self._randr_event:
                    self._display.x["XRRUpdateConfiguration"](ctypes.byref(event))
        return changed

    # The picture and its cover

    def _bring(self, hidden: Hidden) -> "_Brought":
        """Fetches what is damaged or no longer covered."""
        begun_s = time.monotonic()
        bounds = whole(self.view.bounds.width, self.view.bounds.height)
        self._pending = False
        damaged = self._feed.damaged(self.view) if self._feed is not None else []
        if self._everything:
            self._covering.forget()
            changed = [bounds]
        else:
            wanted = self._covers(hidden, begun_s)
            parts = (rect.clipped(bounds) for rect in self._covering.fetch_for(damaged, wanted))
            changed = list(at_most([rect for rect in parts if rect is not None], _MAX_RECTS))
        fetched = [Rect(0, top, bounds.width, bottom - top) for top, bottom in rows(changed)]
        done = self.view.away or all(self._fetch(rect) for rect in fetched)
        return _Brought(begun_s, changed, fetched, done)

    def _fetch(self, rect: Rect) -> bool:
        return self._feed is not None and self._feed.fetch(self.picture, self.view, rect.y, rect.bottom)

    def _cover(self, hidden: Hidden, brought: "_Brought") -> tuple[Rect, ...]:
        """Covers what must not be seen, also where it was while the pixels were fetched."""
        if not brought.done:
            return self._refused()
        fresh = self._covering.lay(self.picture, brought.fetched, self._covers(hidden, brought.begun_s))
        self._everything, self._refusals = False, 0
        return tuple(brought.changed) + tuple(
            cover for cover in fresh if not any(rect.encloses(cover) for rect in brought.changed)
        )

    def _covers(self, hidden: Hidden, since_s: float) -> tuple[Rect, ...]:
        """In picture coordinates. Areas drawn over a single window go along with it."""
        view = self.view
        if isinstance(self._feed, WindowFeed):
            if self._feed.is_one_of([each.id for each in hidden.windows]):
                return (whole(view.bounds.width, view.bounds.height),)
            anchored = [(self._anchors.setdefault(area, view.bounds), area) for area in hidden.areas]
            drawn = [part for anchor, area in anchored for part in on_picture(anchor, [area])]
            return (*standing_covers(view, ()), *drawn)
        windows = self._tree.hidden([each.id for each in hidden.windows], since_s)
        unknown = [each.area for each in hidden.windows if each.area is not None and not self._tree.top_of(each.id)]
        return standing_covers(view, (*hidden.areas, *windows, *unknown))

    def _refused(self) -> tuple[Rect, ...]:
        """No fault while resolution or window change: the event that says so is on its way."""
        self._display.settle()
        self._read_events()
        self._everything = True
        self._refusals += 1
        if isinstance(self._feed, WindowFeed):
            self._feed.renew()
        elif not self._resized and self._as_before():
            raise CaptureError("capture.refused", "the server gave no picture")
        if self._refusals > _MOST_REFUSALS:
            raise CaptureError("capture.refused", "the server gives no picture")
        self._resized = True
        return ()

    def _as_before(self) -> bool:
        share = self._share
        return isinstance(share, SharedMonitors) and view_of_monitors(share, self.monitors()) == self.view

    def _uncovers(self) -> bool:
        """Whether a hidden window has moved, come or gone since its cover was painted."""
        if self._feed is None or not self._hidden.windows:
            return False
        return self._covering.differs(self._covers(self._hidden, time.monotonic()))


class _Brought(msgspec.Struct, frozen=True):
    """What one grab fetched: since when, what changed, whole rows that came, and whether all of them did."""

    begun_s: float
    changed: list[Rect]
    fetched: list[Rect]
    done: bool


def _only_moved(before: View, now: View) -> bool:
    size, old = now.bounds, before.bounds
    return (size.width, size.height, now.away) == (old.width, old.height, before.away)


def _whole_screen(display: Display) -> Monitor:
    width, height = display.size()
    return Monitor("screen", "screen", whole(width, height), primary=True)


def _randr_monitors(display: Display) -> tuple[Monitor, ...]:
    count = ctypes.c_int()
    pointer = display.call("XRRGetMonitors", display.root, 1, ctypes.byref(count))
    if not pointer or count.value <= 0:
        return (_whole_screen(display),)
    width, height = display.size()
    try:
        found = [_monitor(display, info, whole(width, height)) for info in pointer[: count.value]]
    finally:
        display.x["XRRFreeMonitors"](pointer)
    return tuple(monitor for monitor in found if monitor is not None) or (_whole_screen(display),)


def _monitor(display: Display, info: Any, screen: Rect) -> Monitor | None:
    rect = Rect(info.x, info.y, info.width, info.height).clipped(screen)
    name = display.atom_name(info.name) or "screen"
    return None if rect is None else Monitor(name, name, rect, bool(info.primary))
