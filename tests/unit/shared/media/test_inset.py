"""Where a film plays, and what of its place is believed."""

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.media import sei
from shared.media.capture.source import Rect
from shared.media.composition import Composition
from shared.media.inset import FORGET_S, BadPlace, Place, Steady, from_unit, split, to_sei
from shared.media.tiles import Tiles

WIDTH, HEIGHT = 1920, 1080
FILM = Rect(300, 200, 640, 360)


def seen(steady: Steady, *changes: Rect, times: int = 1, now: float = 0.0) -> Rect | None:
    places = [steady.place(changes, now) for _ in range(times)]
    return places[-1]


def test_what_changes_again_and_again_in_one_place_is_a_film() -> None:
    steady = Steady(WIDTH, HEIGHT)
    assert seen(steady, FILM, times=2) is None
    assert seen(steady, FILM) == FILM
    assert seen(steady, Rect(310, 210, 400, 200)) == FILM


def test_a_window_dragged_beside_it_changes_nothing() -> None:
    steady = Steady(WIDTH, HEIGHT)
    seen(steady, FILM, times=3)
    assert seen(steady, Rect(1000, 0, 900, 300), FILM) == FILM


def test_a_window_that_is_dragged_is_no_film() -> None:
    steady = Steady(WIDTH, HEIGHT)
    assert all(steady.place([Rect(10 * step, 0, 500, 400)], 0.0) is None for step in range(60))


def test_a_whole_screen_is_a_picture() -> None:
    assert seen(Steady(WIDTH, HEIGHT), Rect(0, 0, WIDTH, HEIGHT), times=9) is None


def test_it_lies_on_whole_samples_within_an_odd_picture() -> None:
    steady = Steady(801, 601)
    assert seen(steady, Rect(401, 301, 400, 300), times=3) == Rect(400, 300, 400, 300)


def test_it_is_forgotten() -> None:
    steady = Steady(WIDTH, HEIGHT)
    seen(steady, FILM, times=3)
    assert seen(steady, FILM, now=FORGET_S + 0.1) is None


def test_a_change_is_split_along_the_edge() -> None:
    inside, outside = split([Rect(0, 0, 100, 100), Rect(500, 500, 10, 10)], Rect(50, 50, 100, 100))
    assert inside == [Rect(50, 50, 50, 50)]
    assert sum(each.width * each.height for each in outside) == 100 * 100 - 50 * 50 + 100


@given(st.integers(1, 65535), st.integers(1, 65535), st.binary(min_size=1, max_size=50))
def test_a_place_arrives(width: int, height: int, video: bytes) -> None:
    place = Place(Rect(1, 2, width, height), len(video) + 4)
    head = to_sei(place)
    assert from_unit(head + b"\x00\x00\x00\x01" + video, 0) == (place, len(head))


@given(st.binary(max_size=40))
def test_any_bytes_are_a_place_or_refused(body: bytes) -> None:
    unit = sei.to_nal(bytes.fromhex("b8d0e7443c1f4a6f8b27d5e2719c60fa"), body) + b"\x00\x00\x00\x01abc"
    try:
        found = from_unit(unit, 0)
    except BadPlace:
        return
    assert found is None or found[0].length <= len(unit) - found[1]


@pytest.mark.parametrize("area", [Rect(60, 0, 32, 32), Rect(0, 40, 32, 32), Rect(0, 0, 30, 32)])
def test_an_inset_that_does_not_fit_is_refused(area: Rect) -> None:
    composition = Composition()
    composition.tiles(Tiles(64, 64), all_new=True)
    with pytest.raises(BadPlace):
        composition.inset(av.VideoFrame(32, 32, "yuv420p"), area, [area])


def test_an_inset_paints_what_changed_of_it_alone() -> None:
    composition = Composition()
    composition.tiles(Tiles(64, 64), all_new=True)
    planes = [np.full(size, value, np.uint8) for size, value in (((32, 32), 235), ((16, 16), 128), ((16, 16), 128))]
    frame = av.VideoFrame.from_ndarray(np.concatenate([each.ravel() for each in planes]).reshape(48, 32), "yuv420p")
    changed = composition.inset(frame, Rect(20, 10, 32, 32), [Rect(0, 0, 30, 64)])
    out = bytearray(64 * 64 * 4)
    composition.copy_to(memoryview(out), 64 * 4, [Rect(0, 0, 64, 64)])
    shown = np.frombuffer(out, np.uint8).reshape(64, 64, 4)[..., 0] > 200
    assert changed == [Rect(20, 10, 10, 32)]
    assert shown.sum() == 10 * 32
    assert shown[10:42, 20:30].all()
