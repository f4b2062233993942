"""Names that the other end suggests, made fit for our disk: a plain base name on every system, and never a path."""

import unicodedata
from typing import Final

MAX_BYTES: Final = 200
"""Of the name as UTF-8; leaves room for " (999)" and for a suffix of our own under the usual limit of 255."""
NAMELESS: Final = "file"
_FORBIDDEN: Final = frozenset('/\\:*?"<>|')
_RESERVED: Final = frozenset(
    {"con", "prn", "aux", "nul", "conin$", "conout$", "clock$"}
    | {f"{port}{number}" for port in ("com", "lpt") for number in "0123456789¹²³"}
)
_LONGEST_SUFFIX: Final = 20


def safe_name(suggested: str) -> str:
    """A base name: no separator, no control or direction character, no leading dot, nothing that Windows reserves."""
    last = suggested.replace("\\", "/").rstrip("/").rpartition("/")[2]
    kept = "".join(_safe(letter) for letter in unicodedata.normalize("NFC", last))
    name = _trimmed(kept)
    stem, dot, rest = name.partition(".")
    if stem.rstrip().lower() in _RESERVED:
        name = f"{stem.rstrip()}_{dot}{rest}"
    return _shortened(name) or NAMELESS


def numbered(name: str, number: int) -> str:
    """`report.pdf`, 2 -> `report (2).pdf`; the first one keeps its name."""
    if number < 2:
        return name
    stem, suffix = _parted(name)
    return f"{stem} ({number}){suffix}"


def _safe(letter: str) -> str:
    if letter in _FORBIDDEN:
        return "_"
    kind = unicodedata.category(letter)
    if kind in ("Zs", "Zl", "Zp"):
        return " "
    return "" if kind[0] == "C" else letter  # control, format (direction overrides), surrogate, private, unassigned


def _trimmed(name: str) -> str:
    """Leading dots hide a file, Windows drops dots and spaces at the end, programs read a leading `-` as an option."""
    return name.strip().lstrip(".-~ ").rstrip(". ")


def _shortened(name: str) -> str:
    stem, suffix = _parted(name)
    room = MAX_BYTES - len(suffix.encode())
    short = stem.encode()[:room].decode(errors="ignore")
    return _trimmed(short + suffix)


def _parted(name: str) -> tuple[str, str]:
    stem, dot, suffix = name.rpartition(".")
    if not stem or len(suffix.encode()) > _LONGEST_SUFFIX:
        return name, ""
    return stem, dot + suffix
