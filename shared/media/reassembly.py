"""RTP packets to access units: held, put in order, handed out the moment the last packet (the marker bit) is in.

aiortc's own buffer hands a frame out only when the next one starts, and a screen that stands still has no next frame.
Pure: times are passed in, in seconds of any steady clock.
"""

from typing import Final, NamedTuple

CAPACITY: Final = 2048
REORDER_S: Final = 0.003
"""How long a gap may be mere reordering before it is asked for."""
RETRY_FLOOR_S: Final = 0.02
RETRY_RTT_FACTOR: Final = 1.25
RETRY_EXTRA_S: Final = 0.005
GIVE_UP_S: Final = 2.0
MAX_ASKED: Final = 64
"""Sequence numbers in one request."""

_HALF: Final = 1 << 15
_WRAP: Final = 1 << 16


class Piece(NamedTuple):
    """One packet's share of an access unit."""

    data: bytes
    last: bool


class Missing:
    """One packet that has not come: when it was missed, and when it is to be asked for next."""

    __slots__ = ("ask_at", "since")

    def __init__(self, now: float) -> None:
        self.since = now
        self.ask_at = now + REORDER_S


def retry_after(rtt_s: float) -> float:
    return max(RETRY_FLOOR_S, RETRY_RTT_FACTOR * rtt_s + RETRY_EXTRA_S)


class Reassembly:
    """Packets of one stream in, access units out, in order. Holds at most ``CAPACITY`` packets."""

    def __init__(self) -> None:
        self._pieces: dict[int, Piece] = {}
        self._unit: list[bytes] = []
        self._next: int | None = None
        self._highest = 0
        self._broken = False
        self.missing: dict[int, Missing] = {}
        self.lost = 0
        """Packets given up for good."""

    def add(self, sequence: int, piece: Piece, now: float) -> list[bytes]:
        """Takes a packet (its 16-bit number and its share); the access units that are complete now."""
        if self._next is None:
            self._next = self._highest = sequence
        number = self._unwrapped(sequence)
        if number < self._next or number in self._pieces:
            return []
        if number - self._next >= CAPACITY:
            self._restart(number)
        self._note_gap(number, now)
        self.missing.pop(number, None)
        self._pieces[number] = piece
        return self._release()

    def due(self, now: float, rtt_s: float) -> list[int]:
        """The 16-bit numbers to ask for now, ascending, so that no request spans the wrap."""
        numbers: list[int] = []
        for number, gap in self.missing.items():
            if gap.ask_at <= now and len(numbers) < MAX_ASKED:
                gap.ask_at = now + retry_after(rtt_s)
                numbers.append(number % _WRAP)
        return sorted(numbers)

    def next_due(self) -> float | None:
        """When ``due`` or ``give_up`` has something to do next; None when nothing is missing."""
        return min((gap.ask_at for gap in self.missing.values()), default=None)

    def give_up(self, now: float) -> bool:
        """True when a packet has been missing for too long: what it belongs to is dropped, a key frame is needed."""
        if not any(now - gap.since >= GIVE_UP_S for gap in self.missing.values()):
            return False
        self._skip_past(max(self.missing))
        return True

    def take_broken(self) -> bool:
        """True once after units were dropped: the next unit does not follow from the last one."""
        broken, self._broken = self._broken, False
        return broken

    def _unwrapped(self, sequence: int) -> int:
        """The running number of a 16-bit one: the nearest to the highest seen."""
        distance = (sequence - self._highest + _HALF) % _WRAP - _HALF
        return self._highest + distance

    def _note_gap(self, number: int, now: float) -> None:
        for absent in range(self._highest + 1, number):
            self.missing[absent] = Missing(now)
        self._highest = max(self._highest, number)

    def _release(self) -> list[bytes]:
        units: list[bytes] = []
        expected = self._next or 0
        while (piece := self._pieces.pop(expected, None)) is not None:
            expected += 1
            self._unit.append(piece.data)
            if piece.last:
                units.append(b"".join(self._unit))
                self._unit = []
        self._next = expected
        return units

    def _skip_past(self, number: int) -> None:
        """Goes on after ``number`` and the rest of the unit that it belongs to."""
        self.lost += len(self.missing)
        self.missing.clear()
        expected = number + 1
        while (piece := self._pieces.get(expected)) is not None:
            expected += 1
            if piece.last:
                break
        self._pieces = {n: piece for n, piece in self._pieces.items() if n >= expected}
        self._unit = []
        self._next = expected
        self._broken = True

    def _restart(self, number: int) -> None:
        self.lost += len(self.missing)
        self.missing.clear()
        self._pieces.clear()
        self._unit = []
        self._next = number
        self._highest = number - 1
        self._broken = True
