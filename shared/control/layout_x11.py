"""The keyboard layout of an X server: which key code gives which keysym, and the key codes that give nothing."""

import ctypes
import functools
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from Xlib import display

from shared.control import keysyms as k

REST_S: Final = 0.25
_MAX_SPARES: Final = 48
SHIFT: Final = 0xFFE1
_GROUP_SHIFT: Final = 13


@dataclass(frozen=True, slots=True)
class Stroke:
    """A key code and the level of it: bit 0 is Shift, bit 1 AltGr."""

    code: int
    level: int


class Layout:
    """The server's keyboard mapping: two groups of four levels, as the core protocol orders them."""

    COLUMNS: Final = ((0, 1, 4, 5), (2, 3, 6, 7))

    def __init__(self, server: display.Display) -> None:
        lowest, highest = server.display.info.min_keycode, server.display.info.max_keycode
        rows = [list(row) for row in server.get_keyboard_mapping(lowest, highest - lowest + 1)]
        self.width = max((len(row) for row in rows), default=1)
        self._rows = {lowest + index: row for index, row in enumerate(rows)}
        self._strokes: tuple[dict[int, Stroke], ...] = ({}, {})
        for group, columns in enumerate(self.COLUMNS):
            for level in range(len(columns) - 1, -1, -1):
                self._add_level(group, columns[level], level)

    def find(self, keysym: int, group: int) -> Stroke | None:
        """How to get this keysym in a group, without Shift where that is possible."""
        return self._strokes[group].get(keysym) if group < len(self._strokes) else None

    def is_letter(self, stroke: Stroke, group: int) -> bool:
        """Whether Caps Lock turns this stroke into its other case."""
        columns = self.COLUMNS[group][stroke.level & 2 : (stroke.level & 2) + 2]
        row = self._rows[stroke.code]
        pair = [_text_of(row[column]) for column in columns if column < len(row)]
        return len(pair) == 2 and pair[0] != pair[1] and pair[0].upper() == pair[1].upper()

    def level_keys(self, level: int) -> list[tuple[int, int]]:
        """The modifier keysyms and their key codes that choose a level."""
        wanted = ([SHIFT] if level & 1 else []) + ([k.LEVEL3_SHIFT] if level & 2 else [])
        return [(keysym, stroke.code) for keysym in wanted if (stroke := self.find(keysym, 0))]

    def unused(self) -> list[int]:
        """Key codes that carry nothing, highest first: the lowest are nearest to real keys."""
        return [code for code in sorted(self._rows, reverse=True) if not any(self._rows[code])]

    def _add_level(self, group: int, column: int, level: int) -> None:
        for code in sorted(self._rows, reverse=True):
            row = self._rows[code]
            keysym = row[column] if column < len(row) else 0
            if keysym and keysym not in k.KEYPAD:
                self._strokes[group][keysym] = Stroke(code, level)
                if (text := _text_of(keysym)) and (plain := k.of_character(text)):
                    self._strokes[group][plain] = Stroke(code, level)


class Spares:
    """Key codes without a key, lent to characters that the layout lacks; the longest unused goes first."""

    def __init__(self, codes: Iterable[int]) -> None:
        self._ring = list(codes)[:_MAX_SPARES]
        self._carries: dict[int, int] = {}
        self._used_s: dict[int, float] = {}

    def code_of(self, keysym: int, now_s: float) -> int | None:
        """The key code that carries this keysym now; it counts as used."""
        code = self._carries.get(keysym)
        if code is not None:
            self._touch(code, now_s)
        return code

    def rest_s(self, now_s: float) -> float:
        """How long until one may carry something else; 0 also when there are none at all."""
        return max(0.0, self._free_at_s(self._ring[0]) - now_s) if self._ring else 0.0

    def take(self, keysyms: list[int], now_s: float) -> dict[int, int]:
        """Key codes for the first of these keysyms, as many as have rested: what to map, by key code."""
        rested = [code for code in self._ring if self._free_at_s(code) <= now_s]
        missing = [keysym for keysym in keysyms if keysym not in self._carries]
        chosen = dict(zip(rested, missing, strict=False))
        self._carries = {one: code for one, code in self._carries.items() if code not in chosen}
        for code, keysym in chosen.items():
            self._carries[keysym] = code
            self._touch(code, now_s)
        return chosen

    def own(self, codes: range) -> bool:
        """Whether a change of these key codes was ours."""
        return set(codes) <= set(self._ring)

    def carrying(self) -> list[int]:
        """The key codes that carry something now."""
        return sorted(self._carries.values())

    def keep_only(self, unused: list[int]) -> None:
        """The layout has changed: keeps what is still spare or still carries a character of ours."""
        carrying = self.carrying()
        self._ring = [code for code in self._ring if code in unused or code in carrying]
        self._carries = {one: code for one, code in self._carries.items() if code in self._ring}

    def _free_at_s(self, code: int) -> float:
        return self._used_s[code] + REST_S if code in self._used_s else 0.0

    def _touch(self, code: int, now_s: float) -> None:
        self._used_s[code] = now_s
        self._ring.remove(code)
        self._ring.append(code)


def group_of(state: int) -> int:
    """The keyboard group (layout) in an event's state: XKB keeps it in bits 13 and 14."""
    return state >> _GROUP_SHIFT & 3


@functools.cache
def _keysym_to_utf32() -> Callable[[int], int] | None:
    try:
        return ctypes.CDLL("libxkbcommon.so.0").xkb_keysym_to_utf32
    except (OSError, AttributeError):
        return None


def _text_of(keysym: int) -> str:
    """The character of any keysym, also of the old sets (Cyrillic_a) where libxkbcommon is there; else nothing."""
    known = k.to_character(keysym)
    convert = _keysym_to_utf32()
    if known or convert is None:
        return known
    code = convert(keysym)
    return chr(code) if code >= 0x20 and code != 0x7F else ""
