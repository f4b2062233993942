"""How much of a file may be on its way: as much as the path carries without making anything else wait.

Everything of a connection's data channels goes through one queue, so what waits there in front of a click is felt. The
window follows the delay between sending a piece and hearing that it is on the other disk: it grows while that is near
the least seen, and shrinks once it is `TARGET_MS` more (after LEDBAT, RFC 6817, in steps as large as what was carried).
"""

from collections import deque
from typing import Final

from shared.control.files.wire import MAX_PIECE

TARGET_MS: Final = 20.0
MIN_WINDOW: Final = 2 * 1024
MAX_WINDOW: Final = 2 * 1024 * 1024
MIN_PIECE: Final = 1024
_FIRST_WINDOW: Final = 32 * 1024
_GAIN: Final = 0.5
_BASE_MS: Final = 30_000
_PIECES: Final = 6


class Flow:
    """One file's. Times are milliseconds of one clock, offsets bytes of the file."""

    def __init__(self, start: int) -> None:
        self.sent = start
        self.written = start
        self._window = float(_FIRST_WINDOW)
        self._rising = True
        self._under_way: deque[tuple[int, float]] = deque()
        self._base = _Least()

    @property
    def piece(self) -> int:
        """How large the next piece should be: several fill the window, so that it is refilled in time."""
        return max(MIN_PIECE, min(MAX_PIECE, int(self._window / _PIECES)))

    @property
    def room(self) -> bool:
        """Whether a piece may go now. One is always allowed to be under way."""
        return self.sent == self.written or self.sent - self.written + self.piece <= self._window

    def note_sent(self, count: int, now_ms: float) -> None:
        """So many more bytes have been handed over."""
        self.sent += count
        self._under_way.append((self.sent, now_ms))

    def note_written(self, offset: int, now_ms: float) -> None:
        """Everything before `offset` has arrived; one that was never sent, or is old, changes nothing."""
        if not self.written < offset <= self.sent:
            return
        carried, self.written = offset - self.written, offset
        delay_ms: float | None = None
        while self._under_way and self._under_way[0][0] <= offset:
            delay_ms = now_ms - self._under_way.popleft()[1]
        if delay_ms is not None:
            self._adapt(delay_ms - self._base.least(delay_ms, now_ms), carried)

    def _adapt(self, queued_ms: float, carried: int) -> None:
        off = max(-1.0, (TARGET_MS - queued_ms) / TARGET_MS)
        self._rising = self._rising and off > 0.5
        step = carried if self._rising else _GAIN * off * carried
        self._window = min(MAX_WINDOW, max(MIN_WINDOW, self._window + step))


class _Least:
    """The least of the last half minute or so."""

    def __init__(self) -> None:
        self._then: float | None = None
        self._now: float | None = None
        self._since_ms: float | None = None

    def least(self, value: float, now_ms: float) -> float:
        if self._since_ms is None or now_ms - self._since_ms > _BASE_MS:
            self._then, self._now, self._since_ms = self._now, None, now_ms
        self._now = value if self._now is None else min(self._now, value)
        return self._now if self._then is None else min(self._now, self._then)
