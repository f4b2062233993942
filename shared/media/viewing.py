"""One viewer, as the sharer knows it: its connection, its queue of frames, and what its path can carry."""

from collections.abc import Sequence
from typing import Final, Protocol

from aiortc import MediaStreamTrack, RTCCertificate, RTCRtpSender

from shared.media.encoder import AccessUnit
from shared.media.foreign import ForeignLane, prefer_h264
from shared.media.messages import Own
from shared.media.outgoing import Lane, Outgoing
from shared.media.peer import Channel, IceServer, Peer, PeerState, announces_wire
from shared.media.rate import START_BPS
from shared.media.rtc.paths import widen_sockets
from shared.media.rtc.sending import PacketTrack
from shared.media.rtc.wire import Wire
from shared.media.stats import now_us
from shared.media.voice import VoiceLine

_OPUS: Final = "audio/opus"


class ViewingEvents(Protocol):
    """What a viewing tells the sharer."""

    def message(self, viewing: "Viewing", channel: str, data: bytes) -> None: ...
    def own_message(self, viewing: "Viewing", message: Own) -> None: ...
    def state_changed(self, viewing: "Viewing", state: PeerState) -> None: ...
    def channel_open(self, viewing: "Viewing") -> None: ...
    def idle(self) -> None: ...
    def key_wanted(self, viewing: "Viewing") -> None: ...
    def target_changed(self) -> None: ...
    def sent(self, captured_us: int, now: int) -> None: ...


class Viewing:
    """The sharing end of one connection. How pictures go is settled by the viewer's answer: ``lane``."""

    def __init__(
        self,
        peer_id: str,
        ice_servers: Sequence[IceServer],
        events: ViewingEvents,
        certificate: RTCCertificate,
        voice: VoiceLine | None = None,
    ) -> None:
        self.peer_id = peer_id
        self._events = events
        self.peer = Peer(
            ice_servers,
            on_message=lambda channel, data: events.message(self, channel, data),
            on_own=lambda message: events.own_message(self, message),
            on_state=self._state_changed,
            on_open=lambda channel: events.channel_open(self) if channel == "control" else None,
            certificate=certificate,
        )
        self._track = PacketTrack()
        self._sender = self._add_track()
        self.lane: Lane | None = None
        self.had_key = False
        """Whether it was ever sent a picture."""
        self._voice = voice
        if voice is not None:
            speech = self.peer.connection.addTransceiver(voice.track, direction="sendrecv")
            speech.setCodecPreferences(
                [each for each in RTCRtpSender.getCapabilities("audio").codecs if each.mimeType.lower() == _OPUS]
            )
            self.peer.connection.on("track", self._hear)
        self.peer.open_channels()

    def _add_track(self) -> RTCRtpSender:
        transceiver = self.peer.connection.addTransceiver(self._track, direction="sendonly")
        prefer_h264(transceiver)
        return transceiver.sender

    def _hear(self, track: MediaStreamTrack) -> None:
        """The other end's answer has brought its track."""
        if self._voice is not None and track.kind == "audio":
            self._voice.hear(track)

    async def offer(self) -> str:
        sdp = await self.peer.offer()
        widen_sockets(self.peer.connection)
        return sdp

    async def accept_answer(self, sdp: str) -> None:
        """Raises BadDescription."""
        if self.lane is None:
            self.lane = self._own_lane() if announces_wire(sdp) else ForeignLane(self._track, self._sender, self)
        await self.peer.accept_answer(sdp)

    def _own_lane(self) -> Lane:
        wire = Wire(self.peer.connection, on_said=lambda said: lane.said(said))
        lane = Outgoing(wire.send, wire.ssrcs, self)
        return lane

    @property
    def foreign(self) -> bool:
        """Whether this is no viewer of ours: it gets video in 4:2:0, and no tiles."""
        return isinstance(self.lane, ForeignLane)

    @property
    def target_bps(self) -> int:
        return self.lane.target_bps if self.lane is not None else START_BPS

    @property
    def waiting(self) -> bool:
        """Whether it has sent all it had and can take the next frame at once."""
        return self.lane is not None and self.lane.waiting and self.peer.state == "connected"

    @property
    def follows(self) -> bool:
        """Whether it can take a frame that builds on the last one."""
        return self.lane is not None and not self.lane.outbox.needs_key and self.peer.state == "connected"

    @property
    def bytes_sent(self) -> int:
        return self.lane.bytes_sent if self.lane is not None else 0

    @property
    def dropped(self) -> int:
        return self.lane.outbox.dropped if self.lane is not None else 0

    def put(self, unit: AccessUnit) -> None:
        if self.lane is None:
            return
        if self.peer.state != "connected":
            self.lane.outbox.clear()  # it misses this one: what follows would build on what it has not seen
            return
        self.lane.put(unit)
        self.had_key |= unit.key
        if self.lane.waiting and self.lane.outbox.needs_key:
            self._events.key_wanted(self)

    def drop_waiting(self) -> None:
        """Forgets the frames that are not on their way yet."""
        if self.lane is not None:
            self.lane.outbox.clear()

    def send(self, channel: str, data: bytes) -> bool:
        return self.peer.send(channel, data)

    def buffered(self, channel: str) -> int:
        return self.peer.waiting(channel)

    def tell(self, message: Own, channel: Channel = "control") -> bool:
        return self.peer.tell(message, channel)

    def _state_changed(self, state: PeerState) -> None:
        if state == "connected" and self.lane is not None:
            self.lane.start()
        self._events.state_changed(self, state)
        if state == "connected" and self.had_key and not self.follows:
            self._events.key_wanted(self)

    # from the lane (LaneEvents)

    def idle(self) -> None:
        if self.waiting and not self.follows:
            self._events.key_wanted(self)
        self._events.idle()

    def key_frame_asked(self) -> None:
        self._events.key_wanted(self)

    def sent(self, unit: AccessUnit) -> None:
        self._events.sent(unit.captured_us, now_us())

    def heard(self) -> None:
        self.peer.heard()

    def target_changed(self) -> None:
        self._events.target_changed()

    async def close(self) -> None:
        if self._voice is not None:
            await self._voice.close()
        if self.lane is not None:
            await self.lane.close()
        await self.peer.close()
        if self.lane is not None:
            await self.lane.close()
