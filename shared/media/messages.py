"""What the two ends of a media connection tell each other over the data channels, beside the session's own messages.

The first byte of every data channel message says whose it is; ``OWN`` is decoded here, ``SESSION`` is handed on.
"""

from typing import Final

import msgspec

from shared.media.cursor import CursorMoved, CursorShape

OWN: Final = b"\x01"
SESSION: Final = b"\x00"
MAX_MESSAGE: Final = 64 * 1024


class Ping(msgspec.Struct, frozen=True, tag=True):
    """``sent_us`` of the asker's monotonic clock."""

    sent_us: int


class Pong(msgspec.Struct, frozen=True, tag=True):
    """The answer: the asker's time, and the answerer's own."""

    sent_us: int
    here_us: int


class StreamState(msgspec.Struct, frozen=True, tag=True):
    """Whether the sharer has paused; sent when a viewer connects and at every change."""

    paused: bool


class PictureShown(msgspec.Struct, frozen=True, tag=True):
    """The viewer has the first picture of this connection before its eyes."""


Own = Ping | Pong | StreamState | PictureShown | CursorMoved | CursorShape

_decoder: Final[msgspec.msgpack.Decoder[Own]] = msgspec.msgpack.Decoder(Own)


def encode(message: Own) -> bytes:
    return OWN + msgspec.msgpack.encode(message)


def decode(data: bytes) -> Own | None:
    """The message after its first byte; None for what this version does not know or what is malformed."""
    try:
        return _decoder.decode(memoryview(data)[1:])
    except msgspec.MsgspecError:
        return None
