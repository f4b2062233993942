"""Video for viewers who know nothing else."""

import numpy as np
import pytest

from shared.media.capture.cover import PlainPicture
from shared.media.capture.source import Rect, whole
from shared.media.decoder import Decoder
from shared.media.film import REST_S, STEPS, Film
from shared.media.making import Order
from shared.media.tiles import from_unit

WIDTH, HEIGHT = 128, 96
TARGET = 8_000_000


def test_it_is_half_colour_h264_which_rests_after_two_finer_frames() -> None:
    noise = np.random.default_rng(1).integers(0, 256, WIDTH * HEIGHT * 4, np.uint8)
    picture, now = PlainPicture(WIDTH, HEIGHT, bytearray(noise.tobytes())), [1.0]
    film, decoder = Film(WIDTH, HEIGHT, TARGET, clock=lambda: now[0]), Decoder()
    first = film.make(picture, (whole(WIDTH, HEIGHT),), Order(TARGET, 1))
    assert first is not None
    assert (first.key, first.film, first.tiles) == (True, True, False)
    units = [first]
    while (due := film.due_at()) is not None:
        assert due == pytest.approx(now[0] + REST_S)
        assert film.make(picture, (), Order(TARGET, 2)) is None
        now[0] = due
        unit = film.make(picture, (), Order(TARGET, 3))
        assert unit is not None
        units.append(unit)
    assert len(units) == 1 + len(STEPS)
    for unit in units:
        frame = decoder.decode(unit.data)
        assert frame is not None
        assert frame.format.name == "yuv420p"
        assert from_unit(unit.data, 0) is None


def test_what_moves_or_who_begins_is_served_at_once() -> None:
    picture = PlainPicture(WIDTH, HEIGHT, bytearray(WIDTH * HEIGHT * 4))
    film = Film(WIDTH, HEIGHT, TARGET, clock=lambda: 1.0)
    film.make(picture, (whole(WIDTH, HEIGHT),), Order(TARGET, 1))
    moved = film.make(picture, (Rect(0, 0, 8, 8),), Order(TARGET, 2))
    begun = film.make(picture, (), Order(TARGET, 3, key=True))
    assert moved is not None
    assert begun is not None
    assert (moved.key, begun.key) == (False, True)
