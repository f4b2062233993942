"""The rules of the bitrate, row by row."""

import pytest

from shared.media.rate import (
    CAP_BPS,
    FLOOR_BPS,
    GATE_BYTES,
    GROWTH,
    MAX_PACING_BPS,
    QUEUE_HIGH_S,
    TRAIN_SHARE,
    Estimate,
    ForeignReport,
    Seen,
    Verdict,
    copied_again_after,
    gate_bytes,
    is_hopeless,
    next_estimate,
    next_target,
    pacing_bps,
    verdict,
)

M = 1_000_000


@pytest.mark.parametrize(
    ("target", "report", "expected"),
    [
        (8 * M, ForeignReport(loss=0.0, sent_bps=1 * M), 8 * M),  # a quiet screen proves nothing
        (8 * M, ForeignReport(loss=0.0, sent_bps=7 * M), 10 * M),
        (8 * M, ForeignReport(loss=0.05, sent_bps=7 * M), 8 * M),
        (10 * M, ForeignReport(loss=0.12, sent_bps=7 * M), 7 * M),
        (10 * M, ForeignReport(loss=0.3, sent_bps=1 * M), 5 * M),
        (10 * M, ForeignReport(loss=0.0, sent_bps=9 * M, remb_bps=11 * M), 11 * M),
        (10 * M, ForeignReport(loss=0.0, sent_bps=9 * M, remb_bps=1 * M), 8.5 * M),
        (
            10 * M,
            ForeignReport(loss=0.0, sent_bps=1 * M, remb_bps=43_000),
            10 * M,
        ),  # a still screen's estimate is no cap
        (FLOOR_BPS, ForeignReport(loss=0.9, sent_bps=1), FLOOR_BPS),
        (CAP_BPS, ForeignReport(loss=0.0, sent_bps=CAP_BPS), CAP_BPS),
    ],
)
def test_the_next_target_of_a_foreign_viewer(target: int, report: ForeignReport, expected: float) -> None:
    assert next_target(target, report) == pytest.approx(expected, rel=1e-6)


def test_packets_follow_faster_than_the_target_but_not_without_limit() -> None:
    assert pacing_bps(2 * M) == 5 * M
    assert pacing_bps(CAP_BPS) == MAX_PACING_BPS


def train(bps: float, sent_bps: float, size: int = 12_000) -> dict[str, int]:
    return {
        "train_bytes": size,
        "train_sent_us": int(size * 8e6 / sent_bps),
        "train_received_us": int(size * 8e6 / bps),
    }


HELD = Estimate(4 * M, measured=True)


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        (Seen(1.0), "quiet"),
        (Seen(1.0, loss=1.0, packets=3), "quiet"),
        (Seen(1.0, loss=0.11, packets=300), "quiet"),
        (Seen(1.0, loss=0.12, packets=300), "lossy"),
        (Seen(1.0, queue_s=QUEUE_HIGH_S), "quiet"),
        (Seen(1.0, queue_s=QUEUE_HIGH_S + 0.001), "queued"),
        (Seen(1.0, **train(1 * M, 10 * M)), "limited"),
        (Seen(1.0, queue_s=0.2, **train(1 * M, 10 * M)), "limited"),
        (Seen(1.0, **train(9.9 * M, 10 * M)), "free"),
        (Seen(1.0, queue_s=0.2, **train(9.9 * M, 10 * M)), "queued"),
        (Seen(1.0, **train(40 * M, 80 * M)), "free"),  # two milliseconds more are a busy machine's
        (Seen(1.0, **train(1 * M, 10 * M, size=1000)), "quiet"),
    ],
)
def test_what_a_report_comes_to(seen: Seen, expected: Verdict) -> None:
    assert verdict(HELD, seen) == expected


@pytest.mark.parametrize(
    ("estimate", "seen", "expected"),
    [
        (
            Estimate(),
            Seen(1.0, **train(20 * M, 60 * M, 50_000)),
            20 * M * TRAIN_SHARE,
        ),  # the first measure counts whole
        (Estimate(), Seen(1.0, **train(0.3 * M, 20 * M)), 0.3 * M * TRAIN_SHARE),
        (HELD, Seen(1.0, **train(20 * M, 20 * M)), 4 * M * GROWTH),
        (HELD, Seen(1.0, **train(4 * M, 4 * M)), 4 * M),  # no more was tried
        (HELD, Seen(1.0, **train(0.5 * M, 10 * M)), 0.5 * M * TRAIN_SHARE),  # a long train is sure
        (HELD, Seen(1.0, queue_s=0.1, received_bps=3 * M), 2.4 * M),
        (HELD, Seen(1.0, queue_s=0.1, received_bps=50_000), 2 * M),  # a quiet screen's rate is no measure
        (HELD, Seen(1.0, queue_s=0.1, received_bps=9 * M), 4 * M),
        (HELD, Seen(1.0, loss=0.2, packets=100), 4 * M * 0.85),
    ],
)
def test_the_next_target(estimate: Estimate, seen: Seen, expected: float) -> None:
    assert next_estimate(estimate, seen).target_bps == pytest.approx(expected, rel=1e-3)


def test_one_train_that_met_a_busy_machine_changes_little() -> None:
    calm = next_estimate(HELD, Seen(1.0, **train(5 * M, 20 * M, 6000)))
    assert next_estimate(calm, Seen(1.05, **train(2 * M, 20 * M, 6000))).target_bps == calm.target_bps


def test_after_a_cut_there_is_a_pause() -> None:
    queued = Seen(1.0, queue_s=0.1, rtt_s=0.05, received_bps=3 * M)
    once = next_estimate(HELD, queued)
    assert next_estimate(once, Seen(1.1, queue_s=0.1, received_bps=1 * M)) == once
    assert next_estimate(once, Seen(1.2, queue_s=0.1, received_bps=1 * M)).target_bps < once.target_bps


def test_a_path_that_recovers_is_used_again_within_ten_reports() -> None:
    """From half a megabit to five: each frame's packets follow each other faster than the path was thought to be."""
    estimate = Estimate(425_000, measured=True)
    reports = 0
    while estimate.target_bps < 4 * M:
        estimate = next_estimate(estimate, Seen(1.0, **train(5 * M, pacing_bps(estimate.target_bps))))
        reports += 1
    assert reports <= 10


def test_losses_are_averaged_but_not_those_of_a_full_queue() -> None:
    lossy = next_estimate(HELD, Seen(1.0, loss=0.1, packets=100))
    assert lossy.loss == pytest.approx(0.05)
    assert next_estimate(HELD, Seen(1.0, loss=0.1, packets=100, queue_s=0.1)).loss == 0


def test_the_gate_lets_through_little_more_than_what_a_round_trip_carries() -> None:
    assert gate_bytes(8 * M, 0.0) == pytest.approx(40_000 + GATE_BYTES)
    assert gate_bytes(8 * M, 0.1) == pytest.approx(140_000 + GATE_BYTES)


@pytest.mark.parametrize(
    ("missing", "target", "expected"),
    [
        (14_000, 255_000, False),
        (16_000, 255_000, True),
        (200_000, 5 * M, False),
        (200_000, 300_000, True),
        (0, 1, False),
    ],
)
def test_what_takes_half_a_second_to_send_again_is_given_up(missing: int, target: int, expected: bool) -> None:
    assert is_hopeless(missing, target) is expected


def test_a_thin_path_is_filled_slowly_and_a_copy_given_its_time() -> None:
    assert pacing_bps(300_000) == 450_000
    assert pacing_bps(M) == 2.5 * M
    assert copied_again_after(0.2) > 0.2
