"""Part of a display in memory, and when something on it has changed."""

import select

import numpy as np
import numpy.typing as npt

from shared.media.capture.shm_x11 import ShmPicture
from shared.media.capture.xlib import DAMAGE_NON_EMPTY, Display
from tests.e2e.driver.geometry import Rect

WAIT_S = 0.25
"""A look now and then without damage, should a report be missed."""
_COLOUR = np.uint32(0xFFFFFF)
"""The fourth byte of a pixel is nobody's."""

Pixels = npt.NDArray[np.uint8]


class Look:
    """One part of one display. Use it in one thread."""

    def __init__(self, display: str, at: Rect) -> None:
        self._display, self._at = Display(display), at
        self._picture = ShmPicture(self._display, at.width, at.height)
        self._damage = self._watch()

    def _watch(self) -> int:
        for query in ("XDamageQueryExtension", "XFixesQueryExtension"):
            found, _ = self._display.has_extension(query)
            if not found:
                raise SystemExit(f"{query}: the display lacks it")
        return int(self._display.call("XDamageCreate", self._display.root, DAMAGE_NON_EMPTY))

    def wait(self) -> None:
        """Until something on the display has changed; a change after this is reported again, so none is missed."""
        if not self._display.events():
            self._display.call("XFlush")
            select.select([self._display.file_number], [], [], WAIT_S)
            self._display.events()
        self._display.call("XDamageSubtract", self._damage, 0, 0)

    def pixels(self) -> Pixels | None:
        """BGRX, rows by columns by 4, as it is now and until the next call; None when the server refused."""
        if not self._picture.fetch(self._display.root, self._at.x, self._at.y, 0, self._at.height):
            return None
        whole = np.frombuffer(self._picture.pixels, np.uint8).reshape(self._at.height, -1, 4)
        return whole[:, : self._at.width]


def off_by(one: Pixels, other: Pixels) -> npt.NDArray[np.int16]:
    """How far apart two pictures are, channel by channel."""
    return np.abs(one[..., :3].astype(np.int16) - other[..., :3].astype(np.int16))


def are_same(one: Pixels, other: Pixels) -> bool:
    """Whether every pixel has the same colour."""
    left, right = (np.ascontiguousarray(each).view(np.uint32) for each in (one, other))
    return not ((left ^ right) & _COLOUR).any()
