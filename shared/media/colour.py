"""Screen pixels (BGRX) to the encoder's planes and back: libyuv where it is installed, else FFmpeg's swscale.

Both use BT.601 in its narrow range, so the two ends may differ in which of them they have.
"""

import ctypes
import functools
from ctypes import c_int, c_void_p
from enum import Enum
from typing import Any, Final, Protocol

import av
import numpy as np
import numpy.typing as npt

from shared.media.capture.source import Picture, Rect

_LIBYUV: Final = ("libyuv.so.0", "libyuv.so", "libyuv.dylib", "yuv.dll")
_SWSCALE_601: Final = "ITU601"


class Chroma(Enum):
    """How much colour is kept. The value is FFmpeg's name of the pixel format."""

    FULL = "yuv444p"
    HALF = "yuv420p"

    @property
    def step(self) -> int:
        """Pixels a chroma sample covers in each direction."""
        return 1 if self is Chroma.FULL else 2


Origin = tuple[int, int]
"""Where in the picture a frame that is but a part of it begins."""


class Converter(Protocol):
    """Converts between screen pixels and planes, in place. Rectangles are those of the frame."""

    def to_planes(
        self, picture: Picture, frame: av.VideoFrame, chroma: Chroma, rect: Rect, origin: Origin = (0, 0)
    ) -> None:
        """Converts ``rect`` of the picture into ``frame``; widened so that it starts and ends on chroma samples."""
        ...

    def to_pixels(
        self, frame: av.VideoFrame, target: memoryview, stride: int, rect: Rect, origin: Origin = (0, 0)
    ) -> None:
        """Converts ``rect`` of the frame into rows of BGRX; the frame must be of one of the formats of Chroma."""
        ...


def on_samples(rect: Rect, step: int, width: int, height: int) -> Rect:
    """``rect`` widened to multiples of ``step``, cut at a picture of ``width`` x ``height``."""
    x, y = rect.x - rect.x % step, rect.y - rect.y % step
    right, bottom = rect.right + -rect.right % step, rect.bottom + -rect.bottom % step
    return Rect(x, y, min(right, width) - x, min(bottom, height) - y)


@functools.cache
def converter() -> Converter:
    """The fastest converter this machine has."""
    for name in _LIBYUV:
        try:
            return LibyuvConverter(ctypes.CDLL(name))
        except (OSError, AttributeError):
            continue
    return SwscaleConverter()


class LibyuvConverter:
    """libyuv through ctypes. Its "ARGB" is BGRA in memory. Raises AttributeError when a function is missing."""

    def __init__(self, library: ctypes.CDLL) -> None:
        self._to_planes = {
            Chroma.FULL: _typed(library.ARGBToI444),
            Chroma.HALF: _typed(library.ARGBToI420),
        }
        self._to_pixels = {
            Chroma.FULL: _typed(library.I444ToARGB),
            Chroma.HALF: _typed(library.I420ToARGB),
        }

    def to_planes(
        self, picture: Picture, frame: av.VideoFrame, chroma: Chroma, rect: Rect, origin: Origin = (0, 0)
    ) -> None:
        area = on_samples(rect, chroma.step, frame.width, frame.height)
        source = picture.address + (origin[1] + area.y) * picture.stride + (origin[0] + area.x) * 4
        planes = _plane_arguments(frame, chroma, area)
        self._to_planes[chroma](source, picture.stride, *planes, area.width, area.height)

    def to_pixels(
        self, frame: av.VideoFrame, target: memoryview, stride: int, rect: Rect, origin: Origin = (0, 0)
    ) -> None:
        chroma = Chroma(frame.format.name)
        area = on_samples(rect, chroma.step, frame.width, frame.height)
        base = ctypes.addressof(ctypes.c_ubyte.from_buffer(target))
        planes = _plane_arguments(frame, chroma, area)
        first = base + (origin[1] + area.y) * stride + (origin[0] + area.x) * 4
        self._to_pixels[chroma](*planes, first, stride, area.width, area.height)


def _typed(function: Any) -> Any:
    """Three planes and one packed picture, each address and stride, then width and height."""
    function.argtypes = [c_void_p, c_int] * 4 + [c_int, c_int]
    function.restype = c_int
    return function


def _plane_arguments(frame: av.VideoFrame, chroma: Chroma, area: Rect) -> list[int]:
    arguments: list[int] = []
    for index, plane in enumerate(frame.planes):
        step = 1 if index == 0 else chroma.step
        arguments += [plane.buffer_ptr + area.y // step * plane.line_size + area.x // step, plane.line_size]
    return arguments


class SwscaleConverter:
    """swscale through PyAV: everywhere PyAV is, some five times slower; always converts whole pictures' rows."""

    def to_planes(
        self, picture: Picture, frame: av.VideoFrame, chroma: Chroma, rect: Rect, origin: Origin = (0, 0)
    ) -> None:
        area = on_samples(rect, chroma.step, frame.width, frame.height)
        rows = np.frombuffer(picture.pixels, np.uint8).reshape(picture.height, picture.stride)
        there = area.moved(*origin)
        pixels = np.ascontiguousarray(rows[there.y : there.bottom, there.x * 4 : there.right * 4])
        packed = av.VideoFrame.from_numpy_buffer(pixels.reshape(area.height, area.width, 4), format="bgra")
        planar = packed.reformat(format=chroma.value, dst_colorspace=_SWSCALE_601, interpolation="AREA")
        for index, (source, target) in enumerate(zip(planar.planes, frame.planes, strict=True)):
            step = 1 if index == 0 else chroma.step
            top, left = area.y // step, area.x // step
            height, width = -(-area.height // step), -(-area.width // step)
            into = _rows(target.buffer_ptr, target.line_size, top + height)
            into[top : top + height, left : left + width] = _rows(source.buffer_ptr, source.line_size, height)[
                :, :width
            ]

    def to_pixels(
        self, frame: av.VideoFrame, target: memoryview, stride: int, rect: Rect, origin: Origin = (0, 0)
    ) -> None:
        packed = frame.reformat(format="bgra", src_colorspace=_SWSCALE_601)
        plane = packed.planes[0]
        source = _rows(plane.buffer_ptr, plane.line_size, frame.height)
        into = np.frombuffer(target, np.uint8).reshape(-1, stride)
        there = rect.moved(*origin)
        part = source[rect.y : rect.bottom, rect.x * 4 : rect.right * 4]
        into[there.y : there.bottom, there.x * 4 : there.right * 4] = part


def _rows(address: int, stride: int, height: int) -> npt.NDArray[np.uint8]:
    memory = (ctypes.c_ubyte * (stride * height)).from_address(address)
    return np.frombuffer(memoryview(memory).cast("B"), np.uint8).reshape(height, stride)
