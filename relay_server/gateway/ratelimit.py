"""Token buckets: so many a second, with room for a burst."""

from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

_ADDRESSES: Final = 20_000


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


class AddressBuckets:
    """One bucket an address; bounded, the one that was quiet longest makes room."""

    def __init__(self, rate: float, burst: float) -> None:
        self._rate = rate
        self._burst = burst
        self._buckets: OrderedDict[str, Bucket] = OrderedDict()

    def take(self, address: str, now_s: float) -> bool:
        """Takes one out of the address's bucket if it is there."""
        bucket = self._buckets.get(address)
        if bucket is None:
            bucket = self._buckets[address] = Bucket(self._rate, self._burst, self._burst, now_s)
            if len(self._buckets) > _ADDRESSES:
                self._buckets.popitem(last=False)
        self._buckets.move_to_end(address)
        return bucket.take(now_s)
