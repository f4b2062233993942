"""The cursor as messages: it is never in the picture, so it moves without a frame and is drawn at the other end."""

import zlib
from typing import Final

import msgspec

MAX_SIDE: Final = 256
_MAX_PACKED: Final = 48 * 1024


class CursorMoved(msgspec.Struct, frozen=True, tag=True):
    """The cursor's place in pixels of the picture; not visible when it is over nothing that is shared."""

    x: int
    y: int
    visible: bool = True


class CursorShape(msgspec.Struct, frozen=True, tag=True):
    """The cursor's picture: ``pixels`` are zlib-compressed premultiplied BGRA, ``width * height * 4`` bytes."""

    width: int
    height: int
    hot_x: int
    hot_y: int
    pixels: bytes


def packed_shape(width: int, height: int, hot_x: int, hot_y: int, pixels: bytes) -> CursorShape | None:
    """The message for a cursor's picture; None when it is too large to be one."""
    if not (0 < width <= MAX_SIDE and 0 < height <= MAX_SIDE):
        return None
    packed = zlib.compress(pixels, 1)
    return CursorShape(width, height, hot_x, hot_y, packed) if len(packed) <= _MAX_PACKED else None


def cursor_pixels(shape: CursorShape) -> bytes | None:
    """The pixels of a shape from the other end; None when its sizes or its data make no sense."""
    if not (0 < shape.width <= MAX_SIDE and 0 < shape.height <= MAX_SIDE):
        return None
    wanted = shape.width * shape.height * 4
    unpacker = zlib.decompressobj()
    try:
        pixels = unpacker.decompress(shape.pixels, wanted + 1)
    except zlib.error:
        return None
    return pixels if len(pixels) == wanted else None
