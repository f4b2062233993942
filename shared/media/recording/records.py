"""What is inside a recording's chunks: a list of records, each with its time in milliseconds from the start."""

from collections.abc import Sequence
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta, Struct

from shared.common.errors import UNDECODABLE
from shared.common.sealed.heads import Damaged
from shared.media.cursor import CursorMoved, CursorShape
from shared.protocol.types import Capability

At = Annotated[int, Meta(ge=0, lt=2**32)]
Happening = Literal["chat", "note", "asked", "granted", "refused", "ended", "joined", "left", "file"]


class Record(Struct, frozen=True, array_like=True, tag=True):
    """Base of all of them; the tag is the name."""

    at_ms: At


class Picture(Record, frozen=True, array_like=True, tag=True):
    """One unit of the stream as it came (shared.media.reassembly); nothing in here reads it but its stamp."""

    data: bytes
    key: bool


class Gap(Record, frozen=True, array_like=True, tag=True):
    """Pictures are missing from here to the next one that needs none before it."""


class Cursor(Record, frozen=True, array_like=True, tag=True):
    """The customer's pointer moved."""

    moved: CursorMoved


class CursorLook(Record, frozen=True, array_like=True, tag=True):
    """The customer's pointer looks so from here on."""

    shape: CursorShape


class Standing(Record, frozen=True, array_like=True, tag=True):
    """What the customer's machine let the engineer do from here on, in its own words."""

    capabilities: tuple[Capability, ...]
    paused: bool


class Note(Record, frozen=True, array_like=True, tag=True):
    """Something of the conversation: the words are those of whoever said or did it."""

    what: Happening
    who: Annotated[str, Meta(max_length=80)]
    words: Annotated[str, Meta(max_length=200)] = ""


class End(Record, frozen=True, array_like=True, tag=True):
    """The recording ended here, and why."""

    why: Annotated[str, Meta(max_length=40)]


Any = Picture | Gap | Cursor | CursorLook | Standing | Note | End
MAX_RECORDS: Final = 20_000
"""In one chunk."""

_encoder: Final = msgspec.msgpack.Encoder()
_decoder: Final = msgspec.msgpack.Decoder(Annotated[list[Any], Meta(max_length=MAX_RECORDS)])


def encode(records: Sequence[Any]) -> bytes:
    """A chunk's body."""
    return _encoder.encode(records)


def decode(body: bytes) -> list[Any]:
    """The records of a chunk. Raises Damaged."""
    try:
        return _decoder.decode(body)
    except UNDECODABLE as error:
        raise Damaged("a chunk that says nothing") from error
