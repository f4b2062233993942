"""The only file that touches the insides of aiortc and aioice.

What is changed, and why:

- **Packets instead of frames.** ``PacketTrack`` hands ready-made H.264 to aiortc's sender, which then only packs it.
- **Feedback.** Key frame requests, receiver reports and REMB end inside ``RTCRtpSender``; ``watch_sender`` shows them.
- **History.** Retransmission remembers 128 packets, less than one key frame; here ``HISTORY``.
- **Pacing.** ``pace`` puts a pacer and a probe for lost tails in front of the transport.
- **Reassembly.** ``replace_reassembly`` takes the place of the buffer that holds the last frame back until the next one
  starts, and of NACK without a retry.
- **Sockets.** ``widen_sockets`` asks for buffers that take a key frame.

Every private name is in ``PRIVATE``; tests/unit/shared/media/test_rtc_pins.py fails when the pinned version, or one of
the shapes relied on, changes.
"""

import asyncio
import contextlib
import ipaddress
import socket
from collections.abc import Awaitable, Callable, Iterator
from fractions import Fraction
from types import SimpleNamespace
from typing import Any, Final, Protocol

import av
from aiortc import MediaStreamTrack, RTCDtlsTransport, RTCPeerConnection, RTCRtpReceiver, RTCRtpSender, rtcrtpsender
from aiortc.mediastreams import MediaStreamError
from aiortc.rtp import (
    RTCP_PSFB_APP,
    RTCP_PSFB_FIR,
    RTCP_PSFB_PLI,
    RTCP_RTPFB_NACK,
    RtcpPsfbPacket,
    RtcpRrPacket,
    RtcpRtpfbPacket,
    RtpPacket,
    is_rtcp,
    unpack_remb_fci,
)

from shared.media.encoder import AccessUnit
from shared.media.outbox import Outbox
from shared.media.pacer import Pacer
from shared.media.reassembly import Piece, Reassembly

PINNED_AIORTC: Final = "1.16.0"
PINNED_AIOICE: Final = "0.13.0"

PRIVATE: Final = SimpleNamespace(
    history_size="RTP_HISTORY_SIZE",  # rtcrtpsender, module
    handle_rtcp="_handle_rtcp_packet",  # RTCRtpSender
    sender_ssrc="_ssrc",  # RTCRtpSender
    send_rtp="_send_rtp",  # RTCDtlsTransport
    jitter_buffer="_RTCRtpReceiver__jitter_buffer",  # RTCRtpReceiver
    nack_generator="_RTCRtpReceiver__nack_generator",  # RTCRtpReceiver
    send_nack="_send_rtcp_nack",  # RTCRtpReceiver
    send_pli="_send_rtcp_pli",  # RTCRtpReceiver
    payload="_data",  # RtpPacket, set by RTCRtpReceiver
    ice_connection="_connection",  # RTCIceTransport
    ice_protocols="_protocols",  # aioice.Connection
    ice_nominated="_nominated",  # aioice.Connection
)

HISTORY: Final = 2048
SOCKET_BUFFER: Final = 2 * 1024 * 1024
PLI_INTERVAL_S: Final = 0.5
_TAIL_PROBES_S: Final = (0.03, 0.12, 0.5)
_TIME_BASE: Final = Fraction(1, 1_000_000)
_MAX_LOSS: Final = 256


def enlarge_history() -> None:
    """Lets every sender of this process remember ``HISTORY`` packets."""
    setattr(rtcrtpsender, PRIVATE.history_size, HISTORY)


class PacketTrack(MediaStreamTrack):
    """A video track whose frames are already encoded: they wait in ``outbox``.

    ``on_idle`` is called each time the sender has sent all there is and waits for more.
    """

    kind = "video"

    def __init__(self, on_idle: Callable[[], None]) -> None:
        super().__init__()
        self.outbox = Outbox()
        self.idle = False
        self.on_sent: Callable[[AccessUnit], None] | None = None
        self._on_idle = on_idle
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
            self._on_idle()
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
    def nack_received(self, count: int) -> None: ...


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
        case RtcpRtpfbPacket(fmt=fmt, lost=lost) if fmt == RTCP_RTPFB_NACK:
            events.nack_received(len(lost))
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
        await self._pacer.admit(len(data))
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


class UnitReceiver:
    """Takes the place of a receiver's jitter buffer and NACK generator; hands out access units as they complete.

    ``on_unit(unit, broken)``: ``broken`` says that units before this one were given up.
    """

    def __init__(self, receiver: RTCRtpReceiver, on_unit: Callable[[bytes, bool], None]) -> None:
        self._nack: Callable[[int, list[int]], Awaitable[None]] = getattr(receiver, PRIVATE.send_nack)
        self._pli: Callable[[int], Awaitable[None]] = getattr(receiver, PRIVATE.send_pli)
        self._on_unit = on_unit
        self._reassembly = Reassembly()
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._ssrc = 0
        self._last_pli = -PLI_INTERVAL_S
        self.rtt_s = 0.0
        self.bytes_received = self.packets_received = 0
        self.nacks = self.plis = 0
        setattr(receiver, PRIVATE.jitter_buffer, self)
        setattr(receiver, PRIVATE.nack_generator, _NoNack())

    @property
    def lost(self) -> int:
        return self._reassembly.lost

    def add(self, packet: RtpPacket) -> tuple[bool, None]:
        """Called by aiortc for every packet of the stream; it gets neither a PLI nor a frame to deal with."""
        data: bytes = getattr(packet, PRIVATE.payload)
        self._ssrc = packet.ssrc
        self.packets_received += 1
        self.bytes_received += len(packet.payload)
        units = self._reassembly.add(packet.sequence_number, Piece(data, bool(packet.marker)), self._loop.time())
        for unit in units:
            self._on_unit(unit, self._reassembly.take_broken())
        self._plan()
        return False, None

    def ask_for_key_frame(self) -> bool:
        """Sends a PLI unless one went out just now, or no packet has come yet. True when it was sent."""
        now = self._loop.time()
        if not self._ssrc or now - self._last_pli < PLI_INTERVAL_S:
            return False
        self._last_pli = now
        self.plis += 1
        self._start(self._pli(self._ssrc))
        return True

    def _plan(self) -> None:
        due = self._reassembly.next_due()
        if self._timer is None and due is not None:
            self._timer = self._loop.call_at(due, self._ask)

    def _ask(self) -> None:
        self._timer = None
        now = self._loop.time()
        if self._reassembly.give_up(now):
            self.ask_for_key_frame()
        if numbers := self._reassembly.due(now, self.rtt_s):
            self.nacks += len(numbers)
            self._start(self._nack(self._ssrc, numbers))
        self._plan()

    def _start(self, sending: Awaitable[None]) -> None:
        task = asyncio.ensure_future(sending)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """Ends the timer. Idempotent."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        await asyncio.gather(*self._tasks)


class _NoNack:
    """aiortc asks this whether a packet was missed; ``UnitReceiver`` asks for what is missing itself."""

    missing: frozenset[int] = frozenset()

    def add(self, packet: RtpPacket) -> bool:
        del packet
        return False


def is_near(connection: RTCPeerConnection) -> bool:
    """Whether the connected path runs between two hosts of private networks, with no relay or translator between."""
    for transceiver in connection.getTransceivers():
        ice = getattr(transceiver.receiver.transport.transport, PRIVATE.ice_connection)
        for pair in getattr(ice, PRIVATE.ice_nominated).values():
            ends = (pair.local_candidate, pair.remote_candidate)
            return all(end.type == "host" and ipaddress.ip_address(end.host).is_private for end in ends)
    return False


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
