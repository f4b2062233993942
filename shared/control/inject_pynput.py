"""Input through pynput, for Windows (SendInput) and macOS (CGEventPost). X11 has its own backend.

Not run there by our tests: kept thin, and checked on X11 and against recorded controllers.
"""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from types import MappingProxyType
from typing import Final, Protocol

from pynput import keyboard, mouse

from shared.control import keysyms as k
from shared.control.focus import in_front
from shared.control.injector import ControlFault

_BUTTONS: Final = MappingProxyType({1: "left", 2: "middle", 3: "right", 8: "x1", 9: "x2"})
_KEYS: Final = MappingProxyType(
    {
        k.BACKSPACE: "backspace",
        k.TAB: "tab",
        k.RETURN: "enter",
        k.ESCAPE: "esc",
        k.DELETE: "delete",
        0xFF13: "pause",
        0xFF50: "home",
        0xFF51: "left",
        0xFF52: "up",
        0xFF53: "right",
        0xFF54: "down",
        0xFF55: "page_up",
        0xFF56: "page_down",
        0xFF57: "end",
        0xFF61: "print_screen",
        0xFF63: "insert",
        0xFF67: "menu",
        0xFFE1: "shift_l",
        0xFFE2: "shift_r",
        0xFFE3: "ctrl_l",
        0xFFE4: "ctrl_r",
        0xFFE9: "alt_l",
        0xFFEA: "alt_r",
        0xFFEB: "cmd_l",
        0xFFEC: "cmd_r",
        **{k.F1 + number: f"f{number + 1}" for number in range(20)},
    }
)
"""Keysyms and pynput's names for those keys."""


class MouseDriver(Protocol):
    """The part of pynput.mouse.Controller that is used."""

    @property
    def position(self) -> tuple[int, int]: ...
    @position.setter
    def position(self, pos: tuple[int, int], /) -> None: ...
    def press(self, button: mouse.Button) -> None: ...
    def release(self, button: mouse.Button) -> None: ...
    def scroll(self, dx: int, dy: int) -> None: ...


class KeyDriver(Protocol):
    """The part of pynput.keyboard.Controller that is used."""

    def press(self, key: keyboard.Key | keyboard.KeyCode) -> None: ...
    def release(self, key: keyboard.Key | keyboard.KeyCode) -> None: ...


class PynputInjector:
    """`focused` tells whether one of these windows has the keyboard."""

    def __init__(
        self,
        pointer: MouseDriver | None = None,
        keys: KeyDriver | None = None,
        focused: Callable[[frozenset[int]], bool] = in_front,
    ) -> None:
        with _faults():
            self._mouse: MouseDriver = pointer or mouse.Controller()
            self._keys: KeyDriver = keys or keyboard.Controller()
        self._focused = focused
        self._held: dict[int, keyboard.Key | keyboard.KeyCode] = {}

    def move(self, x: int, y: int) -> None:
        with _faults():
            self._mouse.position = (x, y)

    def button(self, number: int, down: bool) -> None:
        button = getattr(mouse.Button, _BUTTONS.get(number, ""), None)
        if isinstance(button, mouse.Button):
            with _faults():
                (self._mouse.press if down else self._mouse.release)(button)

    def wheel(self, right: int, up: int) -> None:
        with _faults():
            self._mouse.scroll(right, up)

    def key(self, keysym: int, down: bool) -> bool:
        if down and keysym not in self._held and (key := _key(keysym)):
            self._held[keysym] = key
            with _faults():
                self._keys.press(key)
        elif not down and (held := self._held.pop(keysym, None)):
            with _faults():
                self._keys.release(held)
        else:
            return down and keysym in self._held
        return True

    def prepare(self, text: str) -> float:
        return 0.0

    def character(self, character: str) -> bool:
        keysym = k.of_character(character)
        key = None if keysym is None else _key(keysym)
        if key is None:
            return False
        lifted = [held for keysym, held in self._held.items() if keysym in k.MODIFIERS]
        with _faults():
            for held in lifted:
                self._keys.release(held)
            self._keys.press(key)
            self._keys.release(key)
            for held in reversed(lifted):
                self._keys.press(held)
        return True

    def has_focus(self, windows: frozenset[int]) -> bool:
        return bool(windows) and self._focused(windows)

    def is_on(self, windows: frozenset[int], x: int, y: int) -> bool:
        return False  # no window of another program can be chosen here

    def close(self) -> None:
        for keysym in list(self._held):
            self.key(keysym, False)


def _key(keysym: int) -> keyboard.Key | keyboard.KeyCode | None:
    named = getattr(keyboard.Key, _KEYS.get(keysym, ""), None)
    if isinstance(named, keyboard.Key):
        return named
    character = k.to_character(keysym)
    return keyboard.KeyCode.from_char(character) if character else None


@contextmanager
def _faults() -> Generator[None]:
    try:
        yield
    except (OSError, keyboard.Controller.InvalidKeyException) as problem:
        raise ControlFault("control.lost", str(problem)) from problem
