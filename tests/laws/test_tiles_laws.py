"""Tiles arrive as they were sent; whatever else arrives is refused before it is believed."""

import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.media import sei
from shared.media.capture.source import Rect, around
from shared.media.composition import Composition
from shared.media.grid import boxes, update
from shared.media.stamp import Stamp, to_sei
from shared.media.tiles import BadTiles, Move, Packing, Tiles, from_unit

WIDTH, HEIGHT = 90, 70
seeds = st.integers(0, 2**32 - 1)


def noise(seed: int) -> np.ndarray:
    """Few colours, so that pictures agree in places."""
    return np.random.default_rng(seed).integers(0, 3, (HEIGHT, WIDTH), np.uint32)


@st.composite
def inside(draw: st.DrawFn) -> Rect:
    x, y = draw(st.integers(0, WIDTH - 1)), draw(st.integers(0, HEIGHT - 1))
    return Rect(x, y, draw(st.integers(1, WIDTH - x)), draw(st.integers(1, HEIGHT - y)))


@st.composite
def moves(draw: st.DrawFn) -> Move:
    rect = draw(inside())
    return Move(rect, draw(st.integers(0, WIDTH - rect.width)), draw(st.integers(0, HEIGHT - rect.height)))


def small_enough(rects: list[Rect]) -> bool:
    return sum(r.width * r.height for r in rects) <= 2 * WIDTH * HEIGHT


@given(seeds, st.lists(inside(), max_size=4).filter(small_enough), st.lists(moves(), max_size=2))
def test_tiles_arrive_as_they_were_sent(seed: int, rects: list[Rect], moved: list[Move]) -> None:
    picture = noise(seed)
    packing = Packing(picture)
    packing.add_all(rects, None)
    stamp = to_sei(Stamp(1, 2))
    if not small_enough([*rects, *(m.rect for m in moved)]):
        return
    tiles = from_unit(stamp + packing.finish(moved), len(stamp))
    pixels = b"".join(picture[r.y : r.bottom, r.x : r.right].tobytes() for r in rects)
    assert tiles == Tiles(WIDTH, HEIGHT, tuple(moved), tuple(rects), pixels)


@given(st.binary(max_size=2000), st.binary(min_size=16, max_size=16))
def test_a_message_of_any_size_arrives_and_holds_no_start_code(body: bytes, kind: bytes) -> None:
    nal = sei.to_nal(kind, body)
    for code in (b"\x00\x00\x00", b"\x00\x00\x01", b"\x00\x00\x02"):
        assert code not in nal[4:]
    assert nal[-1] != 0
    following = b"\x00\x00\x01\x65more"
    assert sei.from_nal(kind, nal + following) == (body, len(nal))


@given(st.binary(max_size=300), st.integers(0, 10))
def test_any_bytes_are_tiles_or_refused(data: bytes, at: int) -> None:
    valid = Packing(noise(1))
    valid.add(Rect(1, 2, 3, 4))
    unit = bytearray(valid.finish([Move(Rect(0, 0, 5, 5), 6, 7)]))
    unit[24 + at : 24 + at + len(data)] = data
    for each in (data, bytes(unit)):
        try:
            tiles = from_unit(each, 0)
        except BadTiles:
            continue
        if tiles is not None:
            assert len(tiles.pixels) == sum(r.width * r.height for r in tiles.paints) * 4


@pytest.mark.parametrize(
    ("rects", "moved"),
    [
        ([Rect(0, 0, WIDTH + 1, 1)], []),
        ([Rect(0, 0, 0, 1)], []),
        ([Rect(WIDTH - 1, 0, 2, 1)], []),
        ([Rect(0, 0, WIDTH, HEIGHT)] * 3, []),
        ([], [Move(Rect(0, 0, 5, 5), WIDTH - 4, 0)]),
        ([], [Move(Rect(0, 0, 1, 1), 0, 0)] * 1025),
    ],
)
def test_rectangles_that_do_not_fit_are_refused(rects: list[Rect], moved: list[Move]) -> None:
    packing = Packing(noise(1))
    packing.paints = rects
    with pytest.raises(BadTiles):
        from_unit(packing.finish(moved), 0)


def test_a_bomb_is_not_unpacked() -> None:
    packing = Packing(noise(1))
    packing.paints = [Rect(0, 0, 1, 1)]
    bomb = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    packing._parts = [bomb.compress(bytes(50_000_000))]
    packing._zlib = bomb
    with pytest.raises(BadTiles):
        from_unit(packing.finish(), 0)


def test_tiles_of_another_picture_are_refused() -> None:
    composition = Composition()
    with pytest.raises(BadTiles):
        composition.tiles(Tiles(WIDTH, HEIGHT), all_new=False)
    composition.tiles(Tiles(WIDTH, HEIGHT), all_new=True)
    with pytest.raises(BadTiles):
        composition.tiles(Tiles(WIDTH, HEIGHT - 1), all_new=False)


@given(seeds, seeds, inside(), st.integers(-HEIGHT, HEIGHT))
def test_an_update_names_all_that_differed(one: int, other: int, rect: Rect, by: int) -> None:
    new, old = noise(one), noise(other)
    by = max(-rect.y, min(by, HEIGHT - rect.bottom))
    patched = old.copy()
    patched[part(rect)] = old[rect.y + by : rect.bottom + by, rect.x : rect.right]
    found = update(old, new, rect, by)
    for each in found:
        assert each.clipped(rect) == each
        patched[part(each)] = new[part(each)]
    assert (patched[part(rect)] == new[part(rect)]).all()
    assert (old[part(rect)] == new[part(rect)]).all()


def part(rect: Rect) -> tuple[slice, slice]:
    return slice(rect.y, rect.bottom), slice(rect.x, rect.right)


@given(inside(), inside())
def test_around_and_inside_are_the_whole(outer: Rect, inner: Rect) -> None:
    cut = inner.clipped(outer)
    if cut is None:
        return
    count = np.zeros((HEIGHT, WIDTH), int)
    for each in [cut, *around(outer, cut)]:
        count[part(each)] += 1
    assert (count[part(outer)] == 1).all()
    assert count.sum() == outer.width * outer.height


@given(st.lists(st.lists(st.booleans(), min_size=6, max_size=6), min_size=1, max_size=6))
def test_boxes_cover_what_is_true_once(rows: list[list[bool]]) -> None:
    cells = np.array(rows, np.bool_)
    count = np.zeros(cells.shape, int)
    for box in boxes(cells):
        count[box.y : box.bottom, box.x : box.right] += 1
    assert (count == cells).all()
