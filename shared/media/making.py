"""What a unit holds: tiles for small changes and for what has come to rest, video for all else. One thread.

It keeps the picture as it was last sent. What changed is what differs from that, whatever was said to be damaged; what
scrolled is found in it; and what is exact at the viewers is known by it.
"""

import time
from collections.abc import Callable, Iterable, Sequence
from typing import Final, NamedTuple

import msgspec
import numpy as np

from shared.media.capture.source import Picture, Rect, around, at_most, bounding, whole
from shared.media.choice import LARGE, SMALL, Choice, byte_limit, level
from shared.media.encoder import BURST_S, AccessUnit, Encoder
from shared.media.exactness import REST_S, Exactness
from shared.media.grid import update
from shared.media.inset import InsetEncoder, Steady, split
from shared.media.motion import scrolled
from shared.media.refine import MOVING_CRF, Refinement
from shared.media.stamp import MAX_DIRTY, NUMBERS, Stamp, to_sei
from shared.media.tiles import MAX_RECTS, Move, Packing, Words

REFINE_S: Final = 0.03
"""The path's time that one refining unit may take: whatever moves next waits no longer than that behind it."""
_REFINE_BYTES: Final = 600
_MAX_STALE: Final = 64


class Order(msgspec.Struct, frozen=True):
    """For one unit: what the path bears, whether a viewer needs a key, and when the picture was taken."""

    target_bps: int
    captured_us: int
    key: bool = False
    epoch: int = 0
    grab_us: int = 0
    exact: bool = False
    """Every unit is to show its picture to the last bit."""


class _Moment(NamedTuple):
    picture: Picture
    new: Words
    order: Order
    now: float
    begun_ns: int


class Maker:
    """Makes the units of pictures of one size, for viewers who know tiles. Raises EncoderError."""

    def __init__(
        self, width: int, height: int, target_bps: int, *, number: int = 0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.size = width, height
        self.number = number
        """Of the next unit."""
        self._clock = clock
        self._encoder = Encoder(width, height, target_bps=target_bps)
        self._sent: Words = np.zeros((height, width), np.uint32)
        self._exactness = Exactness(width, height)
        self._refinement = Refinement()
        self._choice = Choice()
        self._steady = Steady(width, height)
        self._inset: InsetEncoder | None = None
        self._stale: list[Rect] = [whole(width, height)]
        """What the encoder's planes do not have yet."""
        self._has_reference = False
        """Whether a decoder that followed could go on from the last frame of video."""
        self._last_at = clock()
        self._moved_at = float("-inf")

    def due_at(self) -> float | None:
        """When a unit is due though nothing changes; None when the viewers' picture is exact."""
        return self._exactness.due_at()

    def make(self, picture: Picture, damage: Iterable[Rect], order: Order) -> AccessUnit | None:
        """The unit that brings the viewers up to date with ``picture``, or nearer to it; None when they are."""
        moment = _Moment(picture, words(picture), order, self._clock(), time.perf_counter_ns())
        changed, moves = self._difference(moment, damage)
        if order.key:
            return self._whole(moment) if order.exact else self._film(moment, [*changed, *_places(moves)], key=True)
        if changed or moves:
            self._moved_at = moment.now
            return self._tile(moment, changed, moves)
        rested = self._exactness.rested(moment.now)
        return self._refine(moment, rested) if rested else None

    def _difference(self, moment: _Moment, damage: Iterable[Rect]) -> tuple[list[Rect], list[Move]]:
        """What has to be painted, after what has to be moved, to make of what was sent what there is now."""
        changed: list[Rect] = []
        moves: list[Move] = []
        for rect in damage:
            area = rect.clipped(whole(*self.size))
            if area is None:
                continue
            move = scrolled(moment.new, self._sent, area)
            if move is None:
                changed += update(self._sent, moment.new, area)
                continue
            moves.append(move)
            changed += update(self._sent, moment.new, move.rect, move.y - move.rect.y)
            changed += [each for part in around(area, move.rect) for each in update(self._sent, moment.new, part)]
        self._owe([*changed, *_places(moves)])
        return changed, moves

    def _tile(self, moment: _Moment, changed: Sequence[Rect], moves: Sequence[Move]) -> AccessUnit:
        """What changed as moves and tiles; as video where that serves better."""
        changed = self._widened(moment, changed)
        packing = self._packed(moment, changed)
        if packing is None:
            return self._inlaid(moment, changed, moves) or self._film(moment, [*changed, *_places(moves)])
        self._exactness.moved(moves, moment.now)
        self._exactness.painted(changed, moment.now)
        return self._finished(moment, packing, moves)

    def _inlaid(self, moment: _Moment, changed: Sequence[Rect], moves: Sequence[Move]) -> AccessUnit | None:
        """A film's area as video, the rest as tiles; None where there is no such area, or too much beside it."""
        area = self._steady.place(changed, moment.now)
        inside, outside = split(changed, area) if area is not None else ([], [])
        if area is None or not inside:
            return None
        packing, order = Packing(moment.new, level(moment.order.target_bps)), moment.order
        few = _pixels(outside) <= LARGE and len(outside) + len(moves) <= MAX_RECTS
        if not (few and packing.add_all(outside, byte_limit(order.target_bps))):
            self._steady.forget()
            return None
        if self._inset is None or self._inset.area != area:
            self._inset = InsetEncoder(area, order.target_bps)
        since = moment.now - self._last_at
        data, convert_us = self._inset.encode(moment.picture, order.target_bps, since, order.captured_us)
        dirty = at_most(inside, MAX_DIRTY)
        if len(dirty) < len(inside):
            self._keep(moment, dirty)
        self._exactness.moved(moves, moment.now)
        self._exactness.painted(outside, moment.now)
        self._exactness.approximated(dirty, moment.now)
        self._refinement.filmed(len(data), order.target_bps * min(since, BURST_S) / 8, moving=True)
        if outside or moves:
            data += packing.finish(moves)
        begun_ns = moment.begun_ns + convert_us * 1000
        return self._unit(moment, data, dirty, key=False, tiles=False, convert_us=convert_us, begun_ns=begun_ns)

    def _widened(self, moment: _Moment, changed: Sequence[Rect]) -> Sequence[Rect]:
        """What moves all the time never rests: whatever is coarse right around a small change is painted with it."""
        wider = self._exactness.widened(changed)
        if _pixels(wider) > SMALL:
            return changed
        self._keep(moment, [rect for rect in wider if rect not in changed])
        return wider

    def _packed(self, moment: _Moment, changed: Sequence[Rect]) -> Packing | None:
        """Tiles of all that changed; None when they are too much."""
        packing, exact = Packing(moment.new, level(moment.order.target_bps)), moment.order.exact
        if len(changed) > MAX_RECTS // 2:
            changed = [bounding(changed)]
            self._keep(moment, changed)
        if not exact and not self._choice.tries_tiles(_pixels(changed), moment.now):
            return None
        if packing.add_all(changed, None if exact else byte_limit(moment.order.target_bps)):
            return packing
        self._choice.too_heavy(moment.now)
        return None

    def _refine(self, moment: _Moment, rested: Sequence[Rect]) -> AccessUnit:
        target = moment.order.target_bps
        # frames of video are long: a letter typed meanwhile would wait behind one
        still = moment.now - self._moved_at >= REST_S and not moment.order.exact
        if still and self._refinement.wants_video(self._exactness.inexact_pixels, target):
            return self._film(moment, rested, moving=False)
        packing = Packing(moment.new, level(target))
        packing.add_all(rested[: MAX_RECTS // 2], max(_REFINE_BYTES, int(target * REFINE_S / 8)))
        self._exactness.painted(packing.paints)
        # the picture may be newer there than what was reported of it so far
        self._keep(
            moment, [rect for rect in packing.paints if (moment.new[_part(rect)] != self._sent[_part(rect)]).any()]
        )
        return self._finished(moment, packing)

    def _whole(self, moment: _Moment) -> AccessUnit:
        """All of the picture as tiles: a beginning, but not for a decoder."""
        packing, everything = Packing(moment.new), whole(*self.size)
        packing.add(everything)
        self._exactness.painted([everything], moment.now)
        self._keep(moment, [everything])
        self._has_reference, self._inset = False, None
        return self._finished(moment, packing, key=True)

    def _finished(
        self, moment: _Moment, packing: Packing, moves: Sequence[Move] = (), *, key: bool = False
    ) -> AccessUnit:
        body = packing.finish(moves)
        self._refinement.tiled(len(body), _pixels(packing.paints))
        dirty = [*(move.rect for move in moves), *packing.paints]
        return self._unit(moment, body, dirty, key=key, tiles=True, convert_us=0, begun_ns=moment.begun_ns)

    def _film(self, moment: _Moment, changed: Sequence[Rect], *, key: bool = False, moving: bool = True) -> AccessUnit:
        """A frame of video; ``moving``: what it shows is new."""
        order, since = moment.order, moment.now - self._last_at
        dirty = at_most(changed, MAX_DIRTY)
        if len(dirty) < len(changed):
            self._keep(moment, dirty)
        convert_us = self._encoder.convert(moment.picture, tuple(self._stale))
        self._stale.clear()
        self._encoder.steer(order.target_bps, MOVING_CRF, since)
        begun_ns = time.perf_counter_ns()
        data, is_key = self._encoder.encode(order.captured_us, key=key or not self._has_reference)
        self._has_reference = True
        self._exactness.approximated(dirty, moment.now)
        if key:
            self._exactness.spoil()
        if is_key:
            self._inset = None  # who begins here has nothing of it
        self._refinement.filmed(len(data), order.target_bps * min(since, BURST_S) / 8, moving=moving)
        return self._unit(moment, data, dirty, key=is_key, tiles=False, convert_us=convert_us, begun_ns=begun_ns)

    def _unit(
        self,
        moment: _Moment,
        body: bytes,
        dirty: Sequence[Rect],
        *,
        key: bool,
        tiles: bool,
        convert_us: int,
        begun_ns: int,
    ) -> AccessUnit:
        encode_us = (time.perf_counter_ns() - begun_ns) // 1000
        order = moment.order
        stamp = Stamp(self.number, order.captured_us, convert_us, encode_us, order.grab_us, key, tuple(dirty))
        self.number = (self.number + 1) % NUMBERS
        self._last_at = self._clock()
        data = to_sei(stamp) + body
        return AccessUnit(data, key, stamp.captured_us, order.epoch, convert_us, encode_us, tiles)

    def _keep(self, moment: _Moment, rects: Sequence[Rect]) -> None:
        """Those parts of the picture are what the viewers have now, or will have with this unit."""
        for rect in rects:
            self._sent[_part(rect)] = moment.new[_part(rect)]
        self._owe(rects)

    def _owe(self, rects: Sequence[Rect]) -> None:
        """The encoder's planes are behind there."""
        self._stale = list(at_most([*self._stale, *rects], _MAX_STALE))


def words(picture: Picture) -> Words:
    """The picture's pixels, not a copy of them: to be dropped before the next grab."""
    rows = np.frombuffer(picture.pixels, np.uint32).reshape(picture.height, picture.stride // 4)
    return rows[:, : picture.width]


def _places(moves: Iterable[Move]) -> list[Rect]:
    return [move.rect for move in moves]


def _pixels(rects: Iterable[Rect]) -> int:
    return sum(rect.width * rect.height for rect in rects)


def _part(rect: Rect) -> tuple[slice, slice]:
    return slice(rect.y, rect.bottom), slice(rect.x, rect.right)
