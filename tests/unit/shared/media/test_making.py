"""When a unit is tiles, when video, and what it holds."""

import numpy as np
import pytest

from shared.media.capture.cover import PlainPicture
from shared.media.capture.source import Rect, whole
from shared.media.encoder import AccessUnit
from shared.media.exactness import REST_S
from shared.media.making import REFINE_S, Maker, Order
from shared.media.stamp import from_unit
from shared.media.tiles import Tiles
from shared.media.tiles import from_unit as tiles_of

WIDTH, HEIGHT = 1280, 720
TARGET = 20_000_000
EVERYTHING = whole(WIDTH, HEIGHT)


class Desk:
    """A picture, its maker, and a clock."""

    def __init__(self) -> None:
        self.picture = PlainPicture(WIDTH, HEIGHT, bytearray(WIDTH * HEIGHT * 4))
        self.pixels = np.frombuffer(self.picture.pixels, np.uint32).reshape(HEIGHT, WIDTH)
        self.now = 100.0
        self.maker = Maker(WIDTH, HEIGHT, TARGET, clock=lambda: self.now)

    def noise(self, rect: Rect, seed: int = 1, colours: int = 1 << 24) -> Rect:
        random = np.random.default_rng(seed)
        part = random.integers(0, colours, (rect.height, rect.width), np.uint32) * np.uint32(0x7F7F7F7F)
        self.pixels[rect.y : rect.bottom, rect.x : rect.right] = part
        return rect

    def make(self, *damage: Rect, target: int = TARGET, key: bool = False, exact: bool = False) -> AccessUnit | None:
        return self.maker.make(self.picture, damage, Order(target, int(self.now * 1e6), key, exact=exact))

    def made(self, *damage: Rect, target: int = TARGET, key: bool = False, exact: bool = False) -> AccessUnit:
        unit = self.make(*damage, target=target, key=key, exact=exact)
        assert unit is not None
        return unit

    def rest(self, target: int = TARGET) -> list[AccessUnit]:
        """All that follows when nothing moves any more."""
        units: list[AccessUnit] = []
        while (due := self.maker.due_at()) is not None and len(units) < 1000:
            self.now = max(self.now, due)
            units.append(self.made(target=target))
        return units


@pytest.fixture
def desk() -> Desk:
    """A page of text-like blocks that its viewers have, exact."""
    desk = Desk()
    desk.noise(EVERYTHING, colours=2)
    desk.made(EVERYTHING, key=True)
    desk.rest()
    return desk


def tiles_in(unit: AccessUnit) -> Tiles:
    found = from_unit(unit.data)
    assert found is not None
    tiles = tiles_of(unit.data, found[1])
    assert tiles is not None
    return tiles


def test_what_is_typed_is_tiles_and_just_what_changed(desk: Desk) -> None:
    desk.noise(Rect(100, 100, 8, 16), seed=2)
    unit = desk.made(Rect(90, 90, 300, 300))
    assert unit.tiles
    assert tiles_in(unit).paints == (Rect(100, 100, 8, 16),)
    assert desk.maker.due_at() is None


def test_damage_that_changes_nothing_makes_nothing(desk: Desk) -> None:
    assert desk.make(EVERYTHING) is None


def test_a_film_is_video_and_exact_once_it_rests(desk: Desk) -> None:
    area = desk.noise(Rect(200, 200, 400, 300), seed=3)
    unit = desk.made(area)
    assert not unit.tiles
    units = desk.rest()
    assert units
    assert all(each.tiles for each in units)
    painted = np.zeros((HEIGHT, WIDTH), bool)
    for rect in (rect for each in units for rect in tiles_in(each).paints):
        painted[rect.y : rect.bottom, rect.x : rect.right] = True
    assert painted[200:500, 200:600].all()
    assert painted.sum() < 1.5 * 400 * 300


def test_nothing_is_refined_before_it_has_rested(desk: Desk) -> None:
    desk.made(desk.noise(Rect(200, 200, 400, 300), seed=3))
    assert desk.maker.due_at() == pytest.approx(desk.now + REST_S)
    assert desk.make() is None


def test_a_refining_unit_takes_the_path_for_a_moment_only(desk: Desk) -> None:
    desk.made(desk.noise(EVERYTHING, seed=3))
    sizes = [len(unit.data) for unit in desk.rest()]
    one_more = 4 * 64 * 256
    assert max(sizes) < TARGET * REFINE_S / 8 + one_more
    assert len(sizes) > 10


def test_a_page_that_scrolls_is_moved_and_stays_exact(desk: Desk) -> None:
    desk.pixels[:] = np.roll(desk.pixels, -6, axis=0)
    unit = desk.made(EVERYTHING)
    (move,) = tiles_in(unit).moves
    assert (move.y - move.rect.y, move.rect.width) == (6, WIDTH)
    assert sum(rect.height for rect in tiles_in(unit).paints) <= 6
    assert desk.maker.due_at() is None


def test_what_scrolls_in_a_window_is_moved_alone(desk: Desk) -> None:
    window = slice(100, 600), slice(200, 840)
    desk.pixels[window] = np.roll(desk.pixels[window], 15, axis=0)
    unit = desk.made(EVERYTHING)
    (move,) = tiles_in(unit).moves
    assert (move.rect.y, move.y, move.rect.height) == (115, 100, 485)
    assert 200 <= move.rect.x <= 328
    assert desk.maker.due_at() is None


def test_a_key_shows_everything_and_is_refined_anew(desk: Desk) -> None:
    unit = desk.made(key=True)
    found = from_unit(unit.data)
    assert unit.key
    assert found is not None
    assert found[0].dirty == ()
    painted = [rect for each in desk.rest() for rect in tiles_in(each).paints]
    assert sum(rect.width * rect.height for rect in painted) == WIDTH * HEIGHT


def test_exact_units_are_tiles_whatever_they_show(desk: Desk) -> None:
    unit = desk.made(desk.noise(EVERYTHING, seed=5), exact=True)
    assert unit.tiles
    assert desk.maker.due_at() is None
    begun = desk.made(key=True, exact=True)
    assert begun.key
    assert begun.tiles
    assert tiles_in(begun).paints == (EVERYTHING,)
    film = desk.made(desk.noise(EVERYTHING, seed=6))
    assert film.key, "a decoder that has seen tiles only needs a beginning"


def test_a_thin_path_gets_legible_video_before_exact_tiles(desk: Desk) -> None:
    thin = 300_000
    desk.noise(EVERYTHING, seed=7, colours=4)
    desk.now += 0.3
    desk.made(EVERYTHING, target=thin)
    units = desk.rest(thin)
    kinds = [unit.tiles for unit in units]
    assert not kinds[0]
    assert kinds == sorted(kinds)
    assert kinds[-1]
