"""What of a picture is shared and what is covered: every pixel is one or the other; parts map like the whole."""

from hypothesis import given
from hypothesis import strategies as st

from shared.rules import coordinates as k
from shared.rules.sharing import bounding, gaps

areas = st.builds(k.Area, st.integers(-20, 40), st.integers(-20, 40), st.integers(1, 25), st.integers(1, 25))


@given(st.lists(areas, min_size=1, max_size=6))
def test_every_pixel_is_shared_or_in_exactly_one_gap(shared: list[k.Area]) -> None:
    bounds = bounding(shared)
    found = gaps(bounds, shared)
    for y in range(bounds.y, bounds.bottom):
        for x in range(bounds.x, bounds.right):
            covers = sum(gap.holds(x, y) for gap in found)
            assert covers == (0 if any(area.holds(x, y) for area in shared) else 1)


@given(st.integers(1, 300), st.integers(1, 300), st.integers(0, 99), st.integers(0, 99), st.data())
def test_a_part_shown_at_any_scale_from_its_own_size_up_is_exact(
    width: int, height: int, left: int, top: int, data: st.DataObject
) -> None:
    percent = data.draw(st.sampled_from((100, 125, 150, 200, 300)))
    part = k.Area(left, top, width, height)
    placement = k.scaled(7, -3, width, height, percent).of_part(part, (left + width + 50, top + height + 9))
    x, y = data.draw(st.integers(left, part.right - 1)), data.draw(st.integers(top, part.bottom - 1))
    shown = k.to_view(placement, x, y)
    assert k.to_picture(placement, shown.x, shown.y) == k.Point(x, y)
    assert placement.picture_size == (left + width + 50, top + height + 9)
