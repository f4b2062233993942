"""H.264 SEI messages of the kind "user data unregistered" (ITU-T H.264, D.1.6 and 7.3.1): what of ours rides in the
stream of pictures, in its order. Any decoder steps over them.
"""

import re
from typing import Final

START: Final = b"\x00\x00\x00\x01"
_NAL: Final = 0x06
_USER_DATA: Final = 0x05
_HEAD: Final = START + bytes((_NAL, _USER_DATA))
_LIKE_A_START_CODE: Final = re.compile(rb"\x00\x00(?=[\x00-\x03])", re.DOTALL)
_END: Final = b"\x80"
_FULL: Final = 255


def to_nal(kind: bytes, body: bytes) -> bytes:
    """A complete SEI NAL unit with its start code; ``kind`` is a UUID (16 bytes)."""
    ones, rest = divmod(len(kind) + len(body), _FULL)
    payload = bytes((_NAL, _USER_DATA)) + bytes((_FULL,)) * ones + bytes((rest,)) + kind + body + _END
    return START + _LIKE_A_START_CODE.sub(b"\x00\x00\x03", payload)


def from_nal(kind: bytes, unit: bytes, start: int = 0, longest: int | None = None) -> tuple[bytes, int] | None:
    """The body of the NAL unit at ``start`` of ``unit``, and where the next one starts.

    None where there is none of this kind, or it is malformed, or longer than ``longest`` bytes.
    """
    if not unit.startswith(_HEAD, start):
        return None
    found = unit.find(START[1:], start + len(START), *(() if longest is None else (start + longest,)))
    end = found if found >= 0 else len(unit) if longest is None else min(len(unit), start + longest)
    raw = unit[start + len(_HEAD) : end].replace(b"\x00\x00\x03", b"\x00\x00")
    at = 0
    while raw[at : at + 1] == b"\xff":
        at += 1
    size = at * _FULL + raw[at] if at < len(raw) else 0
    body = raw[at + 1 : at + 1 + size]
    if len(body) != size or not body.startswith(kind):
        return None
    return body[len(kind) :], end - 1 if unit[end - 1 : end] == b"\x00" and found >= 0 else end
