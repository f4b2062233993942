"""Initials of a name. No Qt."""

from typing import Final

_CJK_START: Final = "\u2e80"


def initials(name: str) -> str:
    """`Lin Wei` -> `LW`; one word gives one letter; a Chinese name gives its first character; nothing gives `?`."""
    parts = name.replace("（", " ").replace("(", " ").split()
    if not parts:
        return "?"
    if parts[0][0] >= _CJK_START:
        return parts[0][0]
    return (parts[0][0] + (parts[1][0] if len(parts) > 1 and parts[1][0] < _CJK_START else "")).upper()
