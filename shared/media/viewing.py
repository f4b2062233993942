"""One viewer, as the sharer knows it: its connection, its queue of frames, and what its path can carry."""

import asyncio
from collections.abc import Sequence
from typing import Final, Protocol

from aiortc import RTCCertificate, RTCRtpSender

from shared.media import rtc
from shared.media.encoder import AccessUnit
from shared.media.messages import Own
from shared.media.pacer import Pacer
from shared.media.peer import Channel, IceServer, Peer, PeerState
from shared.media.rate import START_BPS, START_NEAR_BPS, Report, next_target, pacing_bps
from shared.media.stats import now_us

_H264: Final = "video/h264"
_RTX: Final = "video/rtx"
_REPORT_S: Final = 0.4
"""Receiver reports that come closer together than this are taken as one."""


class ViewingEvents(Protocol):
    """What a viewing tells the sharer."""

    def message(self, viewing: "Viewing", channel: str, data: bytes) -> None: ...
    def own_message(self, viewing: "Viewing", message: Own) -> None: ...
    def state_changed(self, viewing: "Viewing", state: PeerState) -> None: ...
    def channel_open(self, viewing: "Viewing") -> None: ...
    def idle(self) -> None: ...
    def key_wanted(self) -> None: ...
    def sent(self, captured_us: int, now: int) -> None: ...


class Viewing:
    """The sharing end of one connection."""

    def __init__(
        self, peer_id: str, ice_servers: Sequence[IceServer], events: ViewingEvents, certificate: RTCCertificate
    ) -> None:
        self.peer_id = peer_id
        self._events = events
        self._loop = asyncio.get_running_loop()
        self.peer = Peer(
            ice_servers,
            on_message=lambda channel, data: events.message(self, channel, data),
            on_own=lambda message: events.own_message(self, message),
            on_state=self._state_changed,
            on_open=lambda channel: events.channel_open(self) if channel == "control" else None,
            certificate=certificate,
        )
        self.track = rtc.PacketTrack(self._idle)
        self.track.on_sent = lambda unit: events.sent(unit.captured_us, now_us())
        self.target_bps = START_BPS
        self._pacer = Pacer(pacing_bps(START_BPS), self._loop.time())
        self._paced = self._add_track()
        self._remb_bps = 0
        self._reported_at = self._loop.time()
        self._reported_bytes = 0
        self.peer.open_channels()

    def _add_track(self) -> rtc.PacedTransport:
        transceiver = self.peer.connection.addTransceiver(self.track, direction="sendonly")
        codecs = RTCRtpSender.getCapabilities("video").codecs
        transceiver.setCodecPreferences([each for each in codecs if each.mimeType.lower() in (_H264, _RTX)])
        rtc.watch_sender(transceiver.sender, self)
        return rtc.pace(transceiver.sender, self._pacer)

    async def offer(self) -> str:
        sdp = await self.peer.offer()
        rtc.widen_sockets(self.peer.connection)
        return sdp

    @property
    def waiting(self) -> bool:
        """Whether it has sent all it had and can take the next frame at once."""
        return self.track.idle and self.peer.state == "connected"

    @property
    def bytes_sent(self) -> int:
        return self._paced.bytes_sent

    @property
    def dropped(self) -> int:
        return self.track.outbox.dropped

    def put(self, unit: AccessUnit) -> None:
        if self.peer.state != "connected":
            return
        self.track.put(unit)
        if self.track.idle and self.track.outbox.needs_key:
            self._events.key_wanted()

    def drop_waiting(self) -> None:
        """Forgets the frames that are not on their way yet."""
        self.track.outbox.clear()

    def send(self, channel: str, data: bytes) -> bool:
        return self.peer.send(channel, data)

    def buffered(self, channel: str) -> int:
        return self.peer.waiting(channel)

    def tell(self, message: Own, channel: Channel = "control") -> bool:
        return self.peer.tell(message, channel)

    def _state_changed(self, state: PeerState) -> None:
        if state == "connected" and rtc.is_near(self.peer.connection):
            self._set_target(START_NEAR_BPS)
        self._events.state_changed(self, state)

    def _set_target(self, target_bps: int) -> None:
        self.target_bps = target_bps
        self._pacer.rate_bps = pacing_bps(target_bps)

    def _idle(self) -> None:
        if self.track.outbox.needs_key:
            self._events.key_wanted()
        self._events.idle()

    def key_frame_asked(self) -> None:
        self._events.key_wanted()

    def nack_received(self, count: int) -> None:
        """Counted by the viewer already; the rate follows losses as they are reported."""

    def remb_reported(self, bps: int) -> None:
        self._remb_bps = bps

    def loss_reported(self, loss: float) -> None:
        self.peer.heard()
        now, sent = self._loop.time(), self.bytes_sent
        span = now - self._reported_at
        if span < _REPORT_S:
            return
        rate = (sent - self._reported_bytes) * 8 / span
        self._reported_at, self._reported_bytes = now, sent
        self._set_target(next_target(self.target_bps, Report(loss, rate, self._remb_bps)))
        self._remb_bps = 0

    async def close(self) -> None:
        self.track.outbox.clear()
        await self._paced.close()
        await self.peer.close()
        await self._paced.close()
