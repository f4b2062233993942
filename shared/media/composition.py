"""The picture a viewer shows, put together from video, tiles and moves. One thread."""

from collections.abc import Iterable
from typing import Final

import av
import numpy as np

from shared.media.capture.source import Rect, whole
from shared.media.colour import Origin, converter
from shared.media.inset import BadPlace
from shared.media.tiles import BadTiles, Tiles, Words, apply_moves

_MAX_OWED: Final = 64


class Composition:
    """Holds what is shown. A frame of video repaints only what it says has changed, so what is exact stays exact."""

    def __init__(self) -> None:
        self._pixels = bytearray()
        self._words: Words = np.empty((0, 0), np.uint32)
        self._frame: av.VideoFrame | None = None
        self._origin: Origin = (0, 0)
        self._owed: list[Rect] = []

    @property
    def width(self) -> int:
        return self._words.shape[1]

    @property
    def height(self) -> int:
        return self._words.shape[0]

    def video(self, frame: av.VideoFrame, dirty: Iterable[Rect] | None) -> list[Rect]:
        """Takes a decoded frame; None: all of it is new. What changed. It is converted when it is looked at."""
        bounds = whole(frame.width, frame.height)
        if self._resize(frame.width, frame.height) or dirty is None:
            dirty = [bounds]
        inside = [part for rect in dirty if (part := rect.clipped(bounds)) is not None]
        if self._origin != (0, 0):
            self._convert()
        self._frame, self._origin = frame, (0, 0)
        self._owed = [bounds] if bounds in (*inside, *self._owed) else [*self._owed, *inside]
        if len(self._owed) > _MAX_OWED:
            self._convert()
        return inside

    def inset(self, frame: av.VideoFrame, area: Rect, dirty: Iterable[Rect]) -> list[Rect]:
        """Takes a decoded frame of ``area`` alone. What changed. Raises BadPlace when it does not fit the picture."""
        if (frame.width, frame.height) != (area.width, area.height):
            raise BadPlace("another size")
        if area.clipped(whole(self.width, self.height)) != area:
            raise BadPlace("not inside the picture")
        self._convert()
        inside = [part for rect in dirty if (part := rect.clipped(area)) is not None]
        self._frame, self._origin = frame, (area.x, area.y)
        self._owed = [rect.moved(-area.x, -area.y) for rect in inside]
        return inside

    def tiles(self, tiles: Tiles, *, all_new: bool) -> list[Rect]:
        """Moves and paints. What changed. ``all_new``: they make a picture by themselves.

        Raises BadTiles for tiles of another picture.
        """
        if all_new:
            self._resize(tiles.width, tiles.height)
        if (tiles.width, tiles.height) != (self.width, self.height):
            raise BadTiles("tiles of another size")
        self._convert()
        words = self._words
        apply_moves(words, tiles.moves)
        at = 0
        pixels = np.frombuffer(tiles.pixels, np.uint32)
        for rect in tiles.paints:
            size = rect.width * rect.height
            words[_part(rect)] = pixels[at : at + size].reshape(rect.height, rect.width)
            at += size
        return list(tiles.changed)

    def copy_to(self, target: memoryview, stride: int, rects: Iterable[Rect]) -> None:
        """Copies ``rects`` into another picture of the same size."""
        self._convert()
        into = np.frombuffer(target, np.uint32).reshape(self.height, stride // 4)
        for rect in rects:
            into[_part(rect)] = self._words[_part(rect)]

    def _convert(self) -> None:
        frame, owed, origin = self._frame, self._owed, self._origin
        self._frame, self._owed = None, []
        if frame is not None:
            with memoryview(self._pixels) as pixels:
                for rect in owed:
                    converter().to_pixels(frame, pixels, self.width * 4, rect, origin)

    def _resize(self, width: int, height: int) -> bool:
        if (width, height) == (self.width, self.height):
            return False
        self._pixels = bytearray(width * height * 4)
        self._words = np.frombuffer(self._pixels, np.uint32).reshape(height, width)
        self._owed.clear()
        return True


def _part(rect: Rect) -> tuple[slice, slice]:
    return slice(rect.y, rect.bottom), slice(rect.x, rect.right)
