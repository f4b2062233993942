"""The only file that touches the insides of aiortc and aioice.

What is changed, and why:

- **A wire of our own.** Toward a viewer of ours, ``Wire`` sends and receives packets on the connection's DTLS-SRTP
  transport past aiortc's senders and receivers: those know no pacing, no parity, no retry, hold the last frame back
  until the next one starts, and report once a second also when nothing happens.
- **Packets instead of frames.** Toward a foreign viewer ``PacketTrack`` hands ready-made H.264 to aiortc's sender,
  which then only packs it; ``watch_sender`` shows its key frame requests, receiver reports and REMB, which otherwise
  end inside ``RTCRtpSender``; retransmission remembers ``HISTORY`` packets instead of 128, less than one key frame;
  ``pace`` puts a pacer and a probe for lost tails in front of the transport.
- **Sockets.** ``widen_sockets`` asks for buffers that take a key frame.

Every private name is in ``PRIVATE``; tests/unit/shared/media/test_rtc_pins.py fails when the pinned version, or one of
the shapes relied on, changes.
"""

import asyncio
import contextlib
import secrets
import socket
from collections.abc import Awaitable, Callable, Iterator
from fractions import Fraction
from types import SimpleNamespace
from typing import Any, Final, Protocol

import av
from aiortc import MediaStreamTrack, RTCDtlsTransport, RTCPeerConnection, RTCRtpSender, rtcrtpsender
from aiortc.mediastreams import MediaStreamError
from aiortc.rtp import (
    RTCP_PSFB_APP,
    RTCP_PSFB_FIR,
    RTCP_PSFB_PLI,
    RTCP_SR,
    RtcpPsfbPacket,
    RtcpRrPacket,
    is_rtcp,
    unpack_remb_fci,
)

from shared.media.encoder import AccessUnit
from shared.media.outbox import Outbox
from shared.media.pacer import Pacer
from shared.media.packets import Said, heard, is_ours

PINNED_AIORTC: Final = "1.16.0"
PINNED_AIOICE: Final = "0.13.0"

PRIVATE: Final = SimpleNamespace(
    history_size="RTP_HISTORY_SIZE",  # rtcrtpsender, module
    handle_rtcp="_handle_rtcp_packet",  # RTCRtpSender
    sender_ssrc="_ssrc",  # RTCRtpSender
    send_rtp="_send_rtp",  # RTCDtlsTransport
    handle_rtp_data="_handle_rtp_data",  # RTCDtlsTransport
    handle_rtcp_data="_handle_rtcp_data",  # RTCDtlsTransport
    ice_connection="_connection",  # RTCIceTransport
    ice_protocols="_protocols",  # aioice.Connection
)

HISTORY: Final = 2048
SOCKET_BUFFER: Final = 2 * 1024 * 1024
_TAIL_PROBES_S: Final = (0.03, 0.12, 0.5)
_TIME_BASE: Final = Fraction(1, 1_000_000)
_MAX_LOSS: Final = 256


def enlarge_history() -> None:
    """Lets every sender of this process remember ``HISTORY`` packets."""
    setattr(rtcrtpsender, PRIVATE.history_size, HISTORY)


class PacketTrack(MediaStreamTrack):
    """A video track whose frames are already encoded: they wait in ``outbox``.

    ``on_idle`` is called each time the sender has sent all there is and waits for more. A track that never gets a
    frame is silent: toward a viewer of ours it only stands in the description.
    """

    kind = "video"

    def __init__(self) -> None:
        super().__init__()
        self.outbox = Outbox()
        self.idle = False
        self.on_idle: Callable[[], None] | None = None
        self.on_sent: Callable[[AccessUnit], None] | None = None
        self._filled = asyncio.Event()
        self._sending: AccessUnit | None = None

    def put(self, unit: AccessUnit) -> None:
        self.outbox.put(unit)
        if len(self.outbox):
            self._filled.set()

    async def recv(self) -> Any:
        """The next encoded frame as an ``av.Packet``; aiortc's sender awaits it."""
        if self._sending is not None and self.on_sent is not None:
            self.on_sent(self._sending)
        self._sending = None
        while (unit := self.outbox.pop()) is None:
            if self.readyState != "live":
                raise MediaStreamError
            self._filled.clear()
            self.idle = True
            if self.on_idle is not None:
                self.on_idle()
            await self._filled.wait()
        self.idle = False
        self._sending = unit
        packet = av.Packet(unit.data)
        packet.pts, packet.time_base = unit.captured_us, _TIME_BASE
        return packet

    def stop(self) -> None:
        super().stop()
        self._filled.set()


class SenderEvents(Protocol):
    """What a viewer's feedback says."""

    def key_frame_asked(self) -> None: ...
    def loss_reported(self, loss: float) -> None: ...
    def remb_reported(self, bps: int) -> None: ...


def watch_sender(sender: RTCRtpSender, events: SenderEvents) -> None:
    """Shows every RTCP packet that reaches ``sender`` to ``events``, after aiortc has dealt with it."""
    ssrc: int = getattr(sender, PRIVATE.sender_ssrc)
    inner: Callable[[Any], Awaitable[None]] = getattr(sender, PRIVATE.handle_rtcp)

    async def handle(packet: Any) -> None:
        await inner(packet)
        _tell(events, packet, ssrc)

    setattr(sender, PRIVATE.handle_rtcp, handle)


def _tell(events: SenderEvents, packet: Any, ssrc: int) -> None:
    match packet:
        case RtcpPsfbPacket(fmt=fmt) if fmt in (RTCP_PSFB_PLI, RTCP_PSFB_FIR):
            events.key_frame_asked()
        case RtcpPsfbPacket(fmt=fmt, fci=fci) if fmt == RTCP_PSFB_APP:
            with contextlib.suppress(ValueError):
                bitrate, ssrcs = unpack_remb_fci(fci)
                if ssrc in ssrcs:
                    events.remb_reported(bitrate)
        case RtcpRrPacket(reports=reports):
            for report in reports:
                if report.ssrc == ssrc:
                    events.loss_reported(report.fraction_lost / _MAX_LOSS)
        case _:
            pass


class PacedTransport:
    """Stands in front of a transport's RTP: media is paced; control and retransmissions go at once.

    After the last packet of a burst it is sent again, three times at growing distance: nothing else would tell the
    viewer that the tail of the last frame was lost. A viewer that has it drops the copy as a replay.
    """

    def __init__(self, transport: RTCDtlsTransport, media_ssrc: int, pacer: Pacer) -> None:
        self._send: Callable[[bytes], Awaitable[None]] = getattr(transport, PRIVATE.send_rtp)
        self._media = media_ssrc.to_bytes(4, "big")
        self._pacer = pacer
        self._last = b""
        self._probe: asyncio.TimerHandle | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self.bytes_sent = 0
        setattr(transport, PRIVATE.send_rtp, self.send)

    async def send(self, data: bytes) -> None:
        self.bytes_sent += len(data)
        if is_rtcp(data) or data[8:12] != self._media:
            await self._send(data)
            return
        self._cancel_probe()
        if (delay := self._pacer.wait(asyncio.get_running_loop().time())) > 0:
            await asyncio.sleep(delay)
        self._pacer.take(len(data))
        await self._send(data)
        self._last = data
        self._plan_probe(0)

    def _plan_probe(self, step: int) -> None:
        if step < len(_TAIL_PROBES_S):
            self._probe = asyncio.get_running_loop().call_later(_TAIL_PROBES_S[step], self._send_probe, step)

    def _send_probe(self, step: int) -> None:
        task = asyncio.ensure_future(self._resend())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        self._plan_probe(step + 1)

    async def _resend(self) -> None:
        with contextlib.suppress(ConnectionError):
            await self._send(self._last)

    def _cancel_probe(self) -> None:
        if self._probe is not None:
            self._probe.cancel()
            self._probe = None

    async def close(self) -> None:
        """Ends the probes. Idempotent."""
        self._cancel_probe()
        await asyncio.gather(*self._tasks)


def pace(sender: RTCRtpSender, pacer: Pacer) -> PacedTransport:
    """Paces what ``sender`` sends. Once for a sender, before it starts."""
    return PacedTransport(sender.transport, getattr(sender, PRIVATE.sender_ssrc), pacer)


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


def widen_sockets(connection: RTCPeerConnection) -> None:
    """Asks for socket buffers that hold a key frame; the system may give less. After gathering."""
    for transceiver in connection.getTransceivers():
        for wire in _sockets(transceiver.receiver.transport):
            for option in (socket.SO_RCVBUF, socket.SO_SNDBUF):
                with contextlib.suppress(OSError):
                    wire.setsockopt(socket.SOL_SOCKET, option, SOCKET_BUFFER)


def _sockets(transport: RTCDtlsTransport) -> Iterator[Any]:
    connection = getattr(transport.transport, PRIVATE.ice_connection)
    for protocol in getattr(connection, PRIVATE.ice_protocols):
        get_extra_info = getattr(protocol.transport, "get_extra_info", None)
        wire = get_extra_info("socket") if get_extra_info is not None else None
        if wire is not None:
            yield wire
