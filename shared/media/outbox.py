"""The frames on their way to one viewer: bounded, the newest wins, and nobody else waits for a slow one."""

from collections import deque
from typing import Final

from shared.media.encoder import AccessUnit

MAX_UNITS: Final = 8
MAX_BYTES: Final = 4 * 1024 * 1024


class Outbox:
    """Holds access units that follow from one another, or waits for the next key frame. One thread."""

    def __init__(self) -> None:
        self._units: deque[AccessUnit] = deque()
        self._bytes = 0
        self.limit_bytes = MAX_BYTES
        """So much may wait, at most ``MAX_BYTES``; a single unit may be longer than this."""
        self.needs_key = True
        self.dropped = 0

    def __len__(self) -> int:
        return len(self._units)

    def put(self, unit: AccessUnit) -> None:
        """Adds a unit. A key frame replaces all that waits; too much waiting is dropped up to the next key frame."""
        if unit.key:
            self.clear()
            self.needs_key = False
        elif self.needs_key:
            self.dropped += 1
            return
        elif self._is_full(len(unit.data)):
            self.clear()
            self.needs_key = True
            self.dropped += 1
            return
        self._units.append(unit)
        self._bytes += len(unit.data)

    def _is_full(self, more: int) -> bool:
        limit = min(self.limit_bytes, MAX_BYTES) if self._units else MAX_BYTES
        return len(self._units) >= MAX_UNITS or self._bytes + more > limit

    def pop(self) -> AccessUnit | None:
        if not self._units:
            return None
        unit = self._units.popleft()
        self._bytes -= len(unit.data)
        return unit

    def clear(self) -> None:
        """Drops what waits; whatever comes next must be a key frame."""
        self.dropped += len(self._units)
        self._units.clear()
        self._bytes = 0
        self.needs_key = True
