"""The thread that turns access units into pictures: every unit is decoded, only the newest is handed on."""

import logging
import queue
import threading
from collections.abc import Callable, Sequence
from typing import Final, Generic, Protocol, TypeVar

import av
import msgspec

from shared.media.capture.source import Rect, whole
from shared.media.colour import converter
from shared.media.decoder import BrokenUnit, Decoder
from shared.media.stamp import Stamp, from_frame
from shared.media.stats import now_us

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


class Unit(msgspec.Struct, frozen=True):
    """``broken``: units before this one were lost."""

    data: bytes
    broken: bool


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
        decoder = Decoder()
        follows = False
        while (unit := self._units.get()) is not None and not self._closing:
            stamp = from_frame(unit.data)
            key = stamp is not None and stamp.key
            follows = key or (follows and not unit.broken)
            if not follows:
                self._on_broken()
                continue
            try:
                self._decode(decoder, unit.data, stamp)
            except BrokenUnit as error:
                logger.info("a unit could not be decoded: %s", error)
                follows = False
                self._on_broken()

    def _decode(self, decoder: Decoder, data: bytes, stamp: Stamp | None) -> None:
        begun = now_us()
        frame = decoder.decode(data)
        decoded = now_us()
        if frame is None:
            return
        self._pending.add(frame, stamp.dirty if stamp is not None else ())
        if self._units.qsize() or self._closing:
            return
        slot = self._frames.begin(frame.width, frame.height)
        for rect in self._pending.of_slot(slot):
            converter().to_pixels(frame, slot.pixels, slot.stride, rect)
        dirty = [(r.x, r.y, r.width, r.height) for r in self._pending.shown()]
        captured_us = stamp.captured_us if stamp is not None else 0
        ready = self._frames.publish(slot, captured_us=captured_us, dirty=dirty)
        done = now_us()
        self._on_decoded(Decoded(ready, captured_us, done, decoded - begun, done - decoded))


class _Pending:
    """What changed since each slot was last written, and since a picture was last handed on."""

    def __init__(self) -> None:
        self._size = (0, 0)
        self._generation = 0
        self._slots: dict[int, tuple[Rect, ...]] = {}
        self._unseen: tuple[Rect, ...] = ()

    def add(self, frame: av.VideoFrame, dirty: tuple[Rect, ...]) -> None:
        """A frame was decoded; empty ``dirty``: all of it changed."""
        bounds = whole(frame.width, frame.height)
        if (frame.width, frame.height) != self._size:
            self._size = (frame.width, frame.height)
            self._slots.clear()
            self._unseen = dirty = ()
        inside = tuple(part for rect in dirty if (part := rect.clipped(bounds)) is not None) or (bounds,)
        self._slots = {index: _together(rects, inside, bounds) for index, rects in self._slots.items()}
        self._unseen = _together(self._unseen, inside, bounds)

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
        rects, self._unseen = self._unseen, ()
        return () if rects == (whole(*self._size),) else rects


def _together(old: tuple[Rect, ...], new: tuple[Rect, ...], bounds: Rect) -> tuple[Rect, ...]:
    both = old if set(new) <= set(old) else old + new
    return (bounds,) if bounds in both or len(both) > _MAX_DIRTY else both
