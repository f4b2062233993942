"""The thread that makes frames: waits for damage, grabs what is shared, converts, encodes, hands over.

No frame is made while nobody is ready for one, while the screen stands still, or after ``forbid``. Pictures come from
the source with all that is hidden covered.
"""

import logging
import threading
import time
from collections.abc import Callable
from typing import Final, Literal

import msgspec

from shared.media.capture.cover import PlainPicture
from shared.media.capture.source import (
    CHOOSE_AGAIN,
    NOTHING_HIDDEN,
    CaptureError,
    Picture,
    Rect,
    ScreenSource,
    View,
    whole,
)
from shared.media.encoder import AccessUnit, EncoderError
from shared.media.film import Film
from shared.media.making import Maker, Order
from shared.media.rate import START_BPS
from shared.media.refine import FRAME_BYTES
from shared.media.stats import now_us
from shared.rules.sharing import Hidden, Share

logger = logging.getLogger(__name__)

MAX_FPS: Final = 60
LEAST_DISTANCE_S: Final = 0.004
_SHARE: Final = 4
"""A unit that is made in no time may soon be followed by the next; one that took long, only at ``MAX_FPS``."""
_FOREVER_S: Final = 3600.0
_JOIN_S: Final = 5.0

_PLAIN_SIZE: Final = (640, 360)
"""Of the picture while there is nothing to show and never was."""

CaptureState = Literal["running", "paused", "gone", "stopped", "failed"]


class CaptureChanged(msgspec.Struct, frozen=True, tag=True):
    """The capture runs (with a picture of this size), was paused, ended, or failed.

    ``gone``: what was chosen is not there (any longer); nothing is shown until something else is chosen.

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
    hidden: Hidden = NOTHING_HIDDEN
    choice: int = 0
    """Counts the shares that were chosen."""
    exact: bool = False
    own: bool = True
    """Whether viewers of ours look on."""
    others: bool = False
    """Whether viewers look on who know video only."""


class Producer:
    """Owns the capture thread. Its callbacks are called in that thread: a frame was made, the picture shows (now) this,
    the capture was interrupted or has ended.

    ``source`` is called in the thread as well, so that each capture has a display connection of its own.
    """

    def __init__(
        self,
        source: Callable[[], ScreenSource],
        share: Share,
        *,
        on_made: Callable[[Made], None],
        on_view: Callable[[View], None],
        on_state: Callable[[CaptureChanged], None],
    ) -> None:
        self._open_source = source
        self.share = share
        self.on_view = on_view
        self.on_state = on_state
        self._on_made = on_made
        self._changed = threading.Condition(threading.RLock())
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

    def choose(self, share: Share) -> None:
        """Shows this from now on. A frame in the making is of the old epoch: not to be sent."""
        with self._changed:
            self.share = share
            self._wish(choice=self._wishes.choice + 1, epoch=self._wishes.epoch + 1)

    def hide(self, hidden: Hidden) -> None:
        """Covers all of this; no frame grabbed after this returns lacks the cover."""
        if hidden != self._wishes.hidden:
            self._wish(hidden=hidden)

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

    def admitted(self, rests: Callable[[Wishes], bool]) -> Wishes | None:
        """In the thread: blocks until a frame may be made; None to end. ``rests``: for these wishes all is shown."""
        with self._changed:
            while not self._wishes.stopping:
                wishes = self._wishes
                if wishes.ready and (wishes.key or not rests(wishes)):
                    return wishes
                self._changed.wait()
        return None

    def made(self, made: Made) -> None:
        """In the thread: hands a frame over; the next waits until somebody is ready again."""
        with self._changed:
            key = self._wishes.key and not made.units[0].key
            self._wishes = msgspec.structs.replace(self._wishes, ready=False, key=key)
        self._on_made(made)

    def _run(self) -> None:
        try:
            source = self._open_source()
            try:
                self._set_source(source)
                _Work(source, self).run()
            finally:
                self._set_source(None)
                source.close()
        except CaptureError as error:
            self.on_state(CaptureChanged("failed", error.code))
        except EncoderError:
            logger.exception("the encoder failed")
            self.on_state(CaptureChanged("failed", "capture.encoder"))
        except BaseException:
            self.on_state(CaptureChanged("failed", "capture.internal"))
            raise
        else:
            self.on_state(CaptureChanged("stopped"))


class _Work:
    """What the thread knows while it runs."""

    def __init__(self, source: ScreenSource, producer: Producer) -> None:
        self._source = source
        self._producer = producer
        self._maker: Maker | None = None
        self._number = 0
        self._film: Film | None = None
        self._audience = (True, False)
        self._view: View | None = None
        self._hidden = NOTHING_HIDDEN
        self._chosen = self._gone = self._covered = -1
        self._next_at = 0.0

    def run(self) -> None:
        while (wishes := self._producer.admitted(self._rests)) is not None:
            try:
                self._turn(wishes)
            except CaptureError as error:
                if error.code not in CHOOSE_AGAIN:
                    raise
                self._gone, self._covered = wishes.choice, -1
                self._view = None
                self._producer.on_state(CaptureChanged("gone", error.code))

    def _rests(self, wishes: Wishes) -> bool:
        """Whether the plain picture is all there is to be shown, and has been."""
        return self._is_plain(wishes) and self._covered == wishes.epoch

    def _is_plain(self, wishes: Wishes) -> bool:
        return wishes.paused or self._gone == wishes.choice

    def _turn(self, wishes: Wishes) -> None:
        if not self._is_plain(wishes) and self._chosen != wishes.choice:
            self._source.choose(self._producer.share)
            self._chosen, self._maker = wishes.choice, None
        if self._is_plain(wishes):
            self._cover(wishes)
        elif self._is_time(wishes):
            self._frame(wishes)

    def _is_time(self, wishes: Wishes) -> bool:
        """Sleeps until there is a reason for a frame; False when woken for another reason."""
        if wishes.key or wishes.hidden != self._hidden or self._maker is None:
            return True
        due = self._due_at(wishes)
        left = _FOREVER_S if due is None else due - time.monotonic()
        return left <= 0 or self._source.wait(left) or (due is not None and time.monotonic() >= due)

    def _due_at(self, wishes: Wishes) -> float | None:
        ours = self._maker.due_at() if wishes.own and self._maker else None
        found = [ours, self._film.due_at() if self._film else None]
        return min((due for due in found if due is not None), default=None)

    def _frame(self, wishes: Wishes) -> None:
        self._keep_distance()
        if self._audience != (wishes.own, wishes.others):
            self._source.invalidate()  # who was not served has missed what changed
        self._audience = (wishes.own, wishes.others)
        captured_us = now_us()
        changed = self._source.grab(wishes.hidden)
        grab_us = now_us() - captured_us
        latest = self._producer.wishes
        if (latest.epoch, latest.hidden) != (wishes.epoch, wishes.hidden):  # it may show what is hidden by now
            self._source.invalidate()
            return
        self._hidden = wishes.hidden
        self._tell_view()
        picture = self._source.picture
        resized = self._maker is None or (picture.width, picture.height) != self._maker.size
        maker = self._new_maker(picture, wishes) if resized else self._maker
        if maker is not None:
            key = wishes.key or resized
            self._make(maker, picture, wishes, changed, key=key, captured_us=captured_us, grab_us=grab_us)

    def _tell_view(self) -> None:
        if self._source.view != self._view:
            self._view = self._source.view
            self._producer.on_view(self._view)

    def _new_maker(self, picture: Picture, wishes: Wishes) -> Maker:
        self._film = None
        self._maker = Maker(picture.width, picture.height, wishes.target_bps, number=self._number)
        return self._maker

    def _make(
        self,
        maker: Maker,
        picture: Picture,
        wishes: Wishes,
        changed: tuple[Rect, ...],
        *,
        key: bool,
        captured_us: int,
        grab_us: int,
    ) -> None:
        begun = time.monotonic()
        order = Order(wishes.target_bps, captured_us, key=key, epoch=wishes.epoch, grab_us=grab_us, exact=wishes.exact)
        unit = maker.make(picture, changed, order) if wishes.own else None
        film = self._filmed(picture, changed, order) if wishes.others else None
        done = time.monotonic()
        self._number = maker.number
        units = tuple(each for each in (unit, film) if each is not None)
        if not units:
            return
        least = LEAST_DISTANCE_S if all(each.tiles for each in units) else self._frame_s(wishes)
        self._next_at = begun + max(least, min(1 / MAX_FPS, _SHARE * (done - begun)))
        self._producer.made(Made(units, grab_us))

    def _frame_s(self, wishes: Wishes) -> float:
        return FRAME_BYTES * 8 / wishes.target_bps

    def _filmed(self, picture: Picture, changed: tuple[Rect, ...], order: Order) -> AccessUnit | None:
        if self._film is None:
            self._film = Film(picture.width, picture.height, order.target_bps)
        return self._film.make(picture, changed, order)

    def _cover(self, wishes: Wishes) -> None:
        """The plain picture, as a key frame: nothing of the screen is left in it to build on."""
        width, height = self._maker.size if self._maker is not None else _PLAIN_SIZE
        plain, everything = PlainPicture(width, height), (whole(width, height),)
        maker = self._maker or self._new_maker(plain, wishes)
        self._make(maker, plain, wishes, everything, key=True, captured_us=now_us(), grab_us=0)
        self._source.invalidate()
        self._covered = wishes.epoch

    def _keep_distance(self) -> None:
        left = self._next_at - time.monotonic()
        if left > 0:
            time.sleep(left)
