"""The sending end of the pictures to a viewer that is none of ours (a browser): plain H.264 through aiortc's sender."""

import asyncio
from typing import Final

from aiortc import RTCRtpSender, RTCRtpTransceiver

from shared.media.encoder import AccessUnit
from shared.media.outbox import Outbox
from shared.media.outgoing import LaneEvents
from shared.media.pacer import Pacer
from shared.media.rate import FOREIGN_START_BPS, ForeignReport, next_target, pacing_bps
from shared.media.rtc import sending

_H264: Final = "video/h264"
_RTX: Final = "video/rtx"
_REPORT_S: Final = 0.4
"""Receiver reports that come closer together than this are taken as one."""


def prefer_h264(transceiver: RTCRtpTransceiver) -> None:
    """Offers H.264 and its retransmission only."""
    codecs = RTCRtpSender.getCapabilities("video").codecs
    transceiver.setCodecPreferences([each for each in codecs if each.mimeType.lower() in (_H264, _RTX)])


class ForeignLane:
    """A ``Lane`` through ``track``, which ``sender`` sends."""

    def __init__(self, track: sending.PacketTrack, sender: RTCRtpSender, events: LaneEvents) -> None:
        self._track = track
        self._events = events
        self._loop = asyncio.get_running_loop()
        self.target_bps = FOREIGN_START_BPS
        self._pacer = Pacer(pacing_bps(self.target_bps), self._loop.time())
        self._remb_bps = 0
        self._reported_at = self._loop.time()
        self._reported_bytes = 0
        track.on_idle = events.idle
        track.on_sent = events.sent
        sending.watch_sender(sender, self)
        self._paced = sending.pace(sender, self._pacer)

    @property
    def outbox(self) -> Outbox:
        return self._track.outbox

    @property
    def bytes_sent(self) -> int:
        return self._paced.bytes_sent

    @property
    def waiting(self) -> bool:
        return self._track.idle

    def start(self) -> None:
        """aiortc starts by itself."""

    def put(self, unit: AccessUnit) -> None:
        self._track.put(unit)

    def key_frame_asked(self) -> None:
        self._events.key_frame_asked()

    def remb_reported(self, bps: int) -> None:
        self._remb_bps = bps

    def loss_reported(self, loss: float) -> None:
        self._events.heard()
        now, sent = self._loop.time(), self.bytes_sent
        span = now - self._reported_at
        if span < _REPORT_S:
            return
        rate = (sent - self._reported_bytes) * 8 / span
        self._reported_at, self._reported_bytes = now, sent
        self.target_bps = next_target(self.target_bps, ForeignReport(loss, rate, self._remb_bps))
        self._pacer.rate_bps = pacing_bps(self.target_bps)
        self._remb_bps = 0
        self._events.target_changed()

    async def close(self) -> None:
        self.outbox.clear()
        await self._paced.close()
