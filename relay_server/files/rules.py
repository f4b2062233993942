"""What a file may be: told by its first bytes, never by its name or by what its sender calls it."""

import codecs
import unicodedata
from dataclasses import dataclass
from typing import Final

MAX_BYTES: Final = 10 * 1024 * 1024
HEAD_BYTES: Final = 64 * 1024
"""Enough of a file to tell its type and the size of a picture."""
NAME_MAX: Final = 120

_FORBIDDEN: Final = frozenset('/\\:*?"<>|')
_EXTENSIONS: Final = {
    "image/png": ".png",
    "image/jpeg": ".jpg",
    "image/gif": ".gif",
    "image/webp": ".webp",
    "application/pdf": ".pdf",
    "text/plain": ".txt",
}


@dataclass(frozen=True, slots=True)
class Kind:
    """A type that is taken. Pixels are 0 for what is no picture."""

    media_type: str
    width_px: int = 0
    height_px: int = 0


def kind_of(head: bytes) -> Kind | None:
    """The type by the first `HEAD_BYTES`; None is refused."""
    if head.startswith(b"\x89PNG\r\n\x1a\n") and len(head) >= 24:
        return _picture("image/png", int.from_bytes(head[16:20], "big"), int.from_bytes(head[20:24], "big"))
    if head.startswith((b"GIF87a", b"GIF89a")) and len(head) >= 10:
        return _picture("image/gif", int.from_bytes(head[6:8], "little"), int.from_bytes(head[8:10], "little"))
    if head.startswith(b"\xff\xd8\xff"):
        return _jpeg(head)
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return _webp(head)
    if head.startswith(b"%PDF-"):
        return Kind("application/pdf")
    return Kind("text/plain") if _is_text(head) else None


def safe_name(name: str, media_type: str) -> str:
    """A base name that every system takes, without paths, control or direction marks, ending as its type does."""
    base = unicodedata.normalize("NFC", name).replace("\\", "/").rsplit("/", 1)[-1]
    kept = "".join(each for each in base if unicodedata.category(each)[0] != "C" and each not in _FORBIDDEN)
    stem = kept.strip(" .").rsplit(".", 1)[0] if "." in kept.strip(" .") else kept.strip(" .")
    return (stem.strip(" .")[: NAME_MAX - 5] or "file") + _EXTENSIONS[media_type]


def _picture(media_type: str, width_px: int, height_px: int) -> Kind | None:
    fits = 0 < width_px <= 32768 and 0 < height_px <= 32768
    return Kind(media_type, width_px, height_px) if fits else None


def _jpeg(head: bytes) -> Kind | None:
    """The first start-of-frame segment (ITU T.81, B.2.2) has the size."""
    at = 2
    while at + 9 < len(head) and head[at] == 0xFF:
        marker = head[at + 1]
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height_px, width_px = (
                int.from_bytes(head[at + 5 : at + 7], "big"),
                int.from_bytes(head[at + 7 : at + 9], "big"),
            )
            return _picture("image/jpeg", width_px, height_px)
        at += 2 + int.from_bytes(head[at + 2 : at + 4], "big")
    return None


def _webp(head: bytes) -> Kind | None:
    """RFC 9649: the size is in the first chunk, in one of three ways."""
    chunk = head[12:16]
    if chunk == b"VP8X" and len(head) >= 30:
        return _picture(
            "image/webp", int.from_bytes(head[24:27], "little") + 1, int.from_bytes(head[27:30], "little") + 1
        )
    if chunk == b"VP8L" and len(head) >= 25:
        bits = int.from_bytes(head[21:25], "little")
        return _picture("image/webp", (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1)
    if chunk == b"VP8 " and len(head) >= 30:
        return _picture(
            "image/webp",
            int.from_bytes(head[26:28], "little") & 0x3FFF,
            int.from_bytes(head[28:30], "little") & 0x3FFF,
        )
    return None


def _is_text(head: bytes) -> bool:
    """UTF-8 without control characters other than line ends and tabs; where `head` is cut, a character may be too."""
    try:
        text = codecs.getincrementaldecoder("utf-8")().decode(head, final=len(head) < HEAD_BYTES)
    except UnicodeDecodeError:
        return False
    return bool(text) and not any(ord(each) < 32 and each not in "\t\n\r\f" for each in text)
