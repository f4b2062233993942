"""The picture that is shown ends as the sharer's, whatever was drawn, scrolled or lost on the way."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.media.capture.cover import PlainPicture
from shared.media.capture.source import Rect, whole
from shared.media.decoding import Decoded, Decoding, Unit
from shared.media.encoder import AccessUnit
from shared.media.exactness import REST_S
from shared.media.inset import from_unit as place_of
from shared.media.making import Maker, Order
from shared.media.stamp import from_unit
from shared.media.stats import now_us

WIDTH, HEIGHT = 320, 200
TARGET = 20_000_000


@dataclass
class Slot:
    generation: int
    index: int
    stride: int
    pixels: memoryview


@dataclass
class Slots:
    """A frame file of three slots in plain memory."""

    size: tuple[int, int] = (0, 0)
    generation: int = 0
    number: int = 0
    buffers: list[bytearray] = field(default_factory=list)

    def begin(self, width: int, height: int) -> Slot:
        if (width, height) != self.size:
            self.size = width, height
            self.generation += 1
            self.buffers = [bytearray(width * height * 4) for _ in range(3)]
        index = (self.number + 1) % 3
        return Slot(self.generation, index, width * 4, memoryview(self.buffers[index]))

    def publish(self, slot: Slot, *, captured_us: int, dirty: Sequence[tuple[int, int, int, int]] = ()) -> int:
        del captured_us, dirty
        self.number += 1
        slot.pixels.release()
        return self.number

    def shown(self) -> np.ndarray:
        width, height = self.size
        return np.frombuffer(self.buffers[self.number % 3], np.uint8).reshape(height, width, 4)[..., :3].astype(int)


class Share:
    """Both ends in one thread: a maker, a way that loses units, and a viewer. Time is told."""

    def __init__(self) -> None:
        self.picture = PlainPicture(WIDTH, HEIGHT, bytearray(WIDTH * HEIGHT * 4))
        self.pixels = np.frombuffer(self.picture.pixels, np.uint32).reshape(HEIGHT, WIDTH)
        self.now = 0.0
        self.maker = Maker(WIDTH, HEIGHT, TARGET, clock=lambda: self.now)
        self.slots = Slots()
        self.key = True
        self.made: list[AccessUnit] = []
        self.decoding: Decoding[Slot, int] = Decoding(self.slots, self._decoded, self._broken, self._broken)
        self.damage: list[Rect] = [whole(WIDTH, HEIGHT)]

    def _decoded(self, decoded: Decoded[int]) -> None:
        assert decoded.ready

    def _broken(self) -> None:
        self.key = True

    def draw(self, seed: int, rect: Rect) -> None:
        random = np.random.default_rng(seed)
        colours = random.integers(0, 1 << 24, 4, np.uint32)
        blocks = colours[random.integers(0, 4, (-(-rect.height // 4), -(-rect.width // 4)))]
        part = blocks.repeat(4, 0).repeat(4, 1)[: rect.height, : rect.width]
        self.pixels[rect.y : rect.bottom, rect.x : rect.right] = part
        self.damage.append(rect)

    def film(self, seed: int, rect: Rect, lost: int) -> None:
        """Six frames of what tiles are too heavy for, with a letter typed beside them; one is lost (6: none)."""
        random = np.random.default_rng(seed)
        for number in range(6):
            self.pixels[rect.y : rect.bottom, rect.x : rect.right] = random.integers(
                0, 1 << 24, (rect.height, rect.width), np.uint32
            )
            self.damage.append(rect)
            self.draw(number, Rect(8 * number, 0, 8, 12))
            self.step(0.03, lose=number == lost, target=2_000_000)

    def scroll(self, rows: int) -> None:
        self.pixels[:] = np.roll(self.pixels, rows, axis=0)
        self.damage.append(whole(WIDTH, HEIGHT))

    def step(
        self, seconds: float, *, lose: bool = False, exact: bool = False, target: int = TARGET
    ) -> AccessUnit | None:
        self.now += seconds
        order = Order(target, now_us(), key=self.key, exact=exact)
        unit = self.maker.make(self.picture, tuple(self.damage), order)
        self.damage.clear()
        if unit is not None:
            self.made.append(unit)
            self.key = self.key and not unit.key
            if not lose:
                self.decoding.take(Unit(unit.data, broken=False))
        return unit

    def rest(self, seconds: float = REST_S) -> int:
        """Until nothing is made any more; how many units that took."""
        for count in range(400):
            if self.step(seconds) is None and not self.key:
                return count
            seconds = 0.01 if seconds > REST_S / 2 else REST_S
        raise AssertionError("it never comes to rest")

    @property
    def off(self) -> int:
        real = self.pixels.view(np.uint8).reshape(HEIGHT, WIDTH, 4)[..., :3].astype(int)
        return int(abs(self.slots.shown() - real).max())


areas = st.builds(
    lambda x, y, w, h: Rect(x, y, min(w, WIDTH - x), min(h, HEIGHT - y)),
    st.integers(0, WIDTH - 1),
    st.integers(0, HEIGHT - 1),
    st.integers(1, WIDTH),
    st.integers(1, HEIGHT),
)
steps = st.one_of(
    st.tuples(st.just("draw"), areas),
    st.tuples(st.just("scroll"), st.integers(-40, 40)),
    st.tuples(st.just("rest"), st.floats(0.01, 0.3)),
    st.tuples(st.just("lose"), areas),
    st.tuples(st.just("key"), st.none()),
    st.tuples(st.just("exact"), areas),
    st.tuples(st.just("film"), st.tuples(st.integers(0, WIDTH - 150), st.integers(0, HEIGHT - 140), st.integers(0, 6))),
)


@settings(max_examples=60)
@given(st.lists(steps, min_size=1, max_size=14))
def test_it_ends_exact_whatever_happened(told: list[tuple[str, object]]) -> None:
    share = Share()
    share.draw(0, whole(WIDTH, HEIGHT))
    share.step(0.1)
    for number, (what, how) in enumerate(told):
        match how:
            case Rect():
                share.draw(number, how)
            case int():
                share.scroll(how)
            case (int() as x, int() as y, int() as lost):
                share.film(number, Rect(x, y, 150, 140), lost)
            case _:
                share.key |= what == "key"
        share.step(how if isinstance(how, float) else 0.03, lose=what == "lose", exact=what == "exact")
    share.draw(99, Rect(0, 0, 4, 4))
    share.rest()
    assert share.off == 0
    assert share.step(10.0) is None


def test_a_film_in_a_still_desk_is_video_of_its_own() -> None:
    share = Share()
    share.draw(0, whole(WIDTH, HEIGHT))
    share.step(0.1)
    share.rest()
    share.film(1, Rect(33, 41, 150, 140), lost=6)
    first, *_, last = share.made[-6:]
    assert place_in(first) is None
    assert place_in(last) == Rect(32, 40, 152, 142)
    assert share.slots.shown()[0:12, 40:48].any()
    share.key = True
    share.film(2, Rect(33, 41, 150, 140), lost=6)
    assert share.made[-6].key
    joined = Share()
    for unit in share.made[-6:]:
        joined.decoding.take(Unit(unit.data, broken=False))
    assert (joined.slots.shown() == share.slots.shown())[60:160, 60:160].all()
    share.rest()
    assert share.off == 0


def place_in(unit: AccessUnit) -> Rect | None:
    found = from_unit(unit.data)
    assert found is not None
    place = place_of(unit.data, found[1])
    return None if place is None else place[0].area
