"""The pointer of an X server: where it is, and what it looks like (XFIXES)."""

import array
import ctypes
from typing import Any, Final

from shared.media.capture.source import CaptureError, Point
from shared.media.capture.xlib import CURSOR_DISPLAY_NOTIFY_MASK, Display
from shared.media.cursor import CursorShape, packed_shape

_MAX_SIDE: Final = 256


class X11Pointer:
    """PointerSource for X11. Make, use and close it in one thread. Raises CaptureError."""

    def __init__(self, display: str | None = None) -> None:
        self._display = Display(display)
        found, self._event = self._display.has_extension("XFixesQueryExtension")
        if not found:
            self._display.close()
            raise CaptureError("capture.no_screen", "XFIXES is missing")
        self._event += 1  # XFixesCursorNotify follows XFixesSelectionNotify
        self._display.call("XFixesSelectCursorInput", self._display.root, CURSOR_DISPLAY_NOTIFY_MASK)
        self._changed = True

    def position(self) -> Point:
        return Point(*self._display.pointer_position())

    def new_shape(self) -> CursorShape | None:
        for event in self._display.events():
            self._changed |= event.type == self._event
        if not self._changed:
            return None
        self._changed = False
        return self._fetch()

    def _fetch(self) -> CursorShape | None:
        pointer = self._display.call("XFixesGetCursorImage")
        if not pointer:
            return None
        try:
            return _shape(pointer.contents)
        finally:
            self._display.x["XFree"](pointer)

    def close(self) -> None:
        self._display.close()


def _shape(image: Any) -> CursorShape | None:
    width, height = int(image.width), int(image.height)
    if width > _MAX_SIDE or height > _MAX_SIDE:
        return None
    # one unsigned long a pixel, of which the lower 32 bits are ARGB: BGRA in memory on a little-endian machine
    count = width * height
    step = ctypes.sizeof(ctypes.c_ulong) // 4
    words = array.array("I", ctypes.string_at(image.pixels, count * ctypes.sizeof(ctypes.c_ulong)))
    return packed_shape(width, height, int(image.xhot), int(image.yhot), words[::step].tobytes())
