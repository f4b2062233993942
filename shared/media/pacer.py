"""Spreads a large frame's packets over time: sent back to back they would overflow even a loopback socket's buffer."""

import asyncio
from typing import Final

BURST_BYTES: Final = 48_000
_MAX_SLEEP_S: Final = 0.05


class Pacer:
    """A bucket of bytes that fills at the pacing rate; most frames fit into it and go at once."""

    def __init__(self, rate_bps: int, now: float) -> None:
        self.rate_bps = rate_bps
        self._tokens = float(BURST_BYTES)
        self._at = now

    def take(self, size: int, now: float) -> float:
        """Takes ``size`` bytes; how many seconds to wait before sending them (0: at once)."""
        self._tokens = min(BURST_BYTES, self._tokens + (now - self._at) * self.rate_bps / 8)
        self._at = now
        self._tokens -= size
        return max(0.0, -self._tokens * 8 / self.rate_bps)

    async def admit(self, size: int) -> None:
        """Returns when ``size`` bytes may be sent."""
        loop = asyncio.get_running_loop()
        delay = self.take(size, loop.time())
        if delay > 0:
            await asyncio.sleep(min(delay, _MAX_SLEEP_S))
