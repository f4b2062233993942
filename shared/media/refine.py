"""When the picture stands still, it is encoded again and again, finer each time, until nothing is left to gain.

Pure: times are passed in, in seconds.
"""

from typing import Final

import msgspec

from shared.media.encoder import MOVING_CRF

_MAX_REPEATS: Final = 12


class Step(msgspec.Struct, frozen=True):
    """After ``after_s`` of stillness (since the last frame) encode at ``crf``; ``enough`` bytes or fewer end it."""

    after_s: float
    crf: float
    enough: int


STEPS: Final = (Step(0.15, 16.0, 1 << 30), Step(0.05, 6.0, 1 << 30), Step(0.05, 1.0, 3000))
"""The last is repeated: under a rate limit one pass is not enough, and a small frame says that nothing was gained."""


class Refinement:
    """Where a still picture is on its way to (near) exactness."""

    def __init__(self) -> None:
        self._index = len(STEPS)
        self._repeats = 0
        self._last = 0.0

    def moved(self, now: float) -> None:
        """A frame of new content was encoded: begin again."""
        self._index = self._repeats = 0
        self._last = now

    def due_at(self) -> float | None:
        """When the next refining frame is due; None when the picture is as good as it gets."""
        return self._last + STEPS[self._index].after_s if self._index < len(STEPS) else None

    def crf(self) -> float:
        return STEPS[self._index].crf if self._index < len(STEPS) else MOVING_CRF

    def refined(self, size: int, now: float) -> None:
        """A refining frame of ``size`` bytes was made."""
        self._last = now
        self._repeats += 1
        last = self._index == len(STEPS) - 1
        if not last or size <= STEPS[self._index].enough or self._repeats >= _MAX_REPEATS:
            self._index += 1
