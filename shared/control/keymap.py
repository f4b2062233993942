"""From the agent's keyboard to input messages. Qt's key numbers come in as plain ints, so nothing here needs Qt.

Characters go as text, whatever layouts the two machines have. Modifiers, keys without a character, and keys pressed
while Ctrl, Alt or Super is down go as keysyms, down and up. A held key repeats on the customer's machine by itself.
"""

from collections.abc import Iterator
from types import MappingProxyType
from typing import Final

from shared.control import keysyms as k
from shared.control.input import MAX_TEXT, Input, KeyDown, KeyUp, LetGo, TypeText

# Qt.Key (qnamespace.h) -> keysym
SPECIAL: Final = MappingProxyType(
    {
        0x01000000: k.ESCAPE,
        0x01000001: k.TAB,
        0x01000002: k.TAB,  # Backtab: Shift is down already
        0x01000003: k.BACKSPACE,
        0x01000004: k.RETURN,
        0x01000005: k.RETURN,  # Enter on the keypad
        0x01000006: 0xFF63,  # Insert
        0x01000007: k.DELETE,
        0x01000008: 0xFF13,  # Pause
        0x01000009: 0xFF61,  # Print
        0x0100000A: 0xFF15,  # SysReq
        0x01000010: 0xFF50,  # Home
        0x01000011: 0xFF57,  # End
        0x01000012: 0xFF51,  # Left
        0x01000013: 0xFF52,  # Up
        0x01000014: 0xFF53,  # Right
        0x01000015: 0xFF54,  # Down
        0x01000016: 0xFF55,  # Page Up
        0x01000017: 0xFF56,  # Page Down
        0x01000020: 0xFFE1,  # Shift
        0x01000021: 0xFFE3,  # Control
        0x01000022: 0xFFEB,  # Meta is the Super key
        0x01000023: 0xFFE9,  # Alt
        0x01000053: 0xFFEB,
        0x01000054: 0xFFEC,
        0x01000055: 0xFF67,  # Menu
        **{0x01000030 + number: k.F1 + number for number in range(24)},
    }
)
NAMES: Final = MappingProxyType(
    {
        "ctrl": 0xFFE3,
        "shift": 0xFFE1,
        "alt": 0xFFE9,
        "super": 0xFFEB,
        "delete": k.DELETE,
        "tab": k.TAB,
        "escape": k.ESCAPE,
        "print": 0xFF61,
        "backspace": k.BACKSPACE,
        **{f"f{number + 1}": k.F1 + number for number in range(12)},
    }
)
"""What `Keyboard.chord` knows."""

_CONTROL: Final = 0x04000000
_ALT: Final = 0x08000000
_COMMANDS: Final = _CONTROL | _ALT | 0x10000000


def is_stop_chord(held: frozenset[int]) -> bool:
    """Whether these keysyms together are Ctrl+Shift+F12."""
    return k.F12 in held and bool(held & k.SHIFT_KEYS) and bool(held & k.CONTROL_KEYS)


class Keyboard:
    """What the agent holds down, by the key that did it."""

    def __init__(self) -> None:
        self._held: dict[int, int] = {}

    def press(self, key: int, text: str, modifiers: int, auto_repeat: bool) -> tuple[Input, ...]:
        """A key went down: QKeyEvent's key, text, modifiers and isAutoRepeat."""
        if key in SPECIAL:
            return self._down(key, SPECIAL[key], auto_repeat)
        commands = modifiers & _COMMANDS
        if text and text.isprintable() and commands in (0, _CONTROL | _ALT):  # Ctrl+Alt with text is Windows' AltGr
            return tuple(_pieces(text))
        keysym = k.of_character(chr(key).lower()) if 0x20 <= key <= 0x10FFFF else None
        if keysym is None or not commands:
            return ()
        return self._down(key, keysym, auto_repeat)

    def release(self, key: int, auto_repeat: bool) -> tuple[Input, ...]:
        """A key came up."""
        if auto_repeat or key not in self._held:
            return ()
        return (KeyUp(self._held.pop(key)),)

    def commit(self, text: str) -> tuple[Input, ...]:
        """Text from an input method or the agent's clipboard."""
        return tuple(_pieces("".join(one for one in text if k.of_character(one) is not None)))

    def chord(self, *names: str) -> tuple[Input, ...]:
        """These keys down together and up again. Raises KeyError for a name not in `NAMES`."""
        keys = [NAMES[name] for name in names]
        if is_stop_chord(frozenset(keys)):
            return ()
        return (*map(KeyDown, keys), *map(KeyUp, reversed(keys)))

    def let_go(self) -> tuple[Input, ...]:
        """The view lost the focus: nothing stays down."""
        self._held.clear()
        return (LetGo(),)

    def _down(self, key: int, keysym: int, auto_repeat: bool) -> tuple[Input, ...]:
        if auto_repeat or is_stop_chord(frozenset((*self._held.values(), keysym))):
            return ()
        self._held[key] = keysym
        return (KeyDown(keysym),)


def _pieces(text: str) -> Iterator[TypeText]:
    return (TypeText(text[at : at + MAX_TEXT]) for at in range(0, len(text), MAX_TEXT))
