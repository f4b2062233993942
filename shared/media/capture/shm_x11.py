"""Pictures in memory shared with the X server (MIT-SHM)."""

import ctypes
import os
from typing import Any, Final

from shared.media.capture.source import CaptureError
from shared.media.capture.xlib import ALL_PLANES, Z_PIXMAP, Display, ShmSegment

_IPC_PRIVATE: Final = 0
_IPC_CREAT: Final = 0o1000
_IPC_RMID: Final = 0
_OWNER_ONLY: Final = 0o600
_BITS_PER_PIXEL: Final = 32


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

    def fetch(self, drawable: int, left: int, upper: int, top: int, bottom: int) -> bool:
        """Brings rows ``top`` to ``bottom`` of the picture whose corner is at (``left``, ``upper``) of a drawable.

        False when the server refused.
        """
        image = self._image.contents
        image.height = bottom - top
        image.data = self.address + top * self.stride
        arguments = (drawable, self._image, left, upper + top, ALL_PLANES)
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
