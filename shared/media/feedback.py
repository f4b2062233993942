"""What the receiving end notes about each packet, and the reports it makes of it. Pure: times are passed in."""

from typing import Final

from shared.media.packets import UNKNOWN, WRAP, Media, Repair, Report, Train, nearest, since_us

REPORT_S: Final = 0.05
"""From one report to the next, while packets come."""
SOON_S: Final = 0.02
"""A unit that has come whole is reported this soon after the last report."""
_TRAIN_GAP_US: Final = 40_000
_UNIT_GAP_US: Final = 2_000
_TRAIN_US: Final = 200_000
_ENOUGH_GAPS: Final = 3
_BASE_US: Final = 10_000_000


class _Least:
    """The least of the last ten to twenty seconds."""

    def __init__(self) -> None:
        self._old: int | None = None
        self._new: int | None = None
        self._since = 0

    def add(self, value: int, now_us: int) -> int:
        """Takes a value; how far it is above the least."""
        if self._new is None or now_us - self._since > _BASE_US:
            self._old, self._new, self._since = self._new, value, now_us
        self._new = min(self._new, value)
        return value - (self._new if self._old is None else min(self._old, self._new))


class _Numbers:
    """How many packets of one kind came, and how many should have."""

    def __init__(self) -> None:
        self.highest = 0
        self.received = 0

    def add(self, number: int) -> None:
        self.received += 1
        self.highest = max(self.highest, nearest(number, self.highest))


class Recorder:
    """Notes packets as they come; one at a time makes a report."""

    def __init__(self) -> None:
        self._media, self._repair = _Numbers(), _Numbers()
        self._bytes = 0
        self._base = _Least()
        self._origin: int | None = None
        self._queue_us = UNKNOWN
        self._unit_end = 0
        self._newest = (0, 0)
        self._train = _Rolling()

    def media(self, packet: Media, size: int, now_us: int) -> None:
        begins = packet.number == (self._unit_end + 1) % WRAP
        if packet.piece.last:
            self._unit_end = packet.number
        self._media.add(packet.number)
        waited = self._arrived(packet.sent_us, size, now_us, begins=begins)
        if begins:
            self._queue_us = min(self._queue_us, waited)

    def repair(self, packet: Repair, size: int, now_us: int) -> None:
        self._repair.add(packet.number)
        self._arrived(packet.sent_us, size, now_us, begins=False)

    def _arrived(self, sent_us: int, size: int, now_us: int, *, begins: bool) -> int:
        self._bytes += size
        self._newest = sent_us, now_us
        self._train.add(sent_us, size, now_us, begins=begins)
        under_way = since_us(now_us, sent_us)
        if self._origin is None:
            self._origin = under_way
        return self._base.add(since_us(under_way, self._origin), now_us)

    def report(self, now_us: int, highest: int) -> Report:
        """``highest``: the running MEDIA number up to which something came."""
        sent_us, came_us = self._newest
        queue_us, self._queue_us = self._queue_us, UNKNOWN
        return Report(
            highest=highest % WRAP,
            bytes_received=self._bytes,
            received=self._media.received + self._repair.received,
            expected=self._media.highest + self._repair.highest,
            queue_us=queue_us,
            echo_us=sent_us,
            held_us=now_us - came_us,
            train=self._train.take(),
        )


class _Rolling:
    """The train that passes now, and the largest one since it was last asked for.

    A narrow path draws a train out evenly; a busy machine makes one hole in it and takes what is behind it at once. So
    the widest gap is left out of a longer train, with the packet that ended it.
    """

    def __init__(self) -> None:
        self._first = self._last = (0, 0)
        self._size = self._gaps = 0
        self._widest = Train()
        self._running = False
        self._best = Train()

    def add(self, sent_us: int, size: int, now_us: int, *, begins: bool) -> None:
        gap = since_us(sent_us, self._last[0])
        long = since_us(sent_us, self._first[0]) > _TRAIN_US
        if not self._running or long or gap < 0 or gap > (_UNIT_GAP_US if begins else _TRAIN_GAP_US):
            self._first, self._running = (sent_us, now_us), True
            self._size = self._gaps = 0
            self._widest = Train()
        else:
            self._size += size
            self._gaps += 1
            step = Train(size, gap, now_us - self._last[1])
            self._widest = max(self._widest, step, key=lambda each: each.received_us)
        self._last = sent_us, now_us
        if self._size and self._size >= self._best.size:
            self._best = self._measured(sent_us, now_us)

    def _measured(self, sent_us: int, now_us: int) -> Train:
        sent, received = since_us(sent_us, self._first[0]), now_us - self._first[1]
        hole = self._widest if self._gaps >= _ENOUGH_GAPS else Train()
        return Train(self._size - hole.size, sent - hole.sent_us, received - hole.received_us)

    def take(self) -> Train:
        best, self._best = self._best, Train()
        return best
