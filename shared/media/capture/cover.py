"""The flat cover over what must not be seen, painted into a captured picture."""

from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from shared.media.capture.source import Picture, Rect, View, whole
from shared.rules.sharing import gaps

COVER: Final = (0x38, 0x34, 0x30, 0xFF)
"""The flat colour (BGRX) over what is hidden and on the picture of a pause."""
_COVER_WORD: Final = np.array(COVER, np.uint8).view(np.uint32)[0]


class PlainPicture:
    """A picture in this process's own memory; without ``raw`` one that is all cover."""

    def __init__(self, width: int, height: int, raw: bytearray | None = None) -> None:
        self.width = width
        self.height = height
        self.stride = width * 4
        memory = bytearray(self.stride * height) if raw is None else raw
        self.array: npt.NDArray[np.uint8] = np.frombuffer(memory, np.uint8).reshape(height, self.stride)
        self.address: int = self.array.ctypes.data
        self.pixels = memoryview(memory)
        if raw is None:
            paint(self, [whole(width, height)])


def paint(picture: Picture, rects: Iterable[Rect]) -> None:
    """Fills these areas of the picture, which lie inside it, with the cover colour."""
    rows = np.frombuffer(picture.pixels, np.uint32).reshape(picture.height, picture.stride // 4)
    for rect in rects:
        rows[rect.y : rect.bottom, rect.x : rect.right] = _COVER_WORD


def standing_covers(view: View, hidden: Sequence[Rect]) -> tuple[Rect, ...]:
    """What is covered whatever moves: all that is not shared, and these areas of the screen; picture coordinates."""
    bounds = view.bounds
    if view.away:
        return (whole(bounds.width, bounds.height),)
    outside = gaps(bounds, [pane.area for pane in view.panes])
    return on_picture(bounds, (*outside, *hidden))


def on_picture(bounds: Rect, rects: Iterable[Rect]) -> tuple[Rect, ...]:
    """Areas of the screen as parts of the picture that lies at ``bounds``."""
    inside = (rect.clipped(bounds) for rect in rects)
    return tuple(rect.moved(-bounds.x, -bounds.y) for rect in inside if rect is not None)


class Covering:
    """What of a picture that is kept up to date in place lies under the cover now."""

    def __init__(self) -> None:
        self._painted: frozenset[Rect] = frozenset()

    def forget(self) -> None:
        """The picture is a new one, or comes anew as a whole."""
        self._painted = frozenset()

    def differs(self, wanted: Iterable[Rect]) -> bool:
        """Whether ``wanted`` is another cover than lies there."""
        return self._painted != frozenset(wanted)

    def fetch_for(self, damaged: Iterable[Rect], wanted: Sequence[Rect]) -> tuple[Rect, ...]:
        """What must be fetched: damage that is to be seen, and what comes out from under the cover."""
        kept = self._painted.intersection(wanted)
        seen = (rect for rect in damaged if not any(cover.encloses(rect) for cover in kept))
        return (*seen, *self._painted.difference(wanted))

    def lay(self, picture: Picture, fetched: Sequence[Rect], wanted: Iterable[Rect]) -> tuple[Rect, ...]:
        """Paints ``wanted`` where it is new or was fetched; what it newly hides."""
        covers = frozenset(wanted)
        fresh = covers - self._painted
        paint(picture, fresh)
        again = (part for cover in covers - fresh for rect in fetched if (part := cover.clipped(rect)) is not None)
        paint(picture, again)
        self._painted = covers
        return tuple(fresh)
