"""Token buckets: so many a second, with room for a burst; and a bounded table of them."""

import secrets
from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

_SHARED: Final = 1024


@dataclass(frozen=True, slots=True)
class Limit:
    """So many a second in the long run, and so many at once."""

    rate: float
    burst: float


@dataclass(slots=True)
class Bucket:
    """Full at first. `now_s` is any clock that only goes forward."""

    rate: float
    burst: float
    level: float
    at_s: float

    def take(self, now_s: float, cost: float = 1) -> bool:
        """Takes `cost` out if it is there."""
        self.level = min(self.burst, self.level + (now_s - self.at_s) * self.rate)
        self.at_s = now_s
        if self.level < cost:
            return False
        self.level -= cost
        return True

    def wait_s(self, cost: float = 1) -> float:
        """How long after the last look until `cost` is there."""
        return max(0.0, (cost - self.level) / self.rate) if self.rate > 0 else 3600.0

    def is_full(self, now_s: float) -> bool:
        """Whether it says nothing that a new one would not."""
        return self.level + (now_s - self.at_s) * self.rate >= self.burst


class Buckets:
    """One bucket a key, at most `room` of them.

    A bucket that has filled up again makes room: it says nothing that a new one would not. One that has not is never
    given up, so nobody can have theirs forgotten by coming from many addresses. While there is no room, newcomers share
    a fixed number of buckets, spread by a secret: they wait for each other, and those already known notice nothing.
    """

    def __init__(self, limit: Limit, room: int = 20_000) -> None:
        self.limit = limit
        self._room = room
        self._own: OrderedDict[str, Bucket] = OrderedDict()
        self._shared: dict[int, Bucket] = {}
        self._spread = secrets.token_hex(8)

    def __len__(self) -> int:
        return len(self._own) + len(self._shared)

    def of(self, key: str, now_s: float) -> Bucket:
        """The bucket of a key."""
        bucket = self._own.get(key)
        if bucket is not None:
            self._own.move_to_end(key)
            return bucket
        self._make_room(now_s)
        if len(self._own) < self._room:
            self._own[key] = bucket = self._fresh(now_s)
            return bucket
        place = hash((self._spread, key)) % _SHARED
        return self._shared.setdefault(place, self._fresh(now_s))

    def wait_s(self, key: str, now_s: float) -> float:
        """Takes one out of the key's bucket; else how many seconds to wait."""
        bucket = self.of(key, now_s)
        return 0.0 if bucket.take(now_s) else max(bucket.wait_s(), 0.001)

    def _make_room(self, now_s: float) -> None:
        """Two go for each that comes, so that the table shrinks again after a flood."""
        for _ in range(2):
            if not self._own or not next(iter(self._own.values())).is_full(now_s):
                return
            self._own.popitem(last=False)

    def _fresh(self, now_s: float) -> Bucket:
        return Bucket(self.limit.rate, self.limit.burst, self.limit.burst, now_s)
