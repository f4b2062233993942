"""The agent's end of a shared screen: receives, decodes in a thread, and puts the newest picture where it is painted.

Made and used in one event loop. The sharer is treated as hostile: every size is bounded before it is believed.
"""

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Final, Generic, Literal, Self

from shared.media.cursor import CursorMoved, CursorShape
from shared.media.decoding import Decoded, Decoding, FrameSink, Ready, SlotT, Unit
from shared.media.incoming import Incoming
from shared.media.messages import Layout, Own, PictureShown, Ping, Pong, StreamState
from shared.media.peer import BadDescription, IceServer, Peer, PeerState, announces_wire
from shared.media.rtc.paths import widen_sockets
from shared.media.rtc.wire import Wire
from shared.media.stats import ClockOffset, Counter, Series, ViewerFigures, now_us
from shared.media.voice import VoiceLine

ViewerState = Literal["connecting", "connected", "playing", "paused", "lost", "closed"]

FIGURES_S: Final = 1.0
_QUICK_PINGS: Final = 6
_QUICK_PING_S: Final = 0.1


class Viewer(Generic[SlotT, Ready]):
    """Shows one shared screen. ``frames`` (a FrameWriter) stays the caller's and is not closed here.

    Every callback runs in the event loop that the viewer was made in. ``on_frame`` gets what ``frames.publish`` gave,
    ``on_unit`` every unit as it came, with whether units before it were lost.
    """

    def __init__(
        self,
        frames: FrameSink[SlotT, Ready],
        *,
        on_frame: Callable[[Ready], None],
        on_message: Callable[[str, bytes], None],
        on_state: Callable[[ViewerState], None],
        on_figures: Callable[[ViewerFigures], None] | None = None,
        on_cursor: Callable[[CursorMoved | CursorShape], None] | None = None,
        on_unit: Callable[[bytes, bool], None] | None = None,
        voice: VoiceLine | None = None,
        on_layout: Callable[[Layout], None] | None = None,
    ) -> None:
        self._voice = voice
        self._loop = asyncio.get_running_loop()
        self._on_frame = on_frame
        self._on_message = on_message
        self._on_state = on_state
        self._on_figures = on_figures
        self._on_cursor = on_cursor
        self._on_unit = on_unit
        self._on_layout = on_layout
        self._decoding: Decoding[SlotT, Ready] = Decoding(
            frames,
            on_decoded=lambda decoded: self._call(self._decoded, decoded),
            on_broken=lambda: self._call(self.ask_for_key_frame),
            on_failed=lambda: self._call(self._failed),
        )
        self._peer: Peer | None = None
        self._incoming: Incoming | None = None
        self._clock = ClockOffset()
        self._meter = _Meter(self._loop.time())
        self._timer: asyncio.TimerHandle | None = None
        self._pings = 0
        self._state: ViewerState = "connecting"
        self._paused = self._told_shown = False
        self._closed = False

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    @property
    def state(self) -> ViewerState:
        return self._state

    async def answer(self, offer_sdp: str, ice_servers: Sequence[IceServer]) -> str:
        """A complete answer to the sharer's offer; once for a viewer.

        Raises BadDescription; TimeoutError when no path is found in time; RuntimeError when called again.
        """
        if self._peer is not None or self._closed:
            raise RuntimeError("one offer for a viewer")
        if not announces_wire(offer_sdp):
            raise BadDescription("not from a sharer of ours")
        self._peer = peer = Peer(
            ice_servers,
            on_message=self._on_message,
            on_own=self._own_message,
            on_state=self._peer_changed,
            on_open=self._channel_open,
        )
        peer.accept_channels()
        sdp = await peer.answer(offer_sdp, self._open_wire)
        widen_sockets(peer.connection)
        return sdp

    def send(self, channel: str, data: bytes) -> bool:
        """Sends a message of the session; False: not open, too long, or too much waits already."""
        return self._peer is not None and self._peer.send(channel, data)

    def buffered(self, channel: str) -> int:
        """Bytes that still wait to be sent in a channel."""
        return self._peer.waiting(channel) if self._peer is not None else 0

    async def close(self) -> None:
        """Ends the connection and the decoding; nothing is called back afterwards. Idempotent."""
        self._closed = True
        self._decoding.forbid()
        if self._timer is not None:
            self._timer.cancel()
        if self._voice is not None:
            await self._voice.close()
        if self._incoming is not None:
            await self._incoming.close()
        if self._peer is not None:
            await self._peer.close()
        await asyncio.to_thread(self._decoding.join)

    def _open_wire(self) -> None:
        peer = self._peer
        if peer is not None:
            wire = Wire(peer.connection, on_rtp=lambda data: incoming.packet(data))
            incoming = self._incoming = Incoming(wire.send, self._unit)
            speech = peer.connection.getTransceivers()[1:]
            if self._voice is not None and speech:
                speech[0].sender.replaceTrack(self._voice.track)
                speech[0].direction = "sendrecv"
                self._voice.hear(speech[0].receiver.track)

    def _unit(self, data: bytes, broken: bool) -> None:
        self._meter.bytes.add(len(data))
        if self._peer is not None:
            self._peer.heard()
        if self._on_unit is not None and not self._closed:
            self._on_unit(data, broken)
        if not self._closed and not self._decoding.put(Unit(data, broken, now_us())):
            self.ask_for_key_frame()

    def ask_for_key_frame(self) -> None:
        """Asks the sharer for a picture that needs none before it."""
        if self._incoming is not None and not self._closed:
            self._incoming.ask_for_key_frame()

    def _decoded(self, decoded: Decoded[Ready]) -> None:
        if self._closed:
            return
        captured_us = self._clock.here(decoded.captured_us) if decoded.captured_us else None
        self._meter.decoded(decoded, captured_us)
        if self._state == "connected":
            self._become("playing")
        self._on_frame(decoded.ready)
        if not self._told_shown and self._peer is not None:
            self._told_shown = self._peer.tell(PictureShown())

    def _own_message(self, message: Own) -> None:
        match message:
            case Pong():
                self._clock.add(message.sent_us, message.here_us, now_us())
            case StreamState():
                self._paused = message.paused
                self._become(self._alive())
            case Layout():
                if self._on_layout is not None:
                    self._on_layout(message)
            case CursorMoved() | CursorShape():
                if self._on_cursor is not None:
                    self._on_cursor(message)
            case Ping() | PictureShown():
                pass

    def _channel_open(self, channel: str) -> None:
        if channel == "control":
            self._tick()

    def _peer_changed(self, state: PeerState) -> None:
        if state != "connected":
            self._become(state)
        elif self._state in ("connecting", "lost"):
            self._become(self._alive())

    def _alive(self) -> ViewerState:
        """What a connection that carries shows."""
        if self._paused:
            return "paused"
        return "playing" if self._meter.frames.total else "connected"

    def _failed(self) -> None:
        """No picture can be shown any more, whatever comes."""
        self._become("lost")
        self._closed = True

    def _become(self, state: ViewerState) -> None:
        if state != self._state and self._state != "closed":
            self._state = state
            if not self._closed:
                self._on_state(state)

    def _tick(self) -> None:
        """Pings, quickly at first so that the clocks are known early; then once a second, with the figures."""
        if self._closed or self._peer is None or self._incoming is None:
            return
        self._peer.check_silence()
        self._peer.tell(Ping(now_us()))
        self._pings += 1
        quick = self._pings <= _QUICK_PINGS
        self._timer = self._loop.call_later(_QUICK_PING_S if quick else FIGURES_S, self._tick)
        if not quick and self._on_figures is not None:
            self._on_figures(self._meter.figures(self._loop.time(), self._clock, self._incoming))

    def _call(self, function: Callable[..., None], *args: object) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody is left to be told
            self._loop.call_soon_threadsafe(function, *args)


class _Meter:
    def __init__(self, now: float) -> None:
        self.frames, self.bytes = Counter(now), Counter(now)
        self._total, self._decode, self._convert = Series(), Series(), Series()
        self._grab, self._make, self._network = Series(), Series(), Series()

    def decoded(self, decoded: Decoded[Ready], captured_us: int | None) -> None:
        self.frames.add()
        self._decode.add(decoded.decode_us)
        self._convert.add(decoded.convert_us)
        self._grab.add(decoded.grab_us)
        self._make.add(decoded.make_us)
        if captured_us is not None:
            self._total.add(decoded.ready_us - captured_us)
            left_us = captured_us + decoded.grab_us + decoded.make_us
            self._network.add(max(0, decoded.arrived_us - left_us))

    def figures(self, now: float, clock: ClockOffset, incoming: Incoming) -> ViewerFigures:
        return ViewerFigures(
            fps=self.frames.rate(now),
            kbps=self.bytes.rate(now) * 8 / 1000,
            rtt_ms=clock.rtt_us / 1000,
            capture_to_decoded=self._total.spread(),
            decode=self._decode.spread(),
            convert=self._convert.spread(),
            make=self._make.spread(),
            grab=self._grab.spread(),
            network=self._network.spread(),
            ahead_us=clock.ahead_us,
            lost=incoming.lost,
            nacks=incoming.nacks,
            plis=incoming.plis,
        )
