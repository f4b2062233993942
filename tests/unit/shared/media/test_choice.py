"""Video or tiles, and how hard to pack them."""

import pytest

from shared.media.choice import FILM_S, LARGE, LEAST_BYTES, SMALL, Choice, byte_limit, level
from shared.media.tiles import LEVEL, THIN_LEVEL


@pytest.mark.parametrize(
    ("target", "expected"), [(100_000, LEAST_BYTES), (300_000, 9_375), (1_900_000, 59_375), (20_000_000, 125_000)]
)
def test_tiles_on_a_thin_path_may_take_as_long_as_the_coarse_video_they_spare(target: int, expected: int) -> None:
    assert byte_limit(target) == expected


def test_on_a_thin_path_packing_tries_harder() -> None:
    assert level(300_000) == THIN_LEVEL
    assert level(5_000_000) == LEVEL


def test_what_was_too_heavy_is_video_for_a_while() -> None:
    choice = Choice()
    assert choice.tries_tiles(LARGE, 10.0)
    choice.too_heavy(10.0)
    assert not choice.tries_tiles(LARGE, 10.0)
    assert choice.tries_tiles(SMALL, 10.0)
    assert choice.tries_tiles(LARGE, 10.0 + FILM_S)
    assert not choice.tries_tiles(LARGE + 1, 99.0)
