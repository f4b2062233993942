"""The X keysyms that both ends name (X11/keysymdef.h), and characters as keysyms."""

from typing import Final

BACKSPACE: Final = 0xFF08
TAB: Final = 0xFF09
RETURN: Final = 0xFF0D
ESCAPE: Final = 0xFF1B
DELETE: Final = 0xFFFF
F1: Final = 0xFFBE
F12: Final = 0xFFC9
LEVEL3_SHIFT: Final = 0xFE03
NUM_LOCK: Final = 0xFF7F

SHIFT_KEYS: Final = frozenset({0xFFE1, 0xFFE2})
CONTROL_KEYS: Final = frozenset({0xFFE3, 0xFFE4})
MODIFIERS: Final = frozenset({*range(0xFFE1, 0xFFE5), *range(0xFFE7, 0xFFEF), LEVEL3_SHIFT})
"""Shift, Control, Meta, Alt, Super, Hyper (left and right) and AltGr; the locks are not among them."""
LOCKS: Final = frozenset({0xFF14, NUM_LOCK, 0xFFE5, 0xFFE6})
KEYPAD: Final = range(0xFF80, 0xFFBE)
POINTER_KEYS: Final = range(0xFEE0, 0xFEFC)

_CONTROLS: Final = {"\n": RETURN, "\r": RETURN, "\t": TAB, "\b": BACKSPACE, "\x1b": ESCAPE}
_UNICODE: Final = 0x01000000


def of_character(character: str) -> int | None:
    """The keysym of one character; None for a control character that no key types."""
    if character in _CONTROLS:
        return _CONTROLS[character]
    code = ord(character)
    if 0x20 <= code <= 0x7E or 0xA0 <= code <= 0xFF:
        return code
    return None if code < 0xA0 or 0xD800 <= code <= 0xDFFF else _UNICODE + code


def to_character(keysym: int) -> str:
    """The character of a Latin-1 or Unicode keysym, else nothing. Other sets (Cyrillic_a) need the system's table."""
    if 0x20 <= keysym <= 0x7E or 0xA0 <= keysym <= 0xFF:
        return chr(keysym)
    return chr(keysym - _UNICODE) if _UNICODE + 0x100 <= keysym <= _UNICODE + 0x10FFFF else ""
