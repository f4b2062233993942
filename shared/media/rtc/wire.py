"""Packets of our own kinds on a connection's transport."""

import secrets
from collections.abc import Awaitable, Callable

from aiortc import RTCPeerConnection
from aiortc.rtp import RTCP_SR, is_rtcp

from shared.media.packets import Said, heard, is_ours
from shared.media.rtc.pins import PRIVATE


class Wire:
    """Packets of our own kinds (shared.media.packets) on a connection's transport, beside whatever aiortc does there.

    Encrypted and authenticated like all else on it. What aiortc's own sender reports once a second about a stream that
    it does not send is kept back, so that a still screen is silent.
    """

    def __init__(
        self,
        connection: RTCPeerConnection,
        *,
        on_rtp: Callable[[bytes], None] | None = None,
        on_said: Callable[[Said], None] | None = None,
    ) -> None:
        transport = connection.getTransceivers()[0].sender.transport
        self._send: Callable[[bytes], Awaitable[None]] = getattr(transport, PRIVATE.send_rtp)
        self._rtp: Callable[..., Awaitable[None]] = getattr(transport, PRIVATE.handle_rtp_data)
        self._rtcp: Callable[[bytes], Awaitable[None]] = getattr(transport, PRIVATE.handle_rtcp_data)
        self._on_rtp, self._on_said = on_rtp, on_said
        self.ssrcs = 1 + secrets.randbits(31), (1 << 31) + secrets.randbits(31)
        setattr(transport, PRIVATE.send_rtp, self._send_quietly)
        setattr(transport, PRIVATE.handle_rtp_data, self._take_rtp)
        setattr(transport, PRIVATE.handle_rtcp_data, self._take_rtcp)

    async def send(self, packet: bytes) -> None:
        """Sends an RTP or RTCP packet. Raises ConnectionError."""
        await self._send(packet)

    async def _send_quietly(self, data: bytes) -> None:
        if not (is_rtcp(data) and data[1] == RTCP_SR):
            await self._send(data)

    async def _take_rtp(self, data: bytes, arrival_time_ms: int) -> None:
        if not is_ours(data):
            await self._rtp(data, arrival_time_ms=arrival_time_ms)
        elif self._on_rtp is not None:
            self._on_rtp(data)

    async def _take_rtcp(self, data: bytes) -> None:
        said = heard(data)
        if said is None:
            await self._rtcp(data)
        elif self._on_said is not None:
            self._on_said(said)
