"""A click lands on the very pixel that was clicked, at any scale, letterbox and monitor."""

from hypothesis import given
from hypothesis import strategies as st

from shared.rules import coordinates as k

sizes = st.integers(1, 4000)
small = st.integers(1, 300)


@given(sizes, sizes, sizes, sizes, st.data())
def test_enlarged_pictures_come_back_exact(
    width: int, height: int, more: int, taller: int, data: st.DataObject
) -> None:
    placement = k.Placement(7, -11, width + more, height + taller, width, height)
    x, y = data.draw(st.integers(0, width - 1)), data.draw(st.integers(0, height - 1))
    shown = k.to_view(placement, x, y)
    assert k.to_picture(placement, shown.x, shown.y) == k.Point(x, y)


@given(small, small, small, small, st.data())
def test_reduced_pictures_come_back_to_the_same_pixel_of_the_view(
    width: int, height: int, more: int, taller: int, data: st.DataObject
) -> None:
    placement = k.Placement(-3, 5, width, height, width + more, height + taller)
    x, y = data.draw(st.integers(0, width - 1)), data.draw(st.integers(0, height - 1))
    seen = k.to_picture(placement, x - 3, y + 5)
    assert seen is not None
    assert k.to_view(placement, seen.x, seen.y) == k.Point(x - 3, y + 5)


@given(sizes, sizes, sizes, sizes)
def test_fit_lies_inside_the_view_and_fills_one_direction(vw: int, vh: int, pw: int, ph: int) -> None:
    placement = k.fit(vw, vh, pw, ph)
    assert placement.x >= 0
    assert placement.y >= 0
    assert placement.x + placement.width <= vw
    assert placement.y + placement.height <= vh
    assert placement.width == vw or placement.height == vh


@given(sizes, sizes, sizes, sizes, st.integers(-5000, 9000), st.integers(-5000, 9000))
def test_nearest_is_always_inside_and_the_letterbox_is_nowhere(
    vw: int, vh: int, pw: int, ph: int, x: int, y: int
) -> None:
    placement = k.fit(vw, vh, pw, ph)
    nearest = k.to_nearest(placement, x, y)
    assert 0 <= nearest.x < pw
    assert 0 <= nearest.y < ph
    inside = k.Area(placement.x, placement.y, placement.width, placement.height).holds(x, y)
    assert k.to_picture(placement, x, y) == (nearest if inside else None)


@given(sizes, sizes, st.integers(0, 4000), st.integers(0, 4000), st.data())
def test_an_unscaled_picture_is_the_monitor_moved(
    width: int, height: int, left: int, top: int, data: st.DataObject
) -> None:
    x, y = data.draw(st.integers(0, width - 1)), data.draw(st.integers(0, height - 1))
    assert k.to_screen(k.Area(left, top, width, height), width, height, x, y) == k.Point(left + x, top + y)
