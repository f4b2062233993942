import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.common.ids import ID_LENGTH, make_id, new_id

moments = st.integers(0, 2**48 - 1)
chances = st.integers(0, 2**80 - 1)


@given(moments, chances, moments, chances)
def test_ids_sort_by_time_then_chance(a: int, x: int, b: int, y: int) -> None:
    assert (make_id(a, x) < make_id(b, y)) == ((a, x) < (b, y))


def test_a_thousand_fresh_ids_differ() -> None:
    ids = {new_id() for _ in range(1000)}
    assert len(ids) == 1000
    assert {len(one) for one in ids} == {ID_LENGTH}


def test_out_of_range_is_a_bug() -> None:
    with pytest.raises(ValueError, match="48 bits"):
        make_id(-1, 0)
