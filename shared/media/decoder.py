"""Access units to pictures: FFmpeg's H.264 decoder through PyAV, one unit a call, nothing held back.

Two late units joined in one packet would be swallowed by FFmpeg without a word and leave the picture broken, so
``decode`` takes exactly one.
"""

from typing import Final, cast

import av
from av.codec.context import ThreadType
from av.error import FFmpegError

from shared.media.avtypes import FrameDecoder
from shared.media.colour import Chroma

MAX_WIDTH: Final = 7680
MAX_HEIGHT: Final = 4320
_FORMATS: Final = frozenset(chroma.value for chroma in Chroma)


class BrokenUnit(Exception):
    """The access unit cannot be decoded: a key frame is needed before the next picture."""


class Decoder:
    """Decodes one stream; used by one thread."""

    def __init__(self) -> None:
        codec = av.CodecContext.create("h264", "r")
        codec.thread_type = ThreadType.SLICE  # frame threads would hold pictures back
        codec.thread_count = 2
        self._codec = cast(FrameDecoder, codec)
        codec.options = {"max_pixels": str(MAX_WIDTH * MAX_HEIGHT), "flags": "+low_delay"}

    def decode(self, unit: bytes) -> av.VideoFrame | None:
        """The picture of this unit; None when it holds none. Raises BrokenUnit."""
        try:
            frames = self._codec.decode(av.Packet(unit))
        except FFmpegError as error:
            raise BrokenUnit(str(error)) from error
        if not frames:
            return None
        frame = frames[-1]
        if frame.is_corrupt or frame.format.name not in _FORMATS:
            raise BrokenUnit("corrupt picture or unknown format")
        if frame.width > MAX_WIDTH or frame.height > MAX_HEIGHT:
            raise BrokenUnit("picture out of bounds")
        return frame
