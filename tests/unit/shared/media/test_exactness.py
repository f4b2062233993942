"""What is exact at the viewers, cell by cell."""

from shared.media.capture.source import Rect, whole
from shared.media.exactness import Exactness
from shared.media.grid import CELL


def test_a_small_change_in_a_coarse_picture_grows_to_its_cells() -> None:
    exactness = Exactness(3 * CELL + 10, 2 * CELL)
    letters = [Rect(5, 5, 8, 16), Rect(20, 5, 8, 16), Rect(3 * CELL + 1, CELL + 1, 8, 16)]
    assert exactness.widened(letters) == [Rect(0, 0, CELL, CELL), Rect(3 * CELL, CELL, 10, CELL)]


def test_in_an_exact_picture_it_stays_as_it_is() -> None:
    exactness = Exactness(3 * CELL, 2 * CELL)
    exactness.painted([whole(3 * CELL, 2 * CELL)])
    assert exactness.widened([Rect(5, 5, 8, 16)]) == [Rect(5, 5, 8, 16)]
