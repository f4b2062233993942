"""What the sharer knows of the path to one viewer of ours: what is under way, how far it is, and how much it bears.

Pure: times are passed in, in seconds of the loop's clock, or microseconds of ``stats.now_us`` where named so.
"""

from collections import deque
from typing import Final

from shared.media.packets import UNKNOWN, Report, nearest, since_us
from shared.media.rate import Estimate, Seen, gate_bytes, next_estimate

REMEMBERED: Final = 4096
OVERDUE_S: Final = 0.07
"""An answer this much later than the shortest round trip says that the path is slower than it was."""
BUSY_SHARE: Final = 0.5
_RTTS: Final = 200
_RTT_MEMORY: Final = 0.8
_MAX_RTT_S: Final = 10.0
_WRAP: Final = UNKNOWN + 1


class Path:
    """Counts what was sent, and learns from the viewer's reports. Numbers are running MEDIA numbers."""

    def __init__(self) -> None:
        self._estimate = Estimate()
        self._sent: dict[int, tuple[int, float]] = {}
        self._total = self._arrived = 0
        self._number = self._highest = 0
        self._last: Report | None = None
        self._last_at = 0.0
        self._sent_at_report = 0
        self._wire_bytes = 0
        self._rtts: deque[float] = deque(maxlen=_RTTS)
        self.rtt_s = 0.0
        self.is_busy = False

    @property
    def target_bps(self) -> int:
        return self._estimate.target_bps

    @property
    def is_measured(self) -> bool:
        """Whether the target is more than a guess."""
        return self._estimate.measured

    @property
    def loss(self) -> float:
        return self._estimate.loss

    @property
    def least_rtt_s(self) -> float:
        return min(self._rtts, default=0.0)

    @property
    def under_way(self) -> int:
        """Bytes of MEDIA packets of which nothing was heard."""
        return self._total - self._arrived

    @property
    def all_arrived(self) -> bool:
        return self._highest == self._number

    def sent(self, number: int, size: int, now: float) -> None:
        self._total += size
        self._wire_bytes += size
        self._number = number
        self._sent[number] = self._total, now
        self._sent.pop(number - REMEMBERED, None)

    def repaired(self, size: int) -> None:
        self._wire_bytes += size

    def is_open(self, now: float) -> bool:
        """Whether a frame may be made: little is under way, and the answers are not late."""
        if self.under_way >= gate_bytes(self.target_bps, self.least_rtt_s):
            return False
        oldest = self._sent.get(self._highest + 1)
        return oldest is None or not self._rtts or now - oldest[1] < self.least_rtt_s + OVERDUE_S

    def reported(self, report: Report, now: float, now_us: int) -> None:
        """Learns from a report; one that cannot be true, or came late, is left out."""
        highest = nearest(report.highest, self._highest)
        before, span = self._last, now - self._last_at
        if not self._highest <= highest <= self._number:
            return
        received = (report.bytes_received - before.bytes_received) % _WRAP if before else 0
        if before is not None and (report.received - before.received) % _WRAP > REMEMBERED:
            return
        self._note_rtt(since_us(now_us, report.echo_us) - report.held_us)
        self._highest = highest
        if highest in self._sent:
            self._arrived = self._sent[highest][0]
        sent, self._sent_at_report = self._wire_bytes - self._sent_at_report, self._wire_bytes
        self.is_busy = span > 0 and sent * 8 / span > BUSY_SHARE * self.target_bps
        self._last, self._last_at = report, now
        self._estimate = next_estimate(self._estimate, self._seen(report, before, received, span, now))

    def _seen(self, report: Report, before: Report | None, received: int, span: float, now: float) -> Seen:
        expected = (report.expected - (before.expected if before else 0)) % _WRAP
        came = (report.received - (before.received if before else 0)) % _WRAP
        return Seen(
            now=now,
            received_bps=received * 8 / span if span > 0 else 0.0,
            loss=max(0.0, 1 - came / expected) if 0 < expected < REMEMBERED else 0.0,
            packets=min(expected, REMEMBERED),
            queue_s=None if report.queue_us == UNKNOWN else report.queue_us / 1e6,
            rtt_s=self.rtt_s,
            train_bytes=report.train.size,
            train_sent_us=report.train.sent_us,
            train_received_us=report.train.received_us,
        )

    def _note_rtt(self, rtt_us: int) -> None:
        rtt_s = rtt_us / 1e6
        if 0 < rtt_s < _MAX_RTT_S:
            self._rtts.append(rtt_s)
            self.rtt_s = rtt_s if not self.rtt_s else self.rtt_s * _RTT_MEMORY + rtt_s * (1 - _RTT_MEMORY)
