"""Encoded H.264 through aiortc's own sender, toward viewers that are not ours: packets, feedback, pace."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from fractions import Fraction
from typing import Any, Final, Protocol

import av
from aiortc import MediaStreamTrack, RTCDtlsTransport, RTCRtpSender, rtcrtpsender
from aiortc.mediastreams import MediaStreamError
from aiortc.rtp import (
    RTCP_PSFB_APP,
    RTCP_PSFB_FIR,
    RTCP_PSFB_PLI,
    RtcpPsfbPacket,
    RtcpRrPacket,
    is_rtcp,
    unpack_remb_fci,
)

from shared.media.encoder import AccessUnit
from shared.media.outbox import Outbox
from shared.media.pacer import Pacer
from shared.media.rtc.pins import PRIVATE

HISTORY: Final = 2048
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
