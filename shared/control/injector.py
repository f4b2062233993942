"""What putting input onto a machine needs: the port that the gate, and only the gate, drives."""

from typing import Protocol


class ControlFault(Exception):
    """Input cannot be put onto this machine (any longer). `code`: `control.unavailable` or `control.lost`."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code} {detail}".strip())
        self.code = code


class Injector(Protocol):
    """Mouse and keyboard of one machine, used by one thread. Every method raises ControlFault."""

    def move(self, x: int, y: int) -> None:
        """The pointer to this pixel of the whole screen."""
        ...

    def button(self, number: int, down: bool) -> None:
        """A button where the pointer is; numbers as X has them."""
        ...

    def wheel(self, right: int, up: int) -> None:
        """Notches where the pointer is."""
        ...

    def key(self, keysym: int, down: bool) -> bool:
        """A key; False where this machine has no such key. A key that is down already is not pressed again."""
        ...

    def prepare(self, text: str) -> float:
        """Makes the first character of `text` typable, and more of them in the same go.

        Seconds after which to ask again; 0 when `character` may follow.
        """
        ...

    def character(self, character: str) -> bool:
        """Types one character that was prepared, with no modifier of ours in its way; False when there is no way."""
        ...

    def has_focus(self, windows: frozenset[int]) -> bool:
        """Whether the keyboard goes to one of these windows, or to something inside one."""
        ...

    def is_on(self, windows: frozenset[int], x: int, y: int) -> bool:
        """Whether the window on top at this pixel of the screen is one of these, or the frame of one."""
        ...

    def close(self) -> None:
        """Lets go of every key and gives everything back, the keyboard layout as it was. Idempotent."""
        ...
