"""What travels with a frame: when it was captured, how long each stage took, and what changed.

It rides in front of the frame as an H.264 SEI message of the kind "user data unregistered" (ITU-T H.264, D.1.6 and
7.3.1), so it arrives with its frame or not at all, and any decoder steps over it.
"""

import struct
from typing import Final

import msgspec

from shared.media.capture.source import Rect

MAX_DIRTY: Final = 16

_START: Final = b"\x00\x00\x00\x01"
_SEI_NAL: Final = 0x06
_USER_DATA: Final = 0x05
_UUID: Final = bytes.fromhex("6f2f1d0c7d1b4f0e9a5c3b2e8d417a90")
_BODY: Final = struct.Struct("<QIIBB")
_RECT: Final = struct.Struct("<4H")
_KEY: Final = 1
_MAX_BYTES: Final = 512


class Stamp(msgspec.Struct, frozen=True):
    """``captured_us`` is the sharer's monotonic clock; ``convert_us`` and ``encode_us`` are how long those took.

    ``dirty`` empty means that the whole picture may have changed.
    """

    captured_us: int
    convert_us: int = 0
    encode_us: int = 0
    key: bool = False
    dirty: tuple[Rect, ...] = ()


def to_sei(stamp: Stamp) -> bytes:
    """The stamp as a complete SEI NAL unit with its start code, to be put before the frame's first NAL unit."""
    dirty = stamp.dirty if len(stamp.dirty) <= MAX_DIRTY else ()
    times = (stamp.captured_us, min(stamp.convert_us, 0xFFFFFFFF), min(stamp.encode_us, 0xFFFFFFFF))
    body = _UUID + _BODY.pack(*times, _KEY if stamp.key else 0, len(dirty))
    body += b"".join(_RECT.pack(r.x, r.y, r.width, r.height) for r in dirty)
    payload = bytes((_SEI_NAL, _USER_DATA, len(body))) + body + b"\x80"
    return _START + _escaped(payload)


def from_frame(unit: bytes) -> Stamp | None:
    """The stamp at the start of an access unit; None where there is none or it makes no sense."""
    if not unit.startswith(_START + bytes((_SEI_NAL, _USER_DATA))):
        return None
    end = unit.find(b"\x00\x00\x01", len(_START), _MAX_BYTES)
    raw = _unescaped(unit[len(_START) : end if end >= 0 else _MAX_BYTES])
    size = raw[2] if len(raw) > 2 else 0
    body = raw[3 : 3 + size]
    if not body.startswith(_UUID) or len(body) < len(_UUID) + _BODY.size:
        return None
    return _parse(body[len(_UUID) :])


def _parse(body: bytes) -> Stamp | None:
    captured_us, convert_us, encode_us, flags, count = _BODY.unpack_from(body)
    rects = body[_BODY.size :]
    if count > MAX_DIRTY or len(rects) != count * _RECT.size:
        return None
    dirty = tuple(Rect(*each) for each in _RECT.iter_unpack(rects))
    return Stamp(captured_us, convert_us, encode_us, bool(flags & _KEY), dirty)


def _escaped(payload: bytes) -> bytes:
    """Emulation prevention: no three bytes may look like a start code (7.4.1)."""
    out = bytearray()
    zeros = 0
    for byte in payload:
        if zeros >= 2 and byte <= 3:
            out.append(3)
            zeros = 0
        out.append(byte)
        zeros = zeros + 1 if byte == 0 else 0
    return bytes(out)


def _unescaped(payload: bytes) -> bytes:
    out = bytearray()
    zeros = 0
    for byte in payload:
        if zeros >= 2 and byte == 3:
            zeros = 0
            continue
        out.append(byte)
        zeros = zeros + 1 if byte == 0 else 0
    return bytes(out)
