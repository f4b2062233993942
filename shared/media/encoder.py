"""One H.264 encoder for every viewer: libx264 through PyAV, no picture delayed, rate and quality turned while it runs.

4:4:4 ("High 4:4:4 Predictive") is the rule for our own viewer: at the same settings coloured text reaches 41 dB where
4:2:0 stops at 28, for a fifth more bits and 2 ms more (1080p page of text, scrolling). ``ultrafast`` is the rule
because at 1080p it takes 10 ms where ``superfast`` takes 13.
"""

import time
from fractions import Fraction
from typing import Final, cast

import av
import msgspec
from av.error import FFmpegError
from av.video.frame import PictureType

from shared.media.avtypes import FrameEncoder
from shared.media.capture.source import Picture, Rect, whole
from shared.media.colour import Chroma, Converter, converter
from shared.media.liveoptions import LiveOptions, LiveOptionsError
from shared.media.refine import MOVING_CRF

_NOMINAL_FPS: Final = 30
BURST_S: Final = 0.3
"""How much of a second's budget one frame may take at most: so the time that the first picture takes."""
_RATE_STEP: Final = 0.1
_TIME_BASE: Final = Fraction(1, 1_000_000)


class EncoderError(Exception):
    """libx264 cannot be opened, steered or fed."""


class AccessUnit(msgspec.Struct, frozen=True):
    """One frame of video or its like in tiles, with its stamp in front. Who has nothing yet can begin with a ``key``.

    ``epoch`` tells units from before a pause or stop from later ones.
    """

    data: bytes
    key: bool
    captured_us: int
    epoch: int
    convert_us: int
    encode_us: int
    tiles: bool = False
    film: bool = False
    """For viewers who know video only."""


class Encoder:
    """Encodes pictures of one size, or the part of them that begins at ``origin``. Used by one thread.

    ``every_speck``: also what changed by next to nothing, as text does; of the noise of a film it is three quarters
    of the bytes. Raises EncoderError when it cannot be opened.
    """

    def __init__(
        self,
        width: int,
        height: int,
        *,
        target_bps: int,
        chroma: Chroma = Chroma.FULL,
        origin: tuple[int, int] = (0, 0),
        every_speck: bool = True,
    ) -> None:
        step = chroma.step
        self.width = width - width % step
        self.height = height - height % step
        self._origin = origin
        self._chroma = chroma
        self._every_speck = every_speck
        self._converter: Converter = converter()
        self._frame = av.VideoFrame(self.width, self.height, chroma.value)
        self._target_bps = self._maxrate = target_bps
        self._crf = MOVING_CRF
        try:
            codec = self._open()
            self._live = LiveOptions(codec)
        except (FFmpegError, LiveOptionsError) as error:
            raise EncoderError("cannot open libx264") from error
        self._codec = cast(FrameEncoder, codec)
        self._last_us = -1

    def _open(self) -> av.VideoCodecContext:
        codec = av.CodecContext.create("libx264", "w")
        codec.width, codec.height = self.width, self.height
        codec.pix_fmt = self._chroma.value
        codec.time_base = _TIME_BASE
        codec.framerate = Fraction(_NOMINAL_FPS)
        codec.gop_size = 1_000_000  # a key frame when somebody needs one, never by the clock
        codec.thread_count = 2
        codec.options = {
            "preset": "ultrafast",
            "tune": "zerolatency",
            "crf": f"{self._crf:g}",
            "maxrate": str(self._target_bps),
            "bufsize": str(int(self._target_bps * BURST_S)),
            "forced-idr": "1",
            "x264-params": f"dct-decimate={int(not self._every_speck)}:aud=0",
        }
        codec.open()
        return codec

    def convert(self, picture: Picture, rects: tuple[Rect, ...]) -> int:
        """Brings ``rects`` of the picture into the encoder's planes; microseconds it took."""
        begun = time.perf_counter_ns()
        bounds, (left, top) = whole(self.width, self.height), self._origin
        for rect in rects:
            if (inside := rect.moved(-left, -top).clipped(bounds)) is not None:
                self._converter.to_planes(picture, self._frame, self._chroma, inside, self._origin)
        return (time.perf_counter_ns() - begun) // 1000

    def steer(self, target_bps: int, crf: float, since_last_s: float) -> None:
        """Sets the quality of the next frame, and its budget: what the path carried away since the last one.

        x264 is told of a constant frame rate (zerolatency forces it) and adds a 30th of the rate for each frame,
        however long the frame was waited for; so it is the rate that follows the waiting. Raises EncoderError.
        """
        maxrate = int(target_bps * min(since_last_s, BURST_S) * _NOMINAL_FPS)
        try:
            if abs(maxrate - self._maxrate) > self._maxrate * _RATE_STEP:
                self._live.set(maxrate=maxrate, bufsize=int(target_bps * BURST_S))
                self._maxrate = maxrate
            if crf != self._crf:
                self._live.set(crf=crf)
                self._crf = crf
        except LiveOptionsError as error:
            raise EncoderError("cannot steer libx264") from error

    def encode(self, captured_us: int, *, key: bool) -> tuple[bytes, bool]:
        """Encodes the planes as they are: the access unit, and whether it is a key frame. Raises EncoderError."""
        frame = self._frame
        self._last_us = frame.pts = max(captured_us, self._last_us + 1)
        frame.time_base = _TIME_BASE
        frame.pict_type = PictureType.I if key else PictureType.NONE
        try:
            packets = self._codec.encode(frame)
        except FFmpegError as error:
            raise EncoderError("libx264 refused a frame") from error
        return b"".join(bytes(packet) for packet in packets), any(packet.is_keyframe for packet in packets)
