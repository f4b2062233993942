"""How many bits a second a viewer's path is given, and when the next frame may be made: latency first. Pure, as tables.

What our own viewer reports is judged as a whole (``VERDICTS``, the first that fits), and each verdict has its answer
(``ANSWERS``). A foreign viewer tells less: losses, and an estimate (REMB) that is a cap only while the network is what
limits sending; on a still screen it falls with what is sent, whatever the path could carry.
"""

from collections.abc import Callable
from typing import Final, Literal

import msgspec

FLOOR_BPS: Final = 100_000
START_BPS: Final = 1_000_000
CAP_BPS: Final = 40_000_000

PACING_FACTOR: Final = 2.5
THIN_PACING_FACTOR: Final = 1.5
"""Below ``THIN_BPS``: a frame comes no sooner for being sent faster than the path drains, but overflows its queue."""
THIN_BPS: Final = 1_000_000
MAX_PACING_BPS: Final = 100_000_000

TRAIN_SHARE: Final = 0.85
"""Of the rate at which a train of packets came out of the narrowest part of the path."""
QUEUE_HIGH_S: Final = 0.06
QUEUE_LOW_S: Final = 0.025
QUEUE_FACTOR: Final = 0.8
DEEPEST_CUT: Final = 0.5
GROWTH: Final = 1.5
"""How much one report may raise the target."""
HEAVY_LOSS: Final = 0.12
"""Less is the path's nature, and parity's business."""
HEAVY_LOSS_FACTOR: Final = 0.85
LOSS_PACKETS: Final = 20
"""So many packets make a loss that is worth a thought."""
LOSS_MEMORY: Final = 200
"""Packets over which losses are averaged."""
HOLD_S: Final = 0.1
"""After a cut, and a round trip more, the next one."""
SAMPLES: Final = 3
MIN_TRAIN: Final = 1400
"""Bytes after the first packet: a shorter train tells little."""
SPREAD_NOISE_US: Final = 3000
"""So much may a train be drawn out by a busy machine."""
SPREAD_FACTOR: Final = 1.2
LONG_TRAIN_US: Final = 50_000

GATE_S: Final = 0.04
"""Time of the path, beyond the shortest round trip, that may be under way when the next frame is made."""
GATE_BYTES: Final = 1500

WAITING_S: Final = 0.4
MIN_WAITING: Final = 8000

HOPELESS_S: Final = 0.5
COPY_PATIENCE: Final = 1.1

Verdict = Literal["queued", "limited", "lossy", "free", "quiet"]


class Seen(msgspec.Struct, frozen=True):
    """What a report says of the time since the one before it.

    ``loss`` 0 to 1, of ``packets``. ``queue_s``: waiting met by new frames; None when none began. A train of
    ``train_bytes`` took ``train_sent_us`` to be sent and ``train_received_us`` to come; 0 bytes: none passed.
    """

    now: float
    received_bps: float = 0.0
    loss: float = 0.0
    packets: int = 0
    queue_s: float | None = None
    rtt_s: float = 0.0
    train_bytes: int = 0
    train_sent_us: int = 0
    train_received_us: int = 0

    @property
    def train_bps(self) -> float:
        """The rate at which the train came, or was sent if that was slower (a late reader hurries afterwards)."""
        return self.train_bytes * 8e6 / max(self.train_received_us, self.train_sent_us, 1)


class Estimate(msgspec.Struct, frozen=True):
    """What is held of a path. ``samples``: rates of the last trains that the path drew out, newest last.

    ``loss``: averaged, congestion left out. No cut before ``held_until``. ``measured``: the target is no mere guess.
    """

    target_bps: int = START_BPS
    samples: tuple[float, ...] = ()
    loss: float = 0.0
    held_until: float = 0.0
    measured: bool = False


def drawn_out(seen: Seen) -> bool:
    spread = seen.train_received_us - seen.train_sent_us
    return seen.train_bytes >= MIN_TRAIN and spread > max(SPREAD_NOISE_US, (SPREAD_FACTOR - 1) * seen.train_sent_us)


def congested(seen: Seen) -> bool:
    return seen.queue_s is not None and seen.queue_s > QUEUE_HIGH_S


VERDICTS: Final[tuple[tuple[Verdict, Callable[[Estimate, Seen], bool]], ...]] = (
    ("limited", lambda _, seen: drawn_out(seen)),
    ("queued", lambda estimate, seen: congested(seen) and seen.now >= estimate.held_until),
    (
        "lossy",
        lambda estimate, seen: (
            seen.packets >= LOSS_PACKETS and seen.loss >= HEAVY_LOSS and seen.now >= estimate.held_until
        ),
    ),
    ("free", lambda _, seen: seen.train_bytes >= MIN_TRAIN and not congested(seen)),
)


def verdict(estimate: Estimate, seen: Seen) -> Verdict:
    """What this report comes to."""
    for name, fits in VERDICTS:
        if fits(estimate, seen):
            return name
    return "quiet"


def _queued(estimate: Estimate, seen: Seen) -> Estimate:
    known = max(estimate.samples, default=0.0) * TRAIN_SHARE
    wanted = max(seen.received_bps * QUEUE_FACTOR, known * QUEUE_FACTOR, estimate.target_bps * DEEPEST_CUT)
    return _cut(estimate, seen, min(wanted, estimate.target_bps))


def _lossy(estimate: Estimate, seen: Seen) -> Estimate:
    return _cut(estimate, seen, estimate.target_bps * HEAVY_LOSS_FACTOR)


def _limited(estimate: Estimate, seen: Seen) -> Estimate:
    """The path's own rate, seen. One train may have met a busy machine: the best of three counts, unless it was long
    or frames wait already."""
    newest = seen.train_bps
    sure = seen.train_received_us >= LONG_TRAIN_US or congested(seen)
    samples = (newest,) if sure else (*estimate.samples, newest)[-SAMPLES:]
    wanted = max(samples) * TRAIN_SHARE
    limit = wanted if not estimate.measured else estimate.target_bps * GROWTH
    return _towards(estimate, min(wanted, limit), samples)


def _free(estimate: Estimate, seen: Seen) -> Estimate:
    """The train came as it was sent: the path carries at least that much."""
    wanted = seen.train_bps * TRAIN_SHARE
    if wanted <= estimate.target_bps:
        return msgspec.structs.replace(estimate, measured=True)
    limit = wanted if not estimate.measured else estimate.target_bps * GROWTH
    return _towards(estimate, min(wanted, limit), ())


def _quiet(estimate: Estimate, seen: Seen) -> Estimate:
    del seen
    return estimate


ANSWERS: Final[dict[Verdict, Callable[[Estimate, Seen], Estimate]]] = {
    "queued": _queued,
    "lossy": _lossy,
    "limited": _limited,
    "free": _free,
    "quiet": _quiet,
}


def next_estimate(estimate: Estimate, seen: Seen) -> Estimate:
    """What is held of the path after this report."""
    after = ANSWERS[verdict(estimate, seen)](estimate, seen)
    if congested(seen):
        return after
    weight = min(1.0, seen.packets / LOSS_MEMORY)
    return msgspec.structs.replace(after, loss=estimate.loss + (seen.loss - estimate.loss) * weight)


def _cut(estimate: Estimate, seen: Seen, target_bps: float) -> Estimate:
    after = _towards(estimate, target_bps, estimate.samples)
    return msgspec.structs.replace(after, held_until=seen.now + seen.rtt_s + HOLD_S)


def _towards(estimate: Estimate, target_bps: float, samples: tuple[float, ...]) -> Estimate:
    bounded = int(min(max(target_bps, FLOOR_BPS), CAP_BPS))
    return msgspec.structs.replace(estimate, target_bps=bounded, samples=samples, measured=True)


def gate_bytes(target_bps: int, least_rtt_s: float) -> float:
    """So many bytes may be under way when the next frame is made."""
    return target_bps / 8 * (least_rtt_s + GATE_S) + GATE_BYTES


def is_hopeless(missing_bytes: int, target_bps: int) -> bool:
    """Whether what a viewer lacks is better given up for a new picture, made for the path as it is now."""
    return missing_bytes * 8 > target_bps * HOPELESS_S


def copied_again_after(rtt_s: float) -> float:
    """A copy may still be under way for so long: another one would only take the path from what is missing too."""
    return rtt_s * COPY_PATIENCE


def waiting_bytes(target_bps: int) -> int:
    """So much may wait for one viewer while another one sets the pace; then it goes on with its next key frame."""
    return max(int(target_bps / 8 * WAITING_S), MIN_WAITING)


def pacing_bps(target_bps: int) -> int:
    """How fast packets of one frame may follow each other."""
    factor = PACING_FACTOR if target_bps >= THIN_BPS else THIN_PACING_FACTOR
    return min(int(target_bps * factor), MAX_PACING_BPS)


# ---- a viewer that is none of ours

FOREIGN_START_BPS: Final = 4_000_000
LOSS_FACTORS: Final[tuple[tuple[float, float], ...]] = ((0.20, 0.5), (0.10, 0.7), (0.02, 1.0), (0.0, 1.25))
"""(loss at least, factor): the first row that fits counts."""
USED_SHARE: Final = 0.6
"""From this share of the target on, sending is limited by the target, not by a quiet screen."""
REMB_STEP: Final = 0.85
"""How far one estimate may take the target down: a busy receiver looks to its estimator like a slow network."""


class ForeignReport(msgspec.Struct, frozen=True):
    """What is known about a path since the last report. ``loss`` 0 to 1; ``remb_bps`` 0 when none came."""

    loss: float
    sent_bps: float
    remb_bps: int = 0


def next_target(target_bps: int, report: ForeignReport) -> int:
    """The target after this report, between floor and cap."""
    limited = report.sent_bps >= target_bps * USED_SHARE
    factor = next(factor for least, factor in LOSS_FACTORS if report.loss >= least)
    if factor > 1 and not limited:
        factor = 1.0
    wanted = target_bps * factor
    if report.remb_bps and limited:
        wanted = min(wanted, max(report.remb_bps, target_bps * REMB_STEP))
    return int(min(max(wanted, FLOOR_BPS), CAP_BPS))
