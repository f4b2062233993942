"""The thread that turns access units into pictures: every unit is decoded, only the newest is handed on."""

import logging
import queue
import threading
from collections.abc import Callable, Sequence
from typing import Final, Generic, Protocol, TypeVar

import msgspec

from shared.media.capture.source import Rect, at_most, whole
from shared.media.composition import Composition
from shared.media.decoder import BrokenUnit, Decoder
from shared.media.inset import BadPlace, Place
from shared.media.inset import from_unit as place_of
from shared.media.stamp import Stamp, from_unit
from shared.media.stats import now_us
from shared.media.tiles import BadTiles
from shared.media.tiles import from_unit as tiles_of

logger = logging.getLogger(__name__)

MAX_WAITING: Final = 60
MAX_UNIT: Final = 16 * 1024 * 1024
_MAX_DIRTY: Final = 16
_JOIN_S: Final = 5.0

Area = tuple[int, int, int, int]
Ready = TypeVar("Ready")


class PictureSlot(Protocol):
    """Where a picture goes; it still holds what ``index`` of this ``generation`` got the last time."""

    @property
    def generation(self) -> int: ...
    @property
    def index(self) -> int: ...
    @property
    def stride(self) -> int: ...
    @property
    def pixels(self) -> memoryview: ...


SlotT = TypeVar("SlotT", bound=PictureSlot)
ReadyCo = TypeVar("ReadyCo", covariant=True)


class FrameSink(Protocol[SlotT, ReadyCo]):
    """Takes finished pictures: shared.session.frames.FrameWriter."""

    def begin(self, width: int, height: int) -> SlotT: ...
    def publish(self, slot: SlotT, *, captured_us: int, dirty: Sequence[Area] = ()) -> ReadyCo: ...


class Decoded(msgspec.Struct, Generic[Ready], frozen=True):
    """A picture that is ready to paint, and what it took. ``captured_us`` is the sharer's clock, ``ready_us`` ours."""

    ready: Ready
    captured_us: int
    ready_us: int
    decode_us: int
    convert_us: int
    make_us: int = 0
    """What the sharer says that it took to make it."""
    grab_us: int = 0
    """And to grab it."""
    arrived_us: int = 0
    """When the unit had come in, by our clock."""


class Unit(msgspec.Struct, frozen=True):
    """``broken``: units before this one were lost."""

    data: bytes
    broken: bool
    arrived_us: int = 0


class Decoding(Generic[SlotT, Ready]):
    """Owns the decode thread. Its callbacks are called in that thread.

    ``on_decoded``: a picture is ready; ``on_broken``: a key frame is needed; ``on_failed``: it cannot go on (there is
    no room for pictures, say), the log has the reason.
    """

    def __init__(
        self,
        frames: FrameSink[SlotT, Ready],
        on_decoded: Callable[[Decoded[Ready]], None],
        on_broken: Callable[[], None],
        on_failed: Callable[[], None],
    ) -> None:
        self._frames = frames
        self._on_decoded = on_decoded
        self._on_broken = on_broken
        self._on_failed = on_failed
        self._units: queue.SimpleQueue[Unit | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._closing = False
        self._decoder, self._composition = Decoder(), Composition()
        self._inset_decoder = Decoder()
        self._last: int | None = None
        """The number of the last unit taken; None where a key is needed."""
        self._pending = _Pending()

    def put(self, unit: Unit) -> bool:
        """False when too much waits or the unit is too large: it was dropped, and a key frame is needed."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="picture-decoder", daemon=True)
            self._thread.start()
        if self._units.qsize() >= MAX_WAITING or len(unit.data) > MAX_UNIT:
            return False
        self._units.put(unit)
        return True

    def forbid(self) -> None:
        """Nothing is handed on from here on; the thread ends."""
        self._closing = True
        self._units.put(None)

    def join(self) -> None:
        if self._thread is not None:
            self._thread.join(_JOIN_S)

    def _run(self) -> None:
        try:
            self._work()
        except Exception:
            logger.exception("pictures cannot be decoded any longer")
            self._on_failed()

    def _work(self) -> None:
        while (unit := self._units.get()) is not None and not self._closing:
            self.take(unit)

    def take(self, unit: Unit) -> None:
        """In the thread: the next unit of the stream."""
        found = from_unit(unit.data)
        joined = found is not None and not unit.broken and found[0].follows(self._last)
        self._last = None
        if found is None or not (joined or found[0].key):
            self._on_broken()
            return
        try:
            self._compose(unit, *found, joined=joined)
            self._last = found[0].number
        except (BrokenUnit, BadTiles, BadPlace) as error:
            logger.info("a unit could not be decoded: %s", error)
            self._on_broken()

    def _compose(self, unit: Unit, stamp: Stamp, start: int, *, joined: bool) -> None:
        data, begun, composition = unit.data, now_us(), self._composition
        place, tiles = place_of(data, start), tiles_of(data, start)
        if place is not None:
            changed = self._inset(data, stamp, *place)
        elif tiles is not None:
            changed = composition.tiles(tiles, all_new=stamp.key)
        else:
            frame = self._decoder.decode(data)
            if frame is None:
                return
            changed = composition.video(frame, stamp.dirty if joined else None)
        self._pending.add(composition.width, composition.height, changed)
        if self._pending.unseen and not self._units.qsize() and not self._closing:
            self._show(stamp, unit.arrived_us, begun, now_us())

    def _inset(self, data: bytes, stamp: Stamp, place: Place, start: int) -> list[Rect]:
        """Video of one area, and tiles for what else changed."""
        end = start + place.length
        tiles = tiles_of(data, end)
        if stamp.key or (tiles is None and end != len(data)):
            raise BadPlace("not what follows a picture")
        frame = self._inset_decoder.decode(data[start:end])
        if frame is None:
            raise BadPlace("no picture")
        changed = self._composition.tiles(tiles, all_new=False) if tiles is not None else []
        return [*changed, *self._composition.inset(frame, place.area, stamp.dirty)]

    def _show(self, stamp: Stamp, arrived: int, begun: int, decoded: int) -> None:
        composition = self._composition
        slot = self._frames.begin(composition.width, composition.height)
        composition.copy_to(slot.pixels, slot.stride, self._pending.of_slot(slot))
        dirty = [(r.x, r.y, r.width, r.height) for r in self._pending.shown()]
        ready = self._frames.publish(slot, captured_us=stamp.captured_us, dirty=dirty)
        done = now_us()
        self._on_decoded(
            Decoded(
                ready,
                stamp.captured_us,
                done,
                decode_us=decoded - begun,
                convert_us=done - decoded,
                make_us=stamp.convert_us + stamp.encode_us,
                grab_us=stamp.grab_us,
                arrived_us=arrived,
            )
        )


class _Pending:
    """What changed since each slot was last written, and since a picture was last handed on."""

    def __init__(self) -> None:
        self._size = (0, 0)
        self._generation = 0
        self._slots: dict[int, tuple[Rect, ...]] = {}
        self.unseen: tuple[Rect, ...] = ()

    def add(self, width: int, height: int, changed: Sequence[Rect]) -> None:
        """The picture, of this size now, changed there."""
        bounds = whole(width, height)
        if (width, height) != self._size:
            self._size = (width, height)
            self._slots.clear()
            self.unseen = ()
            changed = (bounds,)
        self._slots = {index: _together(rects, changed, bounds) for index, rects in self._slots.items()}
        self.unseen = _together(self.unseen, changed, bounds)

    def of_slot(self, slot: PictureSlot) -> tuple[Rect, ...]:
        """What has to be written into ``slot`` now."""
        if slot.generation != self._generation:
            self._generation = slot.generation
            self._slots.clear()
        rects = self._slots.get(slot.index, (whole(*self._size),))
        self._slots[slot.index] = ()
        return rects

    def shown(self) -> tuple[Rect, ...]:
        """What changed since the last call; empty where that is everything."""
        rects, self.unseen = self.unseen, ()
        return () if rects == (whole(*self._size),) else rects


def _together(old: tuple[Rect, ...], new: Sequence[Rect], bounds: Rect) -> tuple[Rect, ...]:
    """Both, without those that lie in another; one around all where there are too many."""
    both = (*(each for each in old if not any(each.clipped(other) == each for other in new)), *new)
    both = (bounds,) if bounds in both else both
    return at_most(both, _MAX_DIRTY)
