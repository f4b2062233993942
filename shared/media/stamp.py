"""What travels with a unit: its number, when it was captured, how long each stage took, and what changed.

It rides in front of the unit as an SEI message, so it arrives with it or not at all.
"""

import struct
from typing import Final

import msgspec

from shared.media import sei
from shared.media.capture.source import Rect, at_most

MAX_DIRTY: Final = 16
NUMBERS: Final = 1 << 32

_KIND: Final = bytes.fromhex("6f2f1d0c7d1b4f0e9a5c3b2e8d417a91")
_BODY: Final = struct.Struct("<IQIIIBB")
_RECT: Final = struct.Struct("<4H")
_KEY: Final = 1
_LONGEST: Final = 512


class Stamp(msgspec.Struct, frozen=True):
    """``number`` runs on by one from unit to unit, so a viewer knows when one was left out for it.

    ``captured_us`` is the sharer's monotonic clock; ``grab_us``, ``convert_us`` and ``encode_us`` are how long
    those took. ``dirty``
    is what changed since the unit before; who has not followed from there takes all of the picture.
    """

    number: int
    captured_us: int
    convert_us: int = 0
    encode_us: int = 0
    grab_us: int = 0
    key: bool = False
    dirty: tuple[Rect, ...] = ()

    def follows(self, number: int | None) -> bool:
        """Whether the unit before this one was ``number``."""
        return number is not None and self.number == (number + 1) % NUMBERS


def to_sei(stamp: Stamp) -> bytes:
    """The stamp as a complete SEI NAL unit with its start code, to be put before the unit's first NAL unit."""
    dirty = at_most(stamp.dirty, MAX_DIRTY)
    took = (min(each, 0xFFFFFFFF) for each in (stamp.convert_us, stamp.encode_us, stamp.grab_us))
    body = _BODY.pack(stamp.number % NUMBERS, stamp.captured_us, *took, _KEY if stamp.key else 0, len(dirty))
    return sei.to_nal(_KIND, body + b"".join(_RECT.pack(r.x, r.y, r.width, r.height) for r in dirty))


def from_unit(unit: bytes) -> tuple[Stamp, int] | None:
    """The stamp at the start of a unit and where the rest begins; None where there is none or it makes no sense."""
    found = sei.from_nal(_KIND, unit, longest=_LONGEST)
    if found is None or len(found[0]) < _BODY.size:
        return None
    body, end = found
    number, captured_us, convert_us, encode_us, grab_us, flags, count = _BODY.unpack_from(body)
    rects = body[_BODY.size :]
    if count > MAX_DIRTY or len(rects) != count * _RECT.size:
        return None
    dirty = tuple(Rect(*each) for each in _RECT.iter_unpack(rects))
    return Stamp(number, captured_us, convert_us, encode_us, grab_us, bool(flags & _KEY), dirty), end
