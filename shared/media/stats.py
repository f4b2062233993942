"""Figures of a running screen, honest enough to show: p50 and p95 of each stage over the last seconds."""

import time
from collections import deque
from typing import Final

import msgspec

_KEPT: Final = 256
_CLOCK_SAMPLES: Final = 16


def now_us() -> int:
    """Microseconds of this machine's monotonic clock."""
    return time.monotonic_ns() // 1000


class Spread(msgspec.Struct, frozen=True):
    """p50 and p95 of the last values of a stage; ``count`` 0: none yet."""

    p50_ms: float = 0.0
    p95_ms: float = 0.0
    count: int = 0


class SharerFigures(msgspec.Struct, frozen=True, tag=True):
    """Of the last second, or so; spreads of the last 256 frames. ``encode`` is converting and encoding, or packing;
    ``send`` is from the grab until the last packet has left."""

    fps: float
    kbps: float
    target_kbps: float
    viewers: int
    grab: Spread
    convert: Spread
    encode: Spread
    send: Spread
    dropped: int
    key_frames: int


class ViewerFigures(msgspec.Struct, frozen=True, tag=True):
    """``capture_to_decoded`` spans both machines: from the sharer's grab to the picture being ready to paint.
    ``grab`` and ``make`` (to convert and encode, or pack) are what the sharer took, as it says itself; ``network`` is
    from there to the whole unit being here. ``ahead_us``: how far the sharer's clock is ahead; None: not known yet."""

    fps: float
    kbps: float
    rtt_ms: float
    capture_to_decoded: Spread
    decode: Spread
    convert: Spread
    lost: int
    nacks: int
    plis: int
    make: Spread = Spread()
    grab: Spread = Spread()
    network: Spread = Spread()
    ahead_us: int | None = None


class Series:
    """The last values of one stage, in microseconds."""

    def __init__(self) -> None:
        self._values: deque[int] = deque(maxlen=_KEPT)

    def add(self, value_us: int) -> None:
        self._values.append(value_us)

    def spread(self) -> Spread:
        if not self._values:
            return Spread()
        ordered = sorted(self._values)
        return Spread(_at(ordered, 0.50), _at(ordered, 0.95), len(ordered))


def _at(ordered: list[int], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] / 1000


class Counter:
    """A growing count, read as a rate a second since it was last read."""

    def __init__(self, now: float) -> None:
        self.total = 0
        self._read = 0
        self._at = now

    def add(self, amount: int = 1) -> None:
        self.total += amount

    def rate(self, now: float) -> float:
        """How many a second since the last call."""
        span, since = now - self._at, self.total - self._read
        self._at, self._read = now, self.total
        return since / span if span > 0 else 0.0


class ClockOffset:
    """How far the other end's clock is ahead, from pings: the one with the shortest round trip is the truest."""

    def __init__(self) -> None:
        self._samples: deque[tuple[int, int]] = deque(maxlen=_CLOCK_SAMPLES)

    def add(self, sent_us: int, there_us: int, received_us: int) -> None:
        """One answered ping: when it was sent and answered by our clock, and the other end's time in between."""
        if received_us >= sent_us:
            self._samples.append((received_us - sent_us, there_us - (sent_us + received_us) // 2))

    @property
    def rtt_us(self) -> int:
        """The shortest round trip of the last pings; 0 before the first."""
        return min(self._samples)[0] if self._samples else 0

    @property
    def ahead_us(self) -> int | None:
        """How far the other end's clock is ahead; None before the first answer."""
        return min(self._samples)[1] if self._samples else None

    def here(self, there_us: int) -> int | None:
        """A time of the other end's clock in ours; None before the first answer."""
        ahead = self.ahead_us
        return None if ahead is None else there_us - ahead
