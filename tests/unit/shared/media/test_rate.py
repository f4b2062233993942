"""The rules of the bitrate, row by row."""

import pytest

from shared.media.rate import (
    CAP_BPS,
    FLOOR_BPS,
    MAX_PACING_BPS,
    Report,
    next_target,
    pacing_bps,
)

M = 1_000_000


@pytest.mark.parametrize(
    ("target", "report", "expected"),
    [
        (8 * M, Report(loss=0.0, sent_bps=1 * M), 8 * M),  # a quiet screen proves nothing
        (8 * M, Report(loss=0.0, sent_bps=7 * M), 10 * M),
        (8 * M, Report(loss=0.05, sent_bps=7 * M), 8 * M),
        (10 * M, Report(loss=0.12, sent_bps=7 * M), 7 * M),
        (10 * M, Report(loss=0.3, sent_bps=1 * M), 5 * M),
        (10 * M, Report(loss=0.0, sent_bps=9 * M, remb_bps=11 * M), 11 * M),
        (10 * M, Report(loss=0.0, sent_bps=9 * M, remb_bps=1 * M), 8.5 * M),
        (10 * M, Report(loss=0.0, sent_bps=1 * M, remb_bps=43_000), 10 * M),  # a still screen's estimate is no cap
        (FLOOR_BPS, Report(loss=0.9, sent_bps=1), FLOOR_BPS),
        (CAP_BPS, Report(loss=0.0, sent_bps=CAP_BPS), CAP_BPS),
    ],
)
def test_the_next_target(target: int, report: Report, expected: float) -> None:
    assert next_target(target, report) == pytest.approx(expected, rel=1e-6)


def test_packets_follow_faster_than_the_target_but_not_without_limit() -> None:
    assert pacing_bps(2 * M) == 5 * M
    assert pacing_bps(CAP_BPS) == MAX_PACING_BPS
