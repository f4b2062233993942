"""PyAV's codecs as this package uses them; its own stubs leave the packets' type open."""

from collections.abc import Sequence
from typing import Protocol, SupportsBytes

from av import AudioFrame
from av.video.frame import VideoFrame


class EncodedPacket(SupportsBytes, Protocol):
    """What an encoder gives out; ``bytes()`` of it is its data."""

    is_keyframe: bool


class FrameEncoder(Protocol):
    def encode(self, frame: VideoFrame | None = None) -> Sequence[EncodedPacket]:
        """Raises av.error.FFmpegError."""
        ...


class FrameDecoder(Protocol):
    def decode(self, packet: object) -> Sequence[VideoFrame]:
        """Raises av.error.FFmpegError."""
        ...


class SpeechCodec(Protocol):
    def encode(self, frame: AudioFrame | None = None) -> Sequence[SupportsBytes]:
        """Raises av.error.FFmpegError."""
        ...
