"""The customer's end of a shared screen: one capture, one encoder, any number of viewers.

Made and used in one event loop. The relay sees descriptions only; pictures go from peer to peer, encrypted.
"""

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Final, Self

import msgspec

from shared.media.capture import open_pointer
from shared.media.capture.source import PointerSource, ScreenSource, View
from shared.media.cursor import CursorMoved, CursorShape
from shared.media.cursorwatch import CursorWatch
from shared.media.messages import Layout, Own, PictureShown, Ping, Pong, StreamState
from shared.media.peer import Channel, IceServer, PeerState
from shared.media.producer import CaptureChanged, Made, Producer
from shared.media.rate import START_BPS
from shared.media.rtc import paths, sending
from shared.media.stats import Counter, Series, SharerFigures, now_us
from shared.media.viewing import Viewing
from shared.media.voice import VoiceLine
from shared.rules.sharing import Hidden, Pane, Share, SharedWindow

FIGURES_S: Final = 1.0
KEY_INTERVAL_S: Final = 0.4
"""Key frames are made at most this often, whatever the viewers ask."""
SHARED_KEY_INTERVAL_S: Final = 4.0
"""And this often for one viewer while another one follows well: each one costs that other a worse picture."""
MAX_VIEWERS: Final = 16


class PeerChanged(msgspec.Struct, frozen=True, tag=True):
    """The connection to one viewer changed."""

    peer_id: str
    state: PeerState


class PeerSees(msgspec.Struct, frozen=True, tag=True):
    """A viewer has the first picture of its connection before its eyes."""

    peer_id: str


SharerState = PeerChanged | PeerSees | CaptureChanged | View


class TooManyViewers(Exception):
    """``MAX_VIEWERS`` look on already, or this one does."""


class Sharer:
    """Shares monitors or one window. Capture begins with the first connected viewer and rests while there is none.

    ``source`` opens the screen (``open_screen``) and ``pointer`` the pointer; both are called in threads of their own.
    Every callback runs in the event loop that the sharer was made in.
    """

    def __init__(
        self,
        source: Callable[[], ScreenSource],
        share: Share,
        *,
        on_message: Callable[[str, str, bytes], None],
        on_state: Callable[[SharerState], None],
        on_figures: Callable[[SharerFigures], None] | None = None,
        pointer: Callable[[], PointerSource | None] = open_pointer,
        voice: Callable[[str], VoiceLine | None] | None = None,
    ) -> None:
        sending.enlarge_history()
        self._loop = asyncio.get_running_loop()
        self._on_message = on_message
        self._on_state = on_state
        self._on_figures = on_figures
        self._voice = voice
        self._certificate = paths.make_certificate()
        self._viewers: dict[str, Viewing] = {}
        self._successors: dict[str, Viewing] = {}
        """Second connections of viewers: each takes the place of the first as soon as it carries, not before."""
        self._closing: set[asyncio.Task[None]] = set()
        self._producer = Producer(
            source,
            share,
            on_made=lambda made: self._call(self._made, made),
            on_view=lambda view: self._call(self._show, view),
            on_state=lambda state: self._call(self._capture_changed, state),
        )
        self._cursor = CursorWatch(pointer, lambda change: self._call(self._cursor_changed, change))
        self._view: View | None = None
        self._layout: Layout | None = None
        self._limit_bps: int | None = None
        self._meter = _Meter(self._loop.time())
        self._last_key = -KEY_INTERVAL_S
        self._key_timer: asyncio.TimerHandle | None = None
        self._key_asked = False
        """Whether a key frame is on its way from the producer."""
        self._meter_timer = self._loop.call_later(FIGURES_S, self._tick)
        self._stopped = False

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def add_viewer(self, peer_id: str, ice_servers: Sequence[IceServer]) -> str:
        """A complete offer for a new viewer, or for a further connection to one whose path has changed.

        Raises TooManyViewers, or TimeoutError when no path is found in time.
        """
        known = peer_id in self._viewers
        if self._stopped or (not known and len(self._viewers) >= MAX_VIEWERS):
            raise TooManyViewers(peer_id)
        line = self._voice(peer_id) if self._voice is not None else None
        viewing = Viewing(peer_id, ice_servers, self, self._certificate, line)
        places = self._successors if known else self._viewers
        self._retire(places.pop(peer_id, None))
        places[peer_id] = viewing
        try:
            return await viewing.offer()
        except BaseException:
            if places.get(peer_id) is viewing:
                del places[peer_id]
            await viewing.close()
            raise

    async def set_answer(self, peer_id: str, sdp: str) -> None:
        """Raises BadDescription; KeyError for a viewer that is not there."""
        viewing = self._successors.get(peer_id) or self._viewers[peer_id]
        await viewing.accept_answer(sdp)

    async def remove_viewer(self, peer_id: str) -> None:
        """Ends the connection to one viewer; an unknown one is none."""
        self._retire(self._successors.pop(peer_id, None))
        viewing = self._viewers.pop(peer_id, None)
        if viewing is not None:
            await viewing.close()
            self._audience_changed()

    def send(self, peer_id: str, channel: str, data: bytes) -> bool:
        """Sends a message of the session; False: not there, not open, too long, or too much waits already."""
        viewing = self._viewers.get(peer_id)
        return viewing is not None and viewing.send(channel, data)

    def buffered(self, peer_id: str, channel: str) -> int:
        """Bytes that still wait to be sent to a viewer in a channel; none for one that is not there."""
        viewing = self._viewers.get(peer_id)
        return viewing.buffered(channel) if viewing is not None else 0

    def choose(self, share: Share) -> None:
        """Shows this instead. Frames of what was shown before that are not on their way yet are dropped."""
        if not self._stopped:
            self._producer.choose(share)
            self._drop_waiting()
            self.idle()

    def hide(self, hidden: Hidden) -> None:
        """Covers all of this; no frame grabbed after this returns lacks the cover."""
        self._producer.hide(hidden)

    def set_exact(self, exact: bool) -> None:
        """Whether every frame is to be exact to the last bit, rather fewer of them where the path is thin."""
        self._producer.set_exact(exact)

    def set_limit(self, limit_bps: int | None) -> None:
        """What the pictures may take a second at most, whatever the path could carry."""
        if limit_bps != self._limit_bps:
            self._limit_bps = limit_bps
            self._steer()

    def pause(self) -> None:
        """One plain picture, then nothing. Frames of the screen that are not on their way yet are dropped."""
        if self._stopped or self._producer.wishes.paused:
            return
        self._producer.pause()
        self._drop_waiting()
        self._paused_changed(True)

    def resume(self) -> None:
        if self._stopped or not self._producer.wishes.paused:
            return
        self._producer.resume()
        self._paused_changed(False)

    async def stop(self) -> None:
        """Ends capture at once, then every connection. Idempotent."""
        self._producer.forbid()
        self._cursor.forbid()
        if self._stopped:
            return
        self._stopped = True
        self._meter_timer.cancel()
        if self._key_timer is not None:
            self._key_timer.cancel()
        for viewing in self._viewers.values():
            viewing.drop_waiting()
        await asyncio.gather(*(self.remove_viewer(peer_id) for peer_id in list(self._viewers)))
        await asyncio.gather(*self._closing)
        await asyncio.to_thread(self._producer.join)
        await asyncio.to_thread(self._cursor.join)

    # from the capture and cursor threads, brought into the loop

    def _call(self, function: Callable[..., None], *args: object) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody is left to be told
            self._loop.call_soon_threadsafe(function, *args)

    def _made(self, made: Made) -> None:
        self._key_asked &= not made.units[0].key
        if made.units[0].epoch == self._producer.wishes.epoch:
            self._meter.made(made)
            for viewing in self._viewers.values():
                for unit in made.units:
                    if unit.film is viewing.foreign:
                        viewing.put(unit)
        self.idle()

    def _show(self, view: View) -> None:
        """The picture shows this now, or the window in it has moved."""
        if self._stopped:
            return
        before, self._view = self._view, view
        self._follow_cursor()
        self._lay_out(view)
        self._on_state(view)
        size = view.bounds.width, view.bounds.height
        if before is None or size != (before.bounds.width, before.bounds.height):
            self._on_state(CaptureChanged("running", width=view.bounds.width, height=view.bounds.height))

    def _lay_out(self, view: View | None) -> None:
        layout = Layout(0, 0, ()) if view is None else layout_of(view, window=self._shares_window)
        if layout != self._layout:
            self._layout = layout
            for viewing in self._viewers.values():
                viewing.tell(layout)

    @property
    def _shares_window(self) -> bool:
        return isinstance(self._producer.share, SharedWindow)

    def _capture_changed(self, change: CaptureChanged) -> None:
        if change.state == "gone":
            self._view = None
            self._lay_out(None)
            self._follow_cursor()
        self._on_state(change)

    def _drop_waiting(self) -> None:
        for viewing in self._viewers.values():
            viewing.drop_waiting()

    def _cursor_changed(self, change: CursorMoved | CursorShape) -> None:
        channel: Channel = "cursor" if isinstance(change, CursorMoved) else "control"
        for viewing in self._viewers.values():
            viewing.tell(change, channel)

    # from the viewers' connections (ViewingEvents)

    def message(self, viewing: Viewing, channel: str, data: bytes) -> None:
        self._on_message(viewing.peer_id, channel, data)

    def own_message(self, viewing: Viewing, message: Own) -> None:
        if isinstance(message, Ping):
            viewing.tell(Pong(message.sent_us, now_us()))
        elif isinstance(message, PictureShown):
            self._on_state(PeerSees(viewing.peer_id))

    def channel_open(self, viewing: Viewing) -> None:
        viewing.tell(StreamState(self._producer.wishes.paused))
        if self._layout is not None:
            viewing.tell(self._layout)
        if self._cursor.shape is not None:
            viewing.tell(self._cursor.shape)
        if self._cursor.place is not None:
            viewing.tell(self._cursor.place)

    def state_changed(self, viewing: Viewing, state: PeerState) -> None:
        if self._successors.get(viewing.peer_id) is viewing:
            if state != "connected":
                return
            self._retire(self._viewers.get(viewing.peer_id))
            self._viewers[viewing.peer_id] = self._successors.pop(viewing.peer_id)
        elif self._viewers.get(viewing.peer_id, viewing) is not viewing:
            return
        self._steer()
        self._audience_changed()
        self._on_state(PeerChanged(viewing.peer_id, state))

    def idle(self) -> None:
        """A frame may be made once somebody can take it at once; who has to wait for a key frame counts only when
        nobody else is there, or one is due."""
        following = [viewing for viewing in self._viewers.values() if viewing.follows]
        audience = self._viewers.values() if self._key_asked else following or self._viewers.values()
        self._producer.set_ready(any(viewing.waiting for viewing in audience))

    def key_wanted(self, viewing: Viewing) -> None:
        """Asks for a key frame now, or as soon as the last one is long enough ago."""
        if self._stopped or self._key_asked:
            return
        others = any(other.follows for other in self._viewers.values() if other is not viewing)
        interval = SHARED_KEY_INTERVAL_S if others and viewing.had_key else KEY_INTERVAL_S
        wait = self._last_key + interval - self._loop.time()
        if self._key_timer is None or self._key_timer.when() > self._loop.time() + wait:
            if self._key_timer is not None:
                self._key_timer.cancel()
            self._key_timer = self._loop.call_later(max(0.0, wait), self._ask_key)

    def target_changed(self) -> None:
        self._steer()

    def sent(self, captured_us: int, now: int) -> None:
        self._meter.send.add(now - captured_us)

    def _retire(self, viewing: Viewing | None) -> None:
        """Closes a connection that another one has replaced."""
        if viewing is not None:
            closing = asyncio.ensure_future(viewing.close())
            self._closing.add(closing)
            closing.add_done_callback(self._closing.discard)

    def _ask_key(self) -> None:
        self._key_timer = None
        self._last_key = self._loop.time()
        self._key_asked = True
        self._producer.ask_key()

    def _audience_changed(self) -> None:
        if self._stopped:
            return
        if any(viewing.peer.state == "connected" for viewing in self._viewers.values()):
            self._producer.start()
        seen = [viewing.foreign for viewing in self._viewers.values() if viewing.peer.state == "connected"]
        self._producer.set_audience(own=not all(seen) or not seen, others=any(seen))
        self._follow_cursor()
        self.idle()

    def _follow_cursor(self) -> None:
        seen = any(viewing.peer.state == "connected" for viewing in self._viewers.values())
        self._cursor.follow(self._view if seen and not self._producer.wishes.paused else None)

    def _paused_changed(self, paused: bool) -> None:
        for viewing in self._viewers.values():
            viewing.tell(StreamState(paused))
        self._follow_cursor()
        self.idle()
        self._on_state(CaptureChanged("paused" if paused else "running"))

    def _steer(self) -> int:
        """The best path sets the rate: a slow viewer skips frames rather than make all of them poor."""
        target = max((viewing.target_bps for viewing in self._viewers.values()), default=START_BPS)
        if self._limit_bps is not None:
            target = min(target, self._limit_bps)
        self._producer.set_target(target)
        return target

    def _tick(self) -> None:
        """Once a second: the rate of the best path steers the encoder, and the figures are told."""
        self._meter_timer = self._loop.call_later(FIGURES_S, self._tick)
        for viewing in list(self._viewers.values()):
            viewing.peer.check_silence()
        viewers = [viewing for viewing in self._viewers.values() if viewing.peer.state == "connected"]
        target = self._steer()
        if viewers and self._on_figures is not None:
            dropped = sum(viewing.dropped for viewing in viewers)
            self._on_figures(self._meter.figures(self._loop.time(), len(viewers), target, dropped))


def layout_of(view: View, *, window: bool) -> Layout:
    """A view as its viewers are told of it: in picture coordinates."""
    bounds = view.bounds
    panes = tuple(Pane(pane.id, pane.name, pane.area.moved(-bounds.x, -bounds.y)) for pane in view.panes)
    return Layout(bounds.width, bounds.height, panes, window=window, away=view.away)


class _Meter:
    def __init__(self, now: float) -> None:
        self._frames, self._bytes = Counter(now), Counter(now)
        self._grab, self._convert, self._encode, self.send = Series(), Series(), Series(), Series()
        self._keys = 0

    def made(self, made: Made) -> None:
        unit = made.units[0]
        self._frames.add()
        self._bytes.add(len(unit.data))
        self._grab.add(made.grab_us)
        self._convert.add(unit.convert_us)
        self._encode.add(unit.convert_us + unit.encode_us)
        self._keys += unit.key

    def figures(self, now: float, viewers: int, target_bps: int, dropped: int) -> SharerFigures:
        return SharerFigures(
            fps=self._frames.rate(now),
            kbps=self._bytes.rate(now) * 8 / 1000,
            target_kbps=target_bps / 1000,
            viewers=viewers,
            grab=self._grab.spread(),
            convert=self._convert.spread(),
            encode=self._encode.spread(),
            send=self.send.spread(),
            dropped=dropped,
            key_frames=self._keys,
        )
