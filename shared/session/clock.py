"""The clock that grants end by."""

import sys
import time
from typing import Final

from shared.common.clock import now_ms

_KIND: Final = time.CLOCK_BOOTTIME if sys.platform == "linux" else time.CLOCK_MONOTONIC


class StrictClock:
    """Milliseconds since 1970 that setting the computer's clock back, or letting it sleep, cannot hold up."""

    def __init__(self) -> None:
        self._last_ms = now_ms()
        self._start_ms = self._last_ms - self._running_ms()

    def now_ms(self) -> int:
        """Whichever is latest: the clock on the wall, what has passed since the start, or what was said before (the
        other two round apart)."""
        self._last_ms = max(self._last_ms, now_ms(), self._start_ms + self._running_ms())
        return self._last_ms

    @staticmethod
    def _running_ms() -> int:
        return time.clock_gettime_ns(_KIND) // 1_000_000
