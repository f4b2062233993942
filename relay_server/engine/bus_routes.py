"""Which node wants what: what this node tells the others, and what it knows of them. No I/O; `now_s` is an argument.

A node of which we do not know for certain what it wants is sent everything: that costs a little and loses nothing.
"""

from array import array
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, Literal
from zlib import crc32

from relay_server.engine.bus_wire import Change, Wants

PEERS: Final = 64
"""Nodes known at most; others' words are passed over."""
QUIET_S: Final = 3.5
"""Silent for longer: not waited for, and sent everything."""
GONE_S: Final = 20.0
_WIDTH: Final = array("I").itemsize


def number_of(key: str) -> int:
    """A key as it travels. Two that meet cost a message too many, never one too few."""
    return crc32(key.encode())


def packed(numbers: Iterable[int]) -> bytes:
    """Numbers on the wire."""
    return array("I", numbers).tobytes()


def unpacked(data: bytes) -> "array[int]":
    """What `packed` made; a rest that is no number is left off."""
    numbers = array("I")
    numbers.frombytes(data[: len(data) - len(data) % _WIDTH])
    return numbers


class Wishes:
    """What the links of this node want, and what of it the others have not been told."""

    def __init__(self) -> None:
        self._counts: dict[int, int] = {}
        self._more: set[int] = set()
        self._less: set[int] = set()
        self.number = 0

    def want(self, key: str) -> bool:
        """Whether that is news."""
        number = number_of(key)
        self._counts[number] = self._counts.get(number, 0) + 1
        if self._counts[number] > 1:
            return False
        self._note(number, self._more, self._less)
        return True

    def unwant(self, key: str) -> bool:
        """Whether that is news."""
        number = number_of(key)
        left = self._counts.get(number, 0) - 1
        if left > 0:
            self._counts[number] = left
            return False
        if self._counts.pop(number, None) is None:
            return False
        self._note(number, self._less, self._more)
        return True

    def change(self) -> Change | None:
        """What is new since the last time; None when nothing is."""
        if not self._more and not self._less:
            return None
        self.number += 1
        change = Change(self.number, packed(self._more), packed(self._less))
        self._more.clear()
        self._less.clear()
        return change

    def whole(self, room_bytes: int) -> list[Wants]:
        """Everything as of the last `change`, in parts that fit."""
        numbers = [number for number in self._counts if number not in self._more]
        numbers += self._less
        size = max(1, room_bytes // _WIDTH)
        parts = [numbers[at : at + size] for at in range(0, len(numbers), size)] or [[]]
        return [Wants(self.number, at, len(parts), packed(part)) for at, part in enumerate(parts)]

    @staticmethod
    def _note(number: int, here: set[int], there: set[int]) -> None:
        if number in there:
            there.discard(number)
        else:
            here.add(number)


Heard = Literal["new", "lost", "again", "fine"]
"""What a number on a lane says: the first of a node, some are missing before it, it was there already, or nothing."""


@dataclass(slots=True)
class Peer:
    """Another node. `certain`: `wants` is what it wants at `number`."""

    heard_s: float
    certain: bool = False
    number: int = 0
    wants: set[int] = field(default_factory=set[int])
    noted: int = 0
    """The last word of ours about wishes that it knows."""
    on_lane: dict[bytes, int] = field(default_factory=dict[bytes, int])
    said_sent: int = 0
    """What it had sent to us when it last said so."""
    _gathered: set[int] = field(default_factory=set[int])
    _next_part: int = 0

    def hear(self, lane: bytes, number: int, now_s: float) -> Heard:
        """One datagram's number."""
        before = self.on_lane.get(lane)
        if before is not None and number <= before:
            return "again"
        self.heard_s = now_s
        self.on_lane[lane] = number
        if before is None:
            return "new"
        return "fine" if number == before + 1 else "lost"

    def take_change(self, change: Change) -> bool:
        """False when something before it is missing."""
        if not self.certain or change.number != self.number + 1:
            self.certain = False
            return False
        self.number = change.number
        self.wants.difference_update(unpacked(change.less))
        self.wants.update(unpacked(change.more))
        return True

    def take_whole(self, wants: Wants) -> bool:
        """Whether it is complete with this part."""
        if wants.part == 0:
            self._gathered, self._next_part = set(), 0
        if wants.part != self._next_part:
            return False
        self._next_part += 1
        self._gathered.update(unpacked(wants.keys))
        if self._next_part < wants.parts:
            return False
        self.wants, self._gathered = self._gathered, set()
        self.number, self.certain = wants.number, True
        return True


class Peers:
    """The other nodes."""

    def __init__(self) -> None:
        self._peers: dict[bytes, Peer] = {}

    def get(self, origin: bytes, now_s: float) -> Peer | None:
        """The node of that origin, made when it is new; None when there are too many."""
        found = self._peers.get(origin)
        if found is None and len(self._peers) < PEERS:
            found = self._peers[origin] = Peer(now_s)
        return found

    def concerned(self, keys: set[str] | None, now_s: float) -> list[bytes]:
        """Whom to send what concerns `keys` (None: all)."""
        if keys is None:
            return list(self._peers)
        numbers = {number_of(key) for key in keys}
        return [
            origin
            for origin, peer in self._peers.items()
            if not peer.certain or now_s - peer.heard_s > QUIET_S or not numbers.isdisjoint(peer.wants)
        ]

    def awaited(self, number: int, now_s: float) -> bool:
        """Whether a node that answers does not yet know what we want at `number`."""
        return any(peer.noted < number and now_s - peer.heard_s <= QUIET_S for peer in self._peers.values())

    def drop_gone(self, now_s: float) -> list[bytes]:
        """Forgets who has been silent for long; who they were."""
        gone = [origin for origin, peer in self._peers.items() if now_s - peer.heard_s > GONE_S]
        for origin in gone:
            del self._peers[origin]
        return gone

    def doubt_all(self) -> None:
        """Nothing known is certain any more: words may have been lost."""
        for peer in self._peers.values():
            peer.certain = False

    @property
    def certain(self) -> bool:
        """Whether there are any and each said what it wants."""
        return bool(self._peers) and all(peer.certain for peer in self._peers.values())

    def __len__(self) -> int:
        return len(self._peers)
