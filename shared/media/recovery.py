"""The receiving end of parity: remembers what came, and gives back what did not, as soon as there is enough. Pure.

The sender is not believed: groups, shards and numbers are bounded, and nonsense is forgotten.
"""

from typing import Final

from shared.media import parity
from shared.media.packets import PAYLOAD, Piece, from_shard, to_shard

KEPT: Final = 512
"""Packets that are remembered."""
MAX_GROUPS: Final = 32
"""Groups that wait for more."""
MAX_SHARD: Final = PAYLOAD + 64

Group = tuple[int, int]
"""The first number, and how many."""


class Recovery:
    """Numbers are running ones (not wrapped)."""

    def __init__(self) -> None:
        self._shards: dict[int, bytes] = {}
        self._groups: dict[Group, dict[int, bytes]] = {}
        self.recovered = 0

    def add_piece(self, number: int, piece: Piece) -> list[tuple[int, Piece]]:
        """A packet came; the ones that can be had now although they did not come."""
        if number in self._shards or len(piece.data) + 2 > MAX_SHARD:
            return []
        self._shards[number] = to_shard(piece)
        if len(self._shards) > KEPT:
            del self._shards[next(iter(self._shards))]
        waiting = [group for group in self._groups if group[0] <= number < group[0] + group[1]]
        return [found for group in waiting for found in self._solve(group)]

    def add_parity(self, first: int, size: int, index: int, shard: bytes) -> list[tuple[int, Piece]]:
        """A parity packet came; the packets that can be had now."""
        if not 1 <= size <= parity.MAX_GROUP or index >= parity.MAX_PARITY or not 2 <= len(shard) <= MAX_SHARD:
            return []
        group = first, size
        if all(number in self._shards for number in range(first, first + size)):
            return []
        self._groups.setdefault(group, {})[index] = shard
        if len(self._groups) > MAX_GROUPS:
            del self._groups[next(iter(self._groups))]
        return self._solve(group)

    def _solve(self, group: Group) -> list[tuple[int, Piece]]:
        first, size = group
        shards = self._groups[group]
        known = {index: self._shards[first + index] for index in range(size) if first + index in self._shards}
        if size - len(known) > len(shards):
            return []
        del self._groups[group]
        found: list[tuple[int, Piece]] = []
        for index, shard in parity.recover(size, known, shards).items():
            piece = from_shard(shard)
            if piece is not None:
                self.recovered += 1
                self._shards[first + index] = to_shard(piece)
                found.append((first + index, piece))
        return found
