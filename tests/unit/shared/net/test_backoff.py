import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.net.backoff import FIRST_S, LONGEST_S, delay_s


@given(st.integers(1, 10**6), st.floats(0, 1, exclude_max=True))
def test_every_wait_is_bounded_and_never_zero(attempt: int, chance: float) -> None:
    assert FIRST_S / 2 <= delay_s(attempt, chance) <= LONGEST_S


def test_a_crowd_spreads_wider_with_each_try() -> None:
    assert delay_s(1, 0.999) < delay_s(3, 0.999) < delay_s(6, 0.999)


@pytest.mark.parametrize(("attempt", "chance"), [(0, 0.5), (1, 1.0), (1, -0.1)])
def test_nonsense_is_a_bug_of_the_caller(attempt: int, chance: float) -> None:
    with pytest.raises(ValueError, match="attempts count from 1"):
        delay_s(attempt, chance)
