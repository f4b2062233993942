"""Spreads a large frame's packets over time: sent back to back they would overflow even a loopback socket's buffer."""

from typing import Final

BURST_S: Final = 0.005
"""So much time's worth of packets goes at once: sleeping is no more exact than this."""
MIN_BURST: Final = 4 * 1300
"""A small frame always goes at once."""


class Pacer:
    """A bucket of bytes that fills at the pacing rate. Pure: times are passed in, in seconds."""

    def __init__(self, rate_bps: int, now: float) -> None:
        self.rate_bps = rate_bps
        self._tokens = float(MIN_BURST)
        self._at = now

    @property
    def _burst(self) -> float:
        return max(MIN_BURST, self.rate_bps / 8 * BURST_S)

    def wait(self, now: float) -> float:
        """How many seconds until the next packet may be sent (0: at once)."""
        self._tokens = min(self._burst, self._tokens + (now - self._at) * self.rate_bps / 8)
        self._at = now
        return max(0.0, -self._tokens * 8 / self.rate_bps)

    def take(self, size: int) -> None:
        """A packet of ``size`` bytes is sent."""
        self._tokens -= size
