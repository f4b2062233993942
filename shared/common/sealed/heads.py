"""What anybody may read of a recording: the chunks' plain heads, their order, and who recorded what.

A chunk is a head (magic, sequence, length, the span of time it covers, flags) and a body; `container` says what is in
the bodies. Nothing here needs a key.
"""

import hashlib
import struct
from collections.abc import Iterator
from typing import Annotated, Final

import msgspec
from msgspec import Meta, Struct

from shared.common.errors import UNDECODABLE

HEAD: Final = struct.Struct("<4sIIIIB")
MAX_BODY: Final = 17 * 1024 * 1024
MAX_OPENING: Final = 4096
"""Bytes in chunk 0's body."""
MAX_CHUNKS: Final = 1_000_000

OPENING: Final = 1
KEY: Final = 2
"""The chunk begins with a picture that needs none before it: playing may begin here."""
LAST: Final = 4
NOTES: Final = 8
"""No pictures in it, only what happened: a table of contents reads these and no others."""

_MAGIC: Final = b"3LR1"
_FLAGS: Final = OPENING | KEY | LAST | NOTES

_Id = Annotated[str, Meta(min_length=1, max_length=40, pattern=r"^[0-9A-Za-z_\-]+$")]


class Damaged(Exception):
    """This is not what was recorded: changed, moved, incomplete or of another key. The text says which, for a log."""


class About(Struct, frozen=True, kw_only=True):
    """What anybody may know of a recording. `started_ms` is when its time 0 was, in the relay's time."""

    version: Annotated[int, Meta(ge=1, le=255)] = 1
    recording_id: _Id
    session_id: _Id
    conversation_id: _Id
    agent_id: _Id
    started_ms: Annotated[int, Meta(ge=0, lt=2**48)]
    key_id: Annotated[str, Meta(min_length=16, max_length=16, pattern=r"^[0-9a-f]+$")]
    sealed_key: Annotated[bytes, Meta(max_length=256)] = b""


class Head(Struct, frozen=True):
    """A chunk's plain head. `from_ms` and `until_ms` count from the start of the recording."""

    sequence: int
    length: int
    from_ms: int
    until_ms: int
    flags: int

    @property
    def size(self) -> int:
        """Bytes of the whole chunk."""
        return HEAD.size + self.length


class Chunk(Struct, frozen=True):
    """A chunk in its place: `at` is its first byte, `before` the hash of the chunk before."""

    head: Head
    at: int
    before: bytes
    raw: bytes


def read_head(data: bytes) -> Head:
    """The head at the start of `data` (`HEAD.size` bytes). Raises Damaged."""
    try:
        magic, sequence, length, from_ms, until_ms, flags = HEAD.unpack_from(data)
    except struct.error as error:
        raise Damaged("too short for a head") from error
    opening = flags & OPENING
    limit = MAX_OPENING if opening else MAX_BODY
    if magic != _MAGIC or not 0 < length <= limit or flags & ~_FLAGS or until_ms < from_ms:
        raise Damaged("no chunk of a recording")
    if bool(opening) != (sequence == 0) or (opening and flags != OPENING) or sequence >= MAX_CHUNKS:
        raise Damaged("a chunk in no place of its own")
    return Head(sequence, length, from_ms, until_ms, flags)


def read_about(chunk: bytes) -> About:
    """What chunk 0 says. Raises Damaged."""
    head = read_head(chunk)
    if not head.flags & OPENING or len(chunk) != head.size:
        raise Damaged("no opening chunk")
    try:
        return msgspec.msgpack.decode(chunk[HEAD.size :], type=About)
    except UNDECODABLE as error:
        raise Damaged("an opening chunk that says nothing") from error


class Walk:
    """Bytes of a recording in, its chunks out, each in its place. Whatever does not follow raises Damaged."""

    def __init__(self) -> None:
        self._rest = bytearray()
        self._at = 0
        self._next = 0
        self._before = b""
        self.ended = False
        """The last chunk was seen: nothing is missing at the end."""

    @property
    def taken(self) -> int:
        """How many bytes the chunks so far have; what comes after them is not whole yet."""
        return self._at

    @property
    def chunks(self) -> int:
        """How many there were so far."""
        return self._next

    def feed(self, data: bytes) -> Iterator[Chunk]:
        """The chunks that are whole now."""
        self._rest += data
        while len(self._rest) >= HEAD.size:
            head = read_head(bytes(self._rest[: HEAD.size]))
            if self.ended or head.sequence != self._next:
                raise Damaged(f"chunk {head.sequence} where {self._next} belongs")
            if len(self._rest) < head.size:
                return
            raw = bytes(memoryview(self._rest)[: head.size])
            del self._rest[: head.size]
            chunk = Chunk(head, self._at, self._before, raw)
            self._at += head.size
            self._next += 1
            self._before = hashlib.sha256(raw).digest()
            self.ended = bool(head.flags & LAST)
            yield chunk


def pack_head(sequence: int, length: int, from_ms: int, until_ms: int, flags: int) -> bytes:
    """A chunk's head."""
    return HEAD.pack(_MAGIC, sequence, length, from_ms, until_ms, flags)
