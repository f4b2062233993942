"""The screen of an X server: DAMAGE says what changed, MIT-SHM brings it into shared memory, RANDR knows the monitors.

Whole rows of the monitor are fetched, because the server writes an image row after row: a run of full rows lands in
its place in the picture without a copy.
"""

import contextlib
import ctypes
import os
from typing import Any, Final

from shared.media.capture.source import CaptureError, Monitor, Rect, at_most, rows, whole
from shared.media.capture.wakeup import Wakeup
from shared.media.capture.xlib import (
    ALL_PLANES,
    CONFIGURE_NOTIFY,
    DAMAGE_NON_EMPTY,
    SCREEN_CHANGE_MASK,
    STRUCTURE_NOTIFY_MASK,
    Z_PIXMAP,
    Display,
    ShmSegment,
)

_IPC_PRIVATE: Final = 0
_IPC_CREAT: Final = 0o1000
_IPC_RMID: Final = 0
_OWNER_ONLY: Final = 0o600
_MAX_RECTS: Final = 16
_BITS_PER_PIXEL: Final = 32


class X11Source:
    """ScreenSource for X11. Make, use and close it in one thread.

    Raises CaptureError(``capture.no_screen``) where there is no display or an extension is missing.
    """

    def __init__(self, display: str | None = None) -> None:
        self._display = Display(display)
        self._wakeup = Wakeup()
        self._picture: ShmPicture | None = None
        self._monitor: Monitor | None = None
        self._damage = self._region = 0
        self._everything = True
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
        display.call("XSelectInput", display.root, STRUCTURE_NOTIFY_MASK)
        if self._randr:
            display.call("XRRSelectInput", display.root, SCREEN_CHANGE_MASK)
        self._damage = display.call("XDamageCreate", display.root, DAMAGE_NON_EMPTY)
        self._region = display.call("XFixesCreateRegion", None, 0)
        if display.settle():
            raise CaptureError("capture.refused", "no damage reports")

    def monitors(self) -> tuple[Monitor, ...]:
        return _randr_monitors(self._display) if self._randr else (_whole_screen(self._display),)

    def choose(self, monitor_id: str) -> Monitor:
        monitor = next((each for each in self.monitors() if each.id == monitor_id), None)
        if monitor is None:
            raise CaptureError("capture.monitor_gone", monitor_id)
        self._monitor = monitor
        self._everything = True
        picture = self._picture
        if picture is None or (picture.width, picture.height) != (monitor.rect.width, monitor.rect.height):
            if picture is not None:
                picture.close()
                self._picture = None
            self._picture = ShmPicture(self._display, monitor.rect.width, monitor.rect.height)
        return monitor

    @property
    def monitor(self) -> Monitor:
        if self._monitor is None:
            raise CaptureError("capture.monitor_gone", "none chosen")
        return self._monitor

    @property
    def picture(self) -> "ShmPicture":
        if self._picture is None:
            raise CaptureError("capture.monitor_gone", "none chosen")
        return self._picture

    def wait(self, timeout_s: float) -> bool:
        if self._everything or self._read_events():
            return True
        self._display.call("XFlush")
        return not self._wakeup.wait(timeout_s, self._display.file_number) and self._read_events()

    def grab(self) -> tuple[Rect, ...]:
        self._read_events()
        if self._resized:
            self._resized = False
            self.choose(self.monitor.id)
        changed = self._changed()
        if not changed:
            return ()
        origin = self.monitor.rect
        for top, bottom in rows(changed):
            if not self.picture.fetch(origin.x, origin.y, top, bottom):
                return self._refused()
        self._everything = False
        return changed

    def invalidate(self) -> None:
        self._everything = True

    def wake(self) -> None:
        self._wakeup.set()

    def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        with contextlib.suppress(CaptureError):
            self._release()
        self._display.close()
        self._wakeup.close()

    def _release(self) -> None:
        if self._picture is not None:
            self._picture.close()
        if self._region:
            self._display.call("XFixesDestroyRegion", self._region)
        if self._damage:
            self._display.call("XDamageDestroy", self._damage)

    def _read_events(self) -> bool:
        """True when something changed; notes a change of resolution on the way."""
        changed = False
        for event in self._display.events():
            kind: int = event.type
            if kind == self._damage_event:
                changed = True
            elif kind == CONFIGURE_NOTIFY or (self._randr and kind == self._randr_event):
                self._resized = changed = True
                if kind == self._randr_event:
                    self._display.x["XRRUpdateConfiguration"](ctypes.byref(event))
        return changed

    def _changed(self) -> tuple[Rect, ...]:
        """Empties the damage; what of it lies on the monitor, in picture coordinates."""
        display, origin = self._display, self.monitor.rect
        display.call("XDamageSubtract", self._damage, 0, self._region)
        damaged = self._region_rects()
        bounds = whole(origin.width, origin.height)
        if self._everything:
            return (bounds,)
        on_monitor = (rect.moved(-origin.x, -origin.y).clipped(bounds) for rect in damaged)
        return at_most([rect for rect in on_monitor if rect is not None], _MAX_RECTS)

    def _region_rects(self) -> list[Rect]:
        count = ctypes.c_int()
        pointer = self._display.call("XFixesFetchRegion", self._region, ctypes.byref(count))
        if not pointer:
            return []
        try:
            return [Rect(r.x, r.y, r.width, r.height) for r in pointer[: count.value]]
        finally:
            self._display.x["XFree"](pointer)

    def _refused(self) -> tuple[Rect, ...]:
        """BadMatch while the resolution changes is no fault: the event that says so is on its way."""
        self._display.settle()
        self._read_events()
        self._everything = True
        if self._resized or self.monitor not in self.monitors():
            self._resized = True
            return ()
        raise CaptureError("capture.refused", "the server gave no picture")


class ShmPicture:
    """A picture in memory shared with the X server. Rows of BGRX."""

    def __init__(self, display: Display, width: int, height: int) -> None:
        self._display = display
        self._segment = ShmSegment()
        self.width = width
        self.height = height
        x = display.x
        depth = x["XDefaultDepth"](display.pointer, display.screen)
        visual = x["XDefaultVisual"](display.pointer, display.screen)
        create = [display.pointer, visual, depth, Z_PIXMAP, None, ctypes.byref(self._segment), width, height]
        self._image: Any = x["XShmCreateImage"](*create)
        if not self._image or self._image.contents.bits_per_pixel != _BITS_PER_PIXEL:
            raise CaptureError("capture.refused", "not a 32-bit screen")
        self.stride: int = self._image.contents.bytes_per_line
        self.address = self._attach()
        memory = (ctypes.c_ubyte * (self.stride * height)).from_address(self.address)
        self.pixels = memoryview(memory).cast("B")

    def _attach(self) -> int:
        x, segment = self._display.x, self._segment
        segment.shmid = x["shmget"](_IPC_PRIVATE, self.stride * self.height, _IPC_CREAT | _OWNER_ONLY)
        if segment.shmid < 0:
            raise CaptureError("capture.refused", os.strerror(ctypes.get_errno()))
        address = x["shmat"](segment.shmid, None, 0)
        if address in (None, ctypes.c_void_p(-1).value):
            x["shmctl"](segment.shmid, _IPC_RMID, None)
            raise CaptureError("capture.refused", "cannot map shared memory")
        segment.shmaddr = self._image.contents.data = address
        self._display.call("XShmAttach", ctypes.byref(segment))
        failed = self._display.settle()
        # marked for removal while both are attached: the kernel frees it when the last of them goes, crash or not
        x["shmctl"](segment.shmid, _IPC_RMID, None)
        if failed:
            x["shmdt"](address)
            raise CaptureError("capture.refused", "a remote display cannot share memory")
        return address

    def fetch(self, root_x: int, root_y: int, top: int, bottom: int) -> bool:
        """Brings rows ``top`` to ``bottom``; False when the server refused (see the display's error)."""
        image = self._image.contents
        image.height = bottom - top
        image.data = self.address + top * self.stride
        arguments = (self._display.root, self._image, root_x, root_y + top, ALL_PLANES)
        done = self._display.call("XShmGetImage", *arguments)
        return bool(done) and not self._display.take_error()

    def close(self) -> None:
        try:
            self.pixels.release()
        except BufferError:
            return  # somebody still looks at the memory: better kept than pulled away
        self._display.x["shmdt"](self.address)
        image = self._image.contents
        image.data = None
        self._display.x["XFree"](self._image)  # XDestroyImage is a macro; with no data of its own this is what it does
        self._display.call("XShmDetach", ctypes.byref(self._segment))


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
