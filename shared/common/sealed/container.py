"""How a recording is kept: a row of chunks, each encrypted by itself and bound to the one before.

A chunk is a head (magic, sequence, length, the span of time it covers, flags) and a body. Chunk 0 has a plain body: who
recorded what, and the content key, sealed to the recording key by HPKE (RFC 9180, base mode: X25519, HKDF-SHA256,
ChaCha20-Poly1305) with the rest of that body as its info. Every other body is ChaCha20-Poly1305 under the content key,
which is random and used for one recording only, so the sequence number serves as the nonce; the additional data is the
chunk's head and the SHA-256 of the whole chunk before. So a chunk that was changed, moved, doubled, left out or taken
from elsewhere does not open, and a recording without a last chunk was cut off. It is the idea of STREAM (Hoang,
Reyhanitabar, Rogaway, Vizár 2015) with a chain in place of a counter alone.

Every prefix of whole chunks is a recording, which is what a crash leaves.
"""

import hashlib
import os
import struct
from collections.abc import Iterator
from typing import Annotated, Final

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from msgspec import Meta, Struct

from shared.common.sealed.keys import KEY_BYTES, KeyPair, key_id

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
_INFO: Final = b"threeline recording 1:"
_SUITE: Final = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)

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
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Damaged("an opening chunk that says nothing") from error


class Sealer:
    """Makes the chunks of one new recording, in order. `opening` is chunk 0."""

    def __init__(self, about: About, public: bytes) -> None:
        content_key = os.urandom(KEY_BYTES)
        bare = msgspec.structs.replace(about, key_id=key_id(public), sealed_key=b"")
        recipient = X25519PublicKey.from_public_bytes(public)
        sealed = _SUITE.encrypt(content_key, recipient, _info(bare))
        body = msgspec.msgpack.encode(msgspec.structs.replace(bare, sealed_key=sealed))
        self.opening: Final = _head(0, len(body), 0, 0, OPENING) + body
        self._cipher = ChaCha20Poly1305(content_key)
        self._before = hashlib.sha256(self.opening).digest()
        self._sequence = 1

    def seal(self, body: bytes, *, from_ms: int, until_ms: int, flags: int = 0) -> bytes:
        """The next chunk. Raises ValueError when the body is too long."""
        if not 0 < len(body) + _TAG_BYTES <= MAX_BODY:
            raise ValueError(f"{len(body)} bytes in a chunk")
        head = _head(self._sequence, len(body) + _TAG_BYTES, from_ms, until_ms, flags & ~OPENING)
        chunk = head + self._cipher.encrypt(_nonce(self._sequence), body, head + self._before)
        self._before = hashlib.sha256(chunk).digest()
        self._sequence += 1
        return chunk


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


def content_key(opening: bytes, pair: KeyPair) -> bytes:
    """The key of one recording, from its chunk 0 and the private half of the recording key. Raises Damaged."""
    about = read_about(opening)
    if about.key_id != key_id(pair.public):
        raise Damaged("sealed to another recording key")
    bare = msgspec.structs.replace(about, sealed_key=b"")
    try:
        found = _SUITE.decrypt(about.sealed_key, X25519PrivateKey.from_private_bytes(pair.private), _info(bare))
    except (InvalidTag, ValueError) as error:
        raise Damaged("the content key does not open") from error
    if len(found) != KEY_BYTES:
        raise Damaged("no content key")
    return found


class Opener:
    """Opens the chunks of one recording."""

    def __init__(self, key: bytes) -> None:
        self._cipher = ChaCha20Poly1305(key)

    def open(self, head: Head, raw: bytes, before: bytes) -> bytes:
        """A chunk's body (not chunk 0's, which is plain). Raises Damaged."""
        try:
            return self._cipher.decrypt(_nonce(head.sequence), memoryview(raw)[HEAD.size :], raw[: HEAD.size] + before)
        except InvalidTag as error:
            raise Damaged(f"chunk {head.sequence} is not what was recorded") from error


_TAG_BYTES: Final = 16


def _head(sequence: int, length: int, from_ms: int, until_ms: int, flags: int) -> bytes:
    return HEAD.pack(_MAGIC, sequence, length, from_ms, until_ms, flags)


def _nonce(sequence: int) -> bytes:
    return sequence.to_bytes(12, "big")


def _info(bare: About) -> bytes:
    return _INFO + msgspec.msgpack.encode(bare)
