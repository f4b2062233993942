"""The thread that makes frames: waits for damage, grabs, covers what is protected, converts, encodes, hands over.

No frame is made while nobody is ready for one, while the screen stands still, or after ``forbid``.
"""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from typing import Final, Literal

import msgspec
import numpy as np

from shared.media.capture.source import CaptureError, Monitor, Picture, Rect, ScreenSource, whole
from shared.media.encoder import AccessUnit, EncoderError
from shared.media.film import Film
from shared.media.making import Maker, Order
from shared.media.rate import START_BPS
from shared.media.refine import FRAME_BYTES
from shared.media.stats import now_us

logger = logging.getLogger(__name__)

COVER: Final = (0x38, 0x34, 0x30, 0xFF)
"""The flat colour (BGRX) over protected areas and on the pause picture."""
_COVER_WORD: Final = np.array(COVER, np.uint8).view(np.uint32)[0]
MAX_FPS: Final = 60
LEAST_DISTANCE_S: Final = 0.004
_SHARE: Final = 4
"""A unit that is made in no time may soon be followed by the next; one that took long, only at ``MAX_FPS``."""
_FOREVER_S: Final = 3600.0
_JOIN_S: Final = 5.0

CaptureState = Literal["running", "paused", "stopped", "failed"]


class CaptureChanged(msgspec.Struct, frozen=True, tag=True):
    """The capture runs (with a picture of this size), was paused, ended, or failed.

    ``code``: a CaptureError's, or ``capture.encoder``, or ``capture.internal`` (a fault of ours, with its trace).
    """

    state: CaptureState
    code: str = ""
    width: int = 0
    height: int = 0


class Made(msgspec.Struct, frozen=True):
    """One picture, for each kind of viewer that looks on (at least one), and how long its grab took."""

    units: tuple[AccessUnit, ...]
    grab_us: int


class Wishes(msgspec.Struct, frozen=True):
    """What the event loop wants of the thread; replaced as a whole."""

    ready: bool = False
    paused: bool = False
    stopping: bool = False
    key: bool = False
    epoch: int = 0
    target_bps: int = START_BPS
    protected: tuple[Rect, ...] = ()
    exact: bool = False
    own: bool = True
    """Whether viewers of ours look on."""
    others: bool = False
    """Whether viewers look on who know video only."""


class Producer:
    """Owns the capture thread. Its callbacks are called in that thread: a frame was made, the monitor is (now) this
    one, the thread has ended.

    ``source`` is called in the thread as well, so that each capture has a display connection of its own.
    """

    def __init__(
        self,
        source: Callable[[], ScreenSource],
        monitor: str,
        *,
        on_made: Callable[[Made], None],
        on_monitor: Callable[[Monitor], None],
        on_end: Callable[[CaptureChanged], None],
    ) -> None:
        self._open_source = source
        self._monitor = monitor
        self._on_made = on_made
        self._on_monitor = on_monitor
        self._on_end = on_end
        self._changed = threading.Condition()
        self._wishes = Wishes()
        self._source: ScreenSource | None = None
        self._thread: threading.Thread | None = None

    @property
    def wishes(self) -> Wishes:
        return self._wishes

    def start(self) -> None:
        """Starts the thread; without effect once it runs or was forbidden."""
        if self._thread is None and not self._wishes.stopping:
            # a daemon: a display server that hangs must not keep the process from ending
            self._thread = threading.Thread(target=self._run, name="screen-capture", daemon=True)
            self._thread.start()

    def set_ready(self, ready: bool) -> None:
        """Whether somebody waits for a frame."""
        if ready != self._wishes.ready:
            self._wish(ready=ready)

    def ask_key(self) -> None:
        """The next frame, made as soon as somebody is ready, is a key frame."""
        self._wish(key=True)

    def set_target(self, target_bps: int) -> None:
        if target_bps != self._wishes.target_bps:
            self._wish(target_bps=target_bps)

    def set_audience(self, *, own: bool, others: bool) -> None:
        """Which kinds of viewers look on: no encoder works for nobody."""
        if (own, others) != (self._wishes.own, self._wishes.others):
            self._wish(own=own, others=others)

    def set_exact(self, exact: bool) -> None:
        """Whether every frame is to be exact to the last bit."""
        if exact != self._wishes.exact:
            self._wish(exact=exact)

    def set_protected(self, rects: Sequence[Rect]) -> None:
        """Covers these areas (screen coordinates); no frame grabbed after this returns lacks the cover."""
        if tuple(rects) != self._wishes.protected:
            self._wish(protected=tuple(rects))

    def pause(self) -> None:
        """No frame from here on but one cover picture. A frame in the making is of the old epoch: not to be sent."""
        if not self._wishes.paused:
            self._wish(paused=True, epoch=self._wishes.epoch + 1)

    def resume(self) -> None:
        self._wish(paused=False)

    def forbid(self) -> None:
        """No frame from here on, and the thread ends. Returns at once."""
        self._wish(stopping=True, epoch=self._wishes.epoch + 1)

    def join(self) -> bool:
        """Waits for the end of the thread after ``forbid``; False if it hangs in the display server."""
        if self._thread is None:
            return True
        self._thread.join(_JOIN_S)
        return not self._thread.is_alive()

    def _wish(self, **values: object) -> None:
        with self._changed:
            self._wishes = msgspec.structs.replace(self._wishes, **values)
            self._changed.notify()
            if self._source is not None:
                self._source.wake()

    def _set_source(self, source: ScreenSource | None) -> None:
        with self._changed:
            self._source = source

    def admitted(self, covered_epoch: int) -> Wishes | None:
        """In the thread: blocks until a frame may be made; None to end. ``covered_epoch``: pause already shown."""
        with self._changed:
            while not self._wishes.stopping:
                wishes = self._wishes
                if wishes.ready and not (wishes.paused and covered_epoch == wishes.epoch and not wishes.key):
                    return wishes
                self._changed.wait()
        return None

    def made(self, made: Made) -> None:
        """In the thread: hands a frame over; the next waits until somebody is ready again."""
        with self._changed:
            key = self._wishes.key and not made.units[0].key
            self._wishes = msgspec.structs.replace(self._wishes, ready=False, key=key)
        self._on_made(made)

    def found(self, monitor: Monitor) -> None:
        """In the thread: the picture is of this monitor from now on."""
        self._on_monitor(monitor)

    def _run(self) -> None:
        try:
            source = self._open_source()
            try:
                source.choose(self._monitor)
                self._set_source(source)
                _Work(source, self).run()
            finally:
                self._set_source(None)
                source.close()
        except CaptureError as error:
            self._on_end(CaptureChanged("failed", error.code))
        except EncoderError:
            logger.exception("the encoder failed")
            self._on_end(CaptureChanged("failed", "capture.encoder"))
        except BaseException:
            self._on_end(CaptureChanged("failed", "capture.internal"))
            raise
        else:
            self._on_end(CaptureChanged("stopped"))


class _Work:
    """What the thread knows while it runs."""

    def __init__(self, source: ScreenSource, producer: Producer) -> None:
        self._source = source
        self._producer = producer
        self._maker = self._new_maker(0)
        self._film: Film | None = None
        self._audience = (True, False)
        self._painted: tuple[Rect, ...] = ()
        self._covered_epoch = -1
        self._next_at = 0.0

    def _new_maker(self, number: int) -> Maker:
        picture = self._source.picture
        self._producer.found(self._source.monitor)
        return Maker(picture.width, picture.height, self._producer.wishes.target_bps, number=number)

    def run(self) -> None:
        while (wishes := self._producer.admitted(self._covered_epoch)) is not None:
            if wishes.paused:
                self._cover(wishes)
            elif self._is_time(wishes):
                self._frame(wishes)

    def _is_time(self, wishes: Wishes) -> bool:
        """Sleeps until there is a reason for a frame; False when woken for another reason."""
        if wishes.key or wishes.protected != self._painted:
            return True
        due = self._due_at(wishes)
        left = _FOREVER_S if due is None else due - time.monotonic()
        return left <= 0 or self._source.wait(left) or (due is not None and time.monotonic() >= due)

    def _due_at(self, wishes: Wishes) -> float | None:
        found = [self._maker.due_at() if wishes.own else None, self._film.due_at() if self._film else None]
        return min((due for due in found if due is not None), default=None)

    def _frame(self, wishes: Wishes) -> None:
        self._keep_distance()
        if wishes.protected != self._painted or self._audience != (wishes.own, wishes.others):
            self._source.invalidate()  # who was not served has missed what changed
        self._audience = (wishes.own, wishes.others)
        captured_us = now_us()
        changed = self._source.grab()
        grab_us = now_us() - captured_us
        picture = self._source.picture
        resized = (picture.width, picture.height) != self._maker.size
        if resized:
            self._maker, self._film = self._new_maker(self._maker.number), None
        changed += self._protect(picture, wishes)
        self._make(wishes, changed, key=wishes.key or resized, captured_us=captured_us, grab_us=grab_us)

    def _protect(self, picture: Picture, wishes: Wishes) -> tuple[Rect, ...]:
        """Paints the cover as it is wished for now, after the grab; what that changed beyond the wishes before it."""
        latest = self._producer.wishes.protected
        origin, bounds = self._source.monitor.rect, whole(picture.width, picture.height)
        inside = tuple(
            part for rect in latest if (part := rect.moved(-origin.x, -origin.y).clipped(bounds)) is not None
        )
        for rect in inside:
            paint(picture, rect)
        self._painted = wishes.protected
        return inside if latest != wishes.protected else ()

    def _make(self, wishes: Wishes, changed: tuple[Rect, ...], *, key: bool, captured_us: int, grab_us: int) -> None:
        begun = time.monotonic()
        order = Order(wishes.target_bps, captured_us, key=key, epoch=wishes.epoch, exact=wishes.exact)
        picture = self._source.picture
        unit = self._maker.make(picture, changed, order) if wishes.own else None
        film = self._filmed(changed, order) if wishes.others else None
        done = time.monotonic()
        units = tuple(each for each in (unit, film) if each is not None)
        if not units:
            return
        least = LEAST_DISTANCE_S if all(each.tiles for each in units) else self._frame_s(wishes)
        self._next_at = begun + max(least, min(1 / MAX_FPS, _SHARE * (done - begun)))
        self._producer.made(Made(units, grab_us))

    def _frame_s(self, wishes: Wishes) -> float:
        return FRAME_BYTES * 8 / wishes.target_bps

    def _filmed(self, changed: tuple[Rect, ...], order: Order) -> AccessUnit | None:
        if self._film is None:
            self._film = Film(*self._maker.size, order.target_bps)
        return self._film.make(self._source.picture, changed, order)

    def _cover(self, wishes: Wishes) -> None:
        """The plain picture of a pause, as a key frame: nothing of the screen is left in it to build on."""
        picture = self._source.picture
        everything = whole(picture.width, picture.height)
        paint(picture, everything)
        self._source.invalidate()
        self._make(wishes, (everything,), key=True, captured_us=now_us(), grab_us=0)
        self._covered_epoch = wishes.epoch

    def _keep_distance(self) -> None:
        left = self._next_at - time.monotonic()
        if left > 0:
            time.sleep(left)


def paint(picture: Picture, rect: Rect) -> None:
    """Fills ``rect`` of the picture with the cover colour."""
    rows = np.frombuffer(picture.pixels, np.uint32).reshape(picture.height, picture.stride // 4)
    rows[rect.y : rect.bottom, rect.x : rect.right] = _COVER_WORD
