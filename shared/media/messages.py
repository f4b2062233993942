"""What the two ends of a media connection tell each other over the data channels, beside the session's own messages.

The first byte of every data channel message says whose it is; ``OWN`` is decoded here, ``SESSION`` is handed on.
"""

from typing import Annotated, Final

import msgspec
from msgspec import Meta

from shared.common.errors import UNDECODABLE
from shared.media.cursor import CursorMoved, CursorShape
from shared.rules.sharing import MAX_MONITORS, MAX_PICTURE_HEIGHT, MAX_PICTURE_WIDTH, Pane

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


class Layout(msgspec.Struct, frozen=True, tag=True):
    """The parts of a picture of this size, in its pixels; sent when a viewer connects and at every change.

    ``away``: the shared window is minimised. No panes: what was shared is gone, and nothing else is chosen yet.
    """

    width: Annotated[int, Meta(ge=0, le=MAX_PICTURE_WIDTH)]
    height: Annotated[int, Meta(ge=0, le=MAX_PICTURE_HEIGHT)]
    panes: Annotated[tuple[Pane, ...], Meta(max_length=MAX_MONITORS)]
    window: bool = False
    away: bool = False


Own = Ping | Pong | StreamState | PictureShown | Layout | CursorMoved | CursorShape

_decoder: Final[msgspec.msgpack.Decoder[Own]] = msgspec.msgpack.Decoder(Own)


def encode(message: Own) -> bytes:
    return OWN + msgspec.msgpack.encode(message)


def decode(data: bytes) -> Own | None:
    """The message after its first byte; None for what this version does not know or what is malformed."""
    try:
        return _decoder.decode(memoryview(data)[1:])
    except UNDECODABLE:
        return None
