"""Waits are a range or nothing."""

from hypothesis import given
from hypothesis import strategies as st

from relay_server.routing.estimate import FEWEST, FRESH_MS, Moved, Range, estimate

NOW = 100_000_000


def test_too_little_seen_is_no_estimate() -> None:
    moved = [Moved(NOW, 60_000)] * (FEWEST - 1)
    assert estimate(1, moved, NOW) is None
    assert estimate(1, [*moved, Moved(NOW - FRESH_MS - 1, 60_000)], NOW) is None


def test_a_steady_line_gives_a_narrow_range_that_grows_with_the_place() -> None:
    moved = [Moved(NOW, 60_000)] * 8
    assert estimate(1, moved, NOW) == Range(60, 90)
    assert estimate(4, moved, NOW) == Range(240, 300)


def test_a_wait_of_many_hours_is_not_said() -> None:
    assert estimate(100, [Moved(NOW, 3_600_000)] * 8, NOW) is None


@given(st.integers(1, 50), st.lists(st.integers(0, 600_000), min_size=FEWEST, max_size=30))
def test_the_range_is_never_upside_down_and_never_exact(place: int, gaps: list[int]) -> None:
    found = estimate(place, [Moved(NOW, gap) for gap in gaps], NOW)
    assert found is None or (0 <= found.low_s < found.high_s and found.low_s % 30 == 0)
