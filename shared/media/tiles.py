"""Units without a decoder: lossless rectangles of the picture, and rectangles that moved from where they were.

A tile unit is the stamp and one more SEI message: the picture's size, what moved, what is painted, and one zlib stream
with the pixels of what is painted, BGRX, one rectangle after the other. zlib's quickest level over plain pixels serves
screens well: a 1080p page of text is 230 kB in 18 ms, a desktop of windows 560 kB in 34 ms (docs/adr/0005). In no slice
of H.264 is there anything of it, so the decoder never sees it.
"""

import struct
import zlib
from collections.abc import Iterable, Sequence
from typing import Final

import msgspec
import numpy as np
import numpy.typing as npt

from shared.media import sei
from shared.media.capture.source import Rect

Words = npt.NDArray[np.uint32]
"""A picture as rows of pixels, each BGRX in one word."""

MAX_SIDE: Final = (7680, 4320)
MAX_RECTS: Final = 1024
LEVEL: Final = 1
THIN_LEVEL: Final = 6
"""A page of text is 149 kB instead of 269, six rows of it 850 bytes instead of 1490, for twice the time."""

_KIND: Final = bytes.fromhex("2c9f8a1e5b7d4c36a0e14f6d9b3a7c52")
_HEAD: Final = struct.Struct("<HHHH")
_MOVE: Final = struct.Struct("<6H")
_PAINT: Final = struct.Struct("<4H")
_PIXEL: Final = 4
_ROWS: Final = 32


class BadTiles(Exception):
    """A tile unit whose numbers do not fit one another, or the picture."""


class Move(msgspec.Struct, frozen=True):
    """``rect`` of the new picture is what was at (``x``, ``y``) of the old one."""

    rect: Rect
    x: int
    y: int


class Tiles(msgspec.Struct, frozen=True):
    """First all that moved, at once; then what is painted. ``pixels`` are those of ``paints``, one after the other."""

    width: int
    height: int
    moves: tuple[Move, ...] = ()
    paints: tuple[Rect, ...] = ()
    pixels: bytes = b""

    @property
    def changed(self) -> tuple[Rect, ...]:
        return (*(move.rect for move in self.moves), *self.paints)


class Packing:
    """Packs rectangles of one picture one by one, so that it can stop when enough bytes have come together."""

    def __init__(self, picture: Words, level: int = LEVEL) -> None:
        self._picture = picture
        self._zlib = zlib.compressobj(level, zlib.DEFLATED, -zlib.MAX_WBITS)
        self._parts: list[bytes] = []
        self.size = 0
        self.paints: list[Rect] = []

    def add(self, rect: Rect) -> None:
        part = self._picture[rect.y : rect.bottom, rect.x : rect.right]
        self._keep(self._zlib.compress(np.ascontiguousarray(part).data) + self._zlib.flush(zlib.Z_SYNC_FLUSH))
        self.paints.append(rect)

    def add_all(self, rects: Iterable[Rect], limit: int | None) -> bool:
        """False when they would take more than ``limit`` bytes: it stopped then."""
        for rect in rects:
            self.add(rect)
            if limit is not None and self.size > limit:
                return False
        return len(self.paints) <= MAX_RECTS

    def finish(self, moves: Sequence[Move] = ()) -> bytes:
        """The NAL unit; nothing can be added after that."""
        self._keep(self._zlib.flush())
        height, width = self._picture.shape
        head = _HEAD.pack(width, height, len(moves), len(self.paints))
        moved = b"".join(_MOVE.pack(m.rect.x, m.rect.y, m.rect.width, m.rect.height, m.x, m.y) for m in moves)
        painted = b"".join(_PAINT.pack(r.x, r.y, r.width, r.height) for r in self.paints)
        return sei.to_nal(_KIND, head + moved + painted + b"".join(self._parts))

    def _keep(self, data: bytes) -> None:
        self._parts.append(data)
        self.size += len(data)


def apply_moves(picture: Words, moves: Sequence[Move]) -> None:
    """Moves all of them at once, in place."""
    if len(moves) == 1 and moves[0].x == moves[0].rect.x:
        _scroll(picture, moves[0])
        return
    sources = [picture[m.y : m.y + m.rect.height, m.x : m.x + m.rect.width].copy() for m in moves]
    for move, source in zip(moves, sources, strict=True):
        picture[move.rect.y : move.rect.bottom, move.rect.x : move.rect.right] = source


def _scroll(picture: Words, move: Move) -> None:
    """Some rows at a time, in the order in which none is read after it was written: twice as fast as one large copy."""
    rect, by = move.rect, move.y - move.rect.y
    tops = range(rect.y, rect.bottom, _ROWS)
    for top in tops if by > 0 else reversed(tops):
        bottom = min(top + _ROWS, rect.bottom)
        source = picture[top + by : bottom + by, rect.x : rect.right].copy()
        picture[top:bottom, rect.x : rect.right] = source


def from_unit(unit: bytes, start: int) -> Tiles | None:
    """The tiles at ``start`` of a unit; None where it is none of this kind.

    Raises BadTiles: a hostile sharer may have written every number of it. What it takes to paint is bounded by the size
    of the picture, whatever it says.
    """
    found = sei.from_nal(_KIND, unit, start)
    if found is None:
        return None
    body = memoryview(found[0])
    if len(body) < _HEAD.size:
        raise BadTiles("too short")
    width, height, moves, paints = _HEAD.unpack_from(body)
    if not (0 < width <= MAX_SIDE[0] and 0 < height <= MAX_SIDE[1] and moves + paints <= MAX_RECTS):
        raise BadTiles("out of bounds")
    middle = _HEAD.size + moves * _MOVE.size
    end = middle + paints * _PAINT.size
    if len(body) < end:
        raise BadTiles("rectangles are missing")
    moved = tuple(Move(Rect(*m[:4]), m[4], m[5]) for m in _MOVE.iter_unpack(body[_HEAD.size : middle]))
    painted = tuple(Rect(*each) for each in _PAINT.iter_unpack(body[middle:end]))
    _check(width, height, [*painted, *(m.rect for m in moved)])
    _check(width, height, [msgspec.structs.replace(m.rect, x=m.x, y=m.y) for m in moved])
    return Tiles(width, height, moved, painted, _pixels(body[end:], sum(r.width * r.height for r in painted) * _PIXEL))


def _check(width: int, height: int, rects: Sequence[Rect]) -> None:
    if any(not (r.width and r.height and r.right <= width and r.bottom <= height) for r in rects):
        raise BadTiles("a rectangle is not inside the picture")
    if sum(r.width * r.height for r in rects) > 2 * width * height:
        raise BadTiles("more rectangles than picture")


def _pixels(data: memoryview, size: int) -> bytes:
    """Exactly ``size`` bytes, never one more than that made."""
    stream = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        pixels = stream.decompress(data, size) if size else b""
        rest = stream.decompress(stream.unconsumed_tail if size else data, 1)
    except zlib.error as error:
        raise BadTiles("pixels cannot be unpacked") from error
    if len(pixels) != size or rest or not stream.eof or stream.unused_data:
        raise BadTiles("not as many pixels as promised")
    return pixels
