"""The picture that is shown ends as the sharer's, whatever was drawn, scrolled or lost on the way."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.media.capture.mss_source import BytesPicture
from shared.media.capture.source import Rect, whole
from shared.media.decoding import Decoded, Decoding, Unit
from shared.media.encoder import AccessUnit
from shared.media.exactness import REST_S
from shared.media.making import Maker, Order
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
        self.picture = BytesPicture(bytearray(WIDTH * HEIGHT * 4), WIDTH, HEIGHT)
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

    def scroll(self, rows: int) -> None:
        self.pixels[:] = np.roll(self.pixels, rows, axis=0)
        self.damage.append(whole(WIDTH, HEIGHT))

    def step(self, seconds: float, *, lose: bool = False, exact: bool = False) -> AccessUnit | None:
        self.now += seconds
        order = Order(TARGET, now_us(), key=self.key, exact=exact)
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
            case _:
                share.key |= what == "key"
        share.step(how if isinstance(how, float) else 0.03, lose=what == "lose", exact=what == "exact")
    share.draw(99, Rect(0, 0, 4, 4))
    share.rest()
    assert share.off == 0
    assert share.step(10.0) is None
