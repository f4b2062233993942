"""A film in a still desk: an area that keeps changing is video of its own, of that area alone, in 4:2:0.

For a film of 640 x 360 on a desk of 1920 x 1080: an eighth of the bytes, a third of the time (docs/adr/0005).
The unit is: where the area lies and how long its video is; the video; and tiles for what else changed.
"""

import struct
from collections.abc import Sequence
from typing import Final

import msgspec

from shared.media import sei
from shared.media.capture.source import Picture, Rect, around, bounding
from shared.media.colour import Chroma, on_samples
from shared.media.encoder import Encoder
from shared.media.refine import MOVING_CRF

LARGEST: Final = 0.5
"""An area may have so much of the picture; a larger one is a picture."""
LEAST_PIXELS: Final = 16_384
LEAST_SIDE: Final = 32
_TIMES: Final = 3
"""Changes one after the other in the same place before it is believed to be a film."""
_GROWTH: Final = 1.3
FORGET_S: Final = 1.0

_KIND: Final = bytes.fromhex("b8d0e7443c1f4a6f8b27d5e2719c60fa")
_BODY: Final = struct.Struct("<4HI")
_LONGEST: Final = 64


class BadPlace(Exception):
    """An inset that does not lie in the picture, or is not what it says."""


class Place(msgspec.Struct, frozen=True):
    """Where in the picture the inset lies, and how many bytes of video follow."""

    area: Rect
    length: int


def to_sei(place: Place) -> bytes:
    """The place as a complete SEI NAL unit, to be put between the stamp and the video."""
    area = place.area
    return sei.to_nal(_KIND, _BODY.pack(area.x, area.y, area.width, area.height, place.length))


def from_unit(unit: bytes, start: int) -> tuple[Place, int] | None:
    """The place at ``start`` of a unit and where its video begins; None where there is none. Raises BadPlace."""
    found = sei.from_nal(_KIND, unit, start, _LONGEST)
    if found is None:
        return None
    body, end = found
    if len(body) != _BODY.size:
        raise BadPlace("malformed")
    x, y, width, height, length = _BODY.unpack(body)
    if not (width and height and 0 < length <= len(unit) - end):
        raise BadPlace("out of bounds")
    return Place(Rect(x, y, width, height), length), end


class Steady:
    """Finds the area that keeps changing. Pure; times in seconds of any steady clock."""

    def __init__(self, width: int, height: int) -> None:
        self._width, self._height = width, height
        self._candidate: Rect | None = None
        self._times = 0
        self._seen_at = 0.0

    def place(self, changed: Sequence[Rect], now: float) -> Rect | None:
        """The film's area, after these changes that were too much for tiles; None while there is none."""
        largest = max(changed, key=_pixels, default=None)
        if now - self._seen_at > FORGET_S:
            self.forget()
        known = self._candidate
        if known is not None and any(
            area.clipped(known) == area and _pixels(area) >= LEAST_PIXELS for area in map(self._sampled, changed)
        ):
            self._times += 1
            self._seen_at = now
        elif largest is not None:
            self._begin(largest, now)
        return self._candidate if self._times >= _TIMES else None

    def forget(self) -> None:
        """It was none, or has ended."""
        self._candidate, self._times = None, 0

    def _sampled(self, rect: Rect) -> Rect:
        step = Chroma.HALF.step
        return on_samples(rect, step, self._width - self._width % step, self._height - self._height % step)

    def _begin(self, rect: Rect, now: float) -> None:
        area, known = self._sampled(rect), self._candidate
        if known is not None and known.clipped(area) is not None:
            grown = bounding([known, area])
            area = grown if _pixels(grown) <= _GROWTH * max(_pixels(known), _pixels(area)) else area
        fits = LEAST_PIXELS <= _pixels(area) <= LARGEST * self._width * self._height
        self._candidate = area if fits and min(area.width, area.height) >= LEAST_SIDE else None
        self._times, self._seen_at = int(self._candidate is not None), now


class InsetEncoder:
    """The video of one area. Raises EncoderError."""

    def __init__(self, area: Rect, target_bps: int) -> None:
        self.area = area
        self._encoder = Encoder(
            area.width,
            area.height,
            target_bps=target_bps,
            chroma=Chroma.HALF,
            origin=(area.x, area.y),
            every_speck=False,
        )
        self._key = True

    def encode(self, picture: Picture, target_bps: int, since_last_s: float, captured_us: int) -> tuple[bytes, int]:
        """The next frame, behind its place; and what converting took, in microseconds."""
        convert_us = self._encoder.convert(picture, (self.area,))
        self._encoder.steer(target_bps, MOVING_CRF, since_last_s)
        data, _ = self._encoder.encode(captured_us, key=self._key)
        self._key = False
        return to_sei(Place(self.area, len(data))) + data, convert_us


def split(rects: Sequence[Rect], area: Rect) -> tuple[list[Rect], list[Rect]]:
    """What of ``rects`` lies in ``area``, and what outside."""
    inside: list[Rect] = []
    outside: list[Rect] = []
    for rect in rects:
        part = rect.clipped(area)
        if part is None:
            outside.append(rect)
        else:
            inside.append(part)
            outside += around(rect, part)
    return inside, outside


def _pixels(rect: Rect) -> int:
    return rect.width * rect.height
