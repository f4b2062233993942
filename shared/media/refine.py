"""When the picture stands still, it is encoded again and again, finer each time, until nothing is left to gain.

Pure: times are passed in, in seconds.
"""

from typing import Final

MOVING_CRF: Final = 23.0
LADDER: Final = (16.0, 8.0, 3.0, 1.0)
"""Quality of the refining frames, one after the other; the last is repeated until a frame is small."""
ENOUGH: Final = 3000
"""A frame at the last quality of no more bytes than this says that nothing was gained."""
LEVEL: Final = 1.1
"""So do three frames of nearly the same size: what they hold is x264's rounding, over and over."""
SMALL: Final = 8000
"""A frame of new content of no more bytes than this (typing) leaves the rest of the picture as fine as it is."""
REST_S: Final = 0.15
"""Stillness before refining begins."""
GAP_S: Final = 0.05
"""From one refining frame to the next; and stillness enough in a picture that is coarse yet but hardly moves."""
BUDGET_S: Final = 0.03
"""The path's time that one refining frame may take: whatever moves next waits no longer than that behind it."""
MAX_REPEATS: Final = 60


class Refinement:
    """Where a picture is on its way to (near) exactness."""

    def __init__(self) -> None:
        self._rung = len(LADDER)
        self._fine = False
        self._sizes: list[int] = []
        self._due_at = 0.0

    def moved(self, size: int, now: float) -> None:
        """A frame of new content was made, of ``size`` bytes.

        A large one begins the ladder again. A small one in a fine picture needs the last rung only, once it rests; in a
        coarse one it does not keep the rest from becoming finer.
        """
        if size > SMALL:
            self._fine = False
            self._rung = 0
            self._sizes.clear()
        elif self._fine:
            self._rung = len(LADDER) - 1
            self._sizes.clear()
        self._due_at = now + (REST_S if size > SMALL or self._fine else GAP_S)

    def due_at(self) -> float | None:
        """When the next refining frame is due; None when the picture is as good as it gets."""
        return self._due_at if self._rung < len(LADDER) else None

    @property
    def crf(self) -> float:
        """Quality of the next refining frame."""
        return LADDER[min(self._rung, len(LADDER) - 1)]

    def refined(self, size: int, now: float) -> None:
        """A refining frame was made, of ``size`` bytes."""
        self._due_at = now + GAP_S
        self._sizes.append(size)
        if self._rung < len(LADDER) - 1 or self._nothing_gained():
            self._rung += 1
            self._sizes.clear()
        self._fine |= self._rung >= len(LADDER)

    def _nothing_gained(self) -> bool:
        last = self._sizes[-3:]
        levelled = len(last) == 3 and max(last) <= min(last) * LEVEL
        return last[-1] <= ENOUGH or levelled or len(self._sizes) >= MAX_REPEATS
