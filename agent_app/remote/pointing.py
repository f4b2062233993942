"""From Qt's mouse events to input messages: exact picture pixels, buttons by number, whole wheel notches. No Qt."""

from typing import Final

from shared.control.input import Button, Input, PointerMove, PointerPress, PointerRelease, Wheel
from shared.rules.coordinates import Placement, to_nearest, to_picture

BUTTONS: Final[dict[int, Button]] = {1: 1, 4: 2, 2: 3, 8: 8, 16: 9}
"""Qt.MouseButton -> X: left, middle, right, back, forward."""
NOTCH: Final = 120
"""Eighths of a degree that make one step of a wheel (Qt)."""
MAX_STEPS: Final = 20


class Pointing:
    """Positions are device pixels of the view. A drag that leaves the picture goes on at its edge."""

    def __init__(self) -> None:
        self._down: set[int] = set()
        self._rest = (0, 0)

    @property
    def holds(self) -> bool:
        """Whether a button is down."""
        return bool(self._down)

    def move(self, placement: Placement, x: int, y: int) -> tuple[Input, ...]:
        """The pointer is there now."""
        at = to_nearest(placement, x, y) if self._down else to_picture(placement, x, y)
        return () if at is None else (PointerMove(at.x, at.y, *_size(placement)),)

    def press(self, placement: Placement, x: int, y: int, button: int) -> tuple[Input, ...]:
        """A button went down; presses outside the picture are nobody's."""
        at = to_picture(placement, x, y)
        if at is None or button not in BUTTONS:
            return ()
        self._down.add(button)
        return (PointerPress(BUTTONS[button], at.x, at.y, *_size(placement)),)

    def release(self, placement: Placement, x: int, y: int, button: int) -> tuple[Input, ...]:
        """A button came up that went down in the picture."""
        if button not in self._down:
            return ()
        self._down.discard(button)
        at = to_nearest(placement, x, y)
        return (PointerRelease(BUTTONS[button], at.x, at.y, *_size(placement)),)

    def wheel(self, placement: Placement, x: int, y: int, right: int, up: int) -> tuple[Input, ...]:
        """The wheel turned by these angles; what is less than a notch is kept for the next time."""
        at = to_picture(placement, x, y)
        if at is None:
            return ()
        across, along = self._rest[0] + right, self._rest[1] + up
        steps = (_steps(across), _steps(along))
        self._rest = (across - steps[0] * NOTCH, along - steps[1] * NOTCH)
        if steps == (0, 0):
            return ()
        return (Wheel(_bounded(steps[0]), _bounded(steps[1]), at.x, at.y, *_size(placement)),)

    def let_go(self) -> None:
        """Nothing is down any more."""
        self._down.clear()
        self._rest = (0, 0)


def _steps(angle: int) -> int:
    return int(angle / NOTCH)


def _bounded(steps: int) -> int:
    return max(-MAX_STEPS, min(MAX_STEPS, steps))


def _size(placement: Placement) -> tuple[int, int]:
    return placement.picture_size
