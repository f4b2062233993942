"""How many bits a second a viewer's path is given: latency first. Pure rules, as tables.

A receiver's estimate (REMB) is a cap only while the network is what limits sending: on a still screen it falls with
what is sent, whatever the path could carry.
"""

from typing import Final

import msgspec

FLOOR_BPS: Final = 300_000
START_BPS: Final = 8_000_000
START_NEAR_BPS: Final = 24_000_000
"""Where both ends are hosts of one private network."""
CAP_BPS: Final = 40_000_000

LOSS_FACTORS: Final[tuple[tuple[float, float], ...]] = ((0.20, 0.5), (0.10, 0.7), (0.02, 1.0), (0.0, 1.25))
"""(loss at least, factor): the first row that fits counts."""
USED_SHARE: Final = 0.6
"""From this share of the target on, sending is limited by the target, not by a quiet screen."""
REMB_STEP: Final = 0.85
"""How far one estimate may take the target down: a busy receiver looks to its estimator like a slow network."""
PACING_FACTOR: Final = 2.5
MAX_PACING_BPS: Final = 60_000_000


class Report(msgspec.Struct, frozen=True):
    """What is known about a path since the last report. ``loss`` 0 to 1; ``remb_bps`` 0 when none came."""

    loss: float
    sent_bps: float
    remb_bps: int = 0


def next_target(target_bps: int, report: Report) -> int:
    """The target after this report, between floor and cap."""
    limited = report.sent_bps >= target_bps * USED_SHARE
    factor = next(factor for least, factor in LOSS_FACTORS if report.loss >= least)
    if factor > 1 and not limited:
        factor = 1.0
    wanted = target_bps * factor
    if report.remb_bps and limited:
        wanted = min(wanted, max(report.remb_bps, target_bps * REMB_STEP))
    return int(min(max(wanted, FLOOR_BPS), CAP_BPS))


def pacing_bps(target_bps: int) -> int:
    """How fast packets of one frame may follow each other."""
    return min(int(target_bps * PACING_FACTOR), MAX_PACING_BPS)
