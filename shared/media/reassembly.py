"""Packets to units: held, put in order, handed out the moment the last packet (the marker bit) is in.

Nothing is skipped while there is hope: a frame that is left out costs a key frame. Pure: times are passed in, in
seconds of any steady clock.
"""

from typing import Final

from shared.media.packets import FIRST, MAX_ASKED, WRAP, Piece, nearest

CAPACITY: Final = 2048
REORDER_S: Final = 0.003
"""How long a gap may be mere reordering before it is asked for; longer on a path that was seen to reorder."""
MAX_REORDER_S: Final = 0.04
RETRY_FLOOR_S: Final = 0.02
RETRY_RTT_FACTOR: Final = 1.25
RETRY_EXTRA_S: Final = 0.005
GIVE_UP_S: Final = 2.0
MAX_UNIT: Final = 16 * 1024 * 1024
"""Bytes of one unit; a longer one is dropped as lost."""

_REORDER_DECAY: Final = 0.999
"""What remains of a longer patience with each packet."""


class Missing:
    """One packet that has not come: when it was missed, and when it is to be asked for next."""

    __slots__ = ("ask_at", "since")

    def __init__(self, now: float, patience_s: float) -> None:
        self.since = now
        self.ask_at = now + patience_s


def retry_after(rtt_s: float) -> float:
    return max(RETRY_FLOOR_S, RETRY_RTT_FACTOR * rtt_s + RETRY_EXTRA_S)


class Reassembly:
    """Packets of one stream in, units out, in order. Holds at most ``CAPACITY`` packets."""

    def __init__(self, first: int = FIRST) -> None:
        self._pieces: dict[int, Piece] = {}
        self._unit: list[bytes] = []
        self._size = 0
        self._next = first
        self._highest = first - 1
        self.arrived = first - 1
        """The highest number that came, in whatever way, or was given up."""
        self._broken = False
        self._patience_s = REORDER_S
        self.missing: dict[int, Missing] = {}
        self.lost = 0
        """Packets given up for good."""

    def running(self, number: int) -> int:
        """The running number of a 16-bit one: the nearest to the highest seen."""
        return nearest(number, self._highest)

    def add(self, number: int, piece: Piece, now: float, *, original: bool = True) -> list[bytes]:
        """Takes a packet by its running number; the units that are complete now.

        ``original`` False: a copy, or rebuilt from parity; its time says nothing about the path's order.
        """
        if number < self._next or number in self._pieces:
            return []
        if number - self._next >= CAPACITY:
            self._restart(number)
        self._note_gap(number, now)
        self._highest = max(self._highest, number)
        late = self.missing.pop(number, None)
        self._learn(late, now, original=original)
        self._pieces[number] = piece
        self.arrived = max(self.arrived, number)
        return self._release()

    def sent_up_to(self, number: int, now: float) -> None:
        """The sender says that it has sent all packets up to this running number."""
        if self._highest < number < self._next + CAPACITY:
            self._note_gap(number + 1, now)

    def forget(self, number: int) -> list[bytes]:
        """The sender will send nothing up to this running number any more; the units that are complete now."""
        if not self._next <= number < self._next + CAPACITY:
            return []
        self.lost += sum(absent <= number for absent in self.missing)
        self.missing = {absent: gap for absent, gap in self.missing.items() if absent > number}
        self._pieces = {n: piece for n, piece in self._pieces.items() if n > number}
        self._drop_unit()
        self._next = number + 1
        self._highest = max(self._highest, number)
        self.arrived = max(self.arrived, number)
        return self._release()

    def due(self, now: float, rtt_s: float) -> list[int]:
        """The 16-bit numbers to ask for now, the oldest first, at most ``MAX_ASKED``."""
        numbers: list[int] = []
        for number in sorted(self.missing):
            gap = self.missing[number]
            if gap.ask_at <= now and len(numbers) < MAX_ASKED:
                gap.ask_at = now + retry_after(rtt_s)
                numbers.append(number % WRAP)
        return numbers

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

    def _learn(self, late: Missing | None, now: float, *, original: bool) -> None:
        self._patience_s = max(REORDER_S, self._patience_s * _REORDER_DECAY)
        if late is not None and original:
            self._patience_s = min(MAX_REORDER_S, max(self._patience_s, 1.25 * (now - late.since)))

    def _note_gap(self, number: int, now: float) -> None:
        """Everything between the highest number so far and this one is missed."""
        for absent in range(self._highest + 1, number):
            self.missing[absent] = Missing(now, self._patience_s)
        self._highest = max(self._highest, number - 1)

    def _release(self) -> list[bytes]:
        units: list[bytes] = []
        expected = self._next
        while (piece := self._pieces.pop(expected, None)) is not None:
            expected += 1
            self._unit.append(piece.data)
            self._size += len(piece.data)
            if self._size > MAX_UNIT:
                self._drop_unit()
            elif piece.last:
                units.append(b"".join(self._unit))
                self._begin_unit()
        self._next = expected
        return units

    def _begin_unit(self) -> None:
        self._unit = []
        self._size = 0

    def _drop_unit(self) -> None:
        self._begin_unit()
        self._broken = True

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
        self._drop_unit()
        self._next = expected
        self.arrived = max(self.arrived, number)

    def _restart(self, number: int) -> None:
        self.lost += len(self.missing)
        self.missing.clear()
        self._pieces.clear()
        self._drop_unit()
        self._next = number
        self._highest = number - 1
