"""Video alone, for viewers who know nothing else (browsers): 4:2:0 H.264, finer in two steps once it rests."""

import time
from collections.abc import Callable, Iterable
from typing import Final

from shared.media.capture.source import Picture, Rect, whole
from shared.media.colour import Chroma
from shared.media.encoder import AccessUnit, Encoder
from shared.media.making import Order
from shared.media.refine import MOVING_CRF
from shared.media.stamp import NUMBERS, Stamp, to_sei

STEPS: Final = (16.0, 8.0)
"""Quality of the frames made of a picture at rest; colour stays at half of it, whatever is spent."""
REST_S: Final = 0.2


class Film:
    """Makes the frames of pictures of one size. Raises EncoderError."""

    def __init__(
        self, width: int, height: int, target_bps: int, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._encoder = Encoder(width, height, target_bps=target_bps, chroma=Chroma.HALF)
        self._clock = clock
        self._step = 0
        self._number = 0
        self._last_at: float | None = None

    def due_at(self) -> float | None:
        """When a frame is due though nothing changes; None when no more is to be gained."""
        return None if self._last_at is None or self._step >= len(STEPS) else self._last_at + REST_S

    def make(self, picture: Picture, damage: Iterable[Rect], order: Order) -> AccessUnit | None:
        """The next frame; None when there is no reason for one."""
        now, changed, due = self._clock(), tuple(damage), self.due_at()
        if not (changed or order.key or (due is not None and now >= due)):
            return None
        moving = bool(changed) or order.key
        self._step = 0 if moving else self._step + 1
        everything = (whole(picture.width, picture.height),)
        convert_us = self._encoder.convert(picture, everything if self._last_at is None else changed)
        quality = MOVING_CRF if moving else STEPS[self._step - 1]
        self._encoder.steer(order.target_bps, quality, REST_S if self._last_at is None else now - self._last_at)
        begun_ns = time.perf_counter_ns()
        data, is_key = self._encoder.encode(order.captured_us, key=order.key or self._last_at is None)
        self._last_at, self._number = now, (self._number + 1) % NUMBERS
        encode_us = (time.perf_counter_ns() - begun_ns) // 1000
        stamp = Stamp(self._number, order.captured_us, convert_us, encode_us, order.grab_us, is_key, changed)
        return AccessUnit(
            to_sei(stamp) + data, is_key, order.captured_us, order.epoch, convert_us, encode_us, film=True
        )
