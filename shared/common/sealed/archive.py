"""A sealed stream: anything at all, encrypted to a key whose private half is somewhere else, in bounded memory.

Magic, head, pieces. The head holds a fresh content key, sealed by HPKE (RFC 9180, base mode: X25519, HKDF-SHA256,
ChaCha20-Poly1305) to the recipient's public key. Each piece is a length, a flag and at most `PIECE` bytes under
ChaCha20-Poly1305 with its number as the nonce and the flag and the head's hash as additional data: the STREAM
construction (Hoang, Reyhanitabar, Rogaway, Vizár 2015). A piece that was changed, moved, left out or taken from
elsewhere does not open; without a piece flagged as the last the stream was cut off, and nothing may follow it.

It says nothing of who made it: whoever has the public key can seal a stream.
"""

import hashlib
import io
import os
import struct
from typing import TYPE_CHECKING, Annotated, BinaryIO, Final

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from msgspec import Meta, Struct

from shared.common.sealed.heads import Damaged
from shared.common.sealed.keys import KEY_BYTES, KeyPair, key_id

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer, WriteableBuffer

MAGIC: Final = b"3LS1"
PIECE: Final = 1024 * 1024
_HEAD: Final = struct.Struct("<4sI")
_PIECE: Final = struct.Struct("<IB")
_MAX_HEAD: Final = 1024
_TAG: Final = 16
_MAX_PIECES: Final = 2**32
_INFO: Final = b"threeline sealed stream 1:"
_SUITE: Final = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)


class _Head(Struct, frozen=True, kw_only=True):
    key_id: Annotated[str, Meta(min_length=16, max_length=16, pattern=r"^[0-9a-f]+$")]
    sealed_key: Annotated[bytes, Meta(max_length=256)] = b""


class SealedWriter(io.RawIOBase):
    """Writes like a file; `finish` when all is written, or what came is worth nothing."""

    def __init__(self, sink: BinaryIO, public: bytes) -> None:
        super().__init__()
        content_key = os.urandom(KEY_BYTES)
        bare = _Head(key_id=key_id(public))
        sealed = _SUITE.encrypt(content_key, X25519PublicKey.from_public_bytes(public), _info(bare))
        head = msgspec.msgpack.encode(msgspec.structs.replace(bare, sealed_key=sealed))
        self._sink = sink
        self._cipher = ChaCha20Poly1305(content_key)
        self._bound = hashlib.sha256(head).digest()
        self._rest = bytearray()
        self._number = 0
        sink.write(_HEAD.pack(MAGIC, len(head)) + head)

    def writable(self) -> bool:
        """It is."""
        return True

    def write(self, data: "ReadableBuffer", /) -> int:
        """Takes any number of bytes."""
        taken = bytes(data)
        self._rest += taken
        while len(self._rest) > PIECE:  # the last piece is never empty unless everything is
            self._put(bytes(self._rest[:PIECE]), 0)
            del self._rest[:PIECE]
        return len(taken)

    def finish(self) -> None:
        """The last piece."""
        self._put(bytes(self._rest), 1)
        self._rest.clear()

    def _put(self, piece: bytes, last: int) -> None:
        sealed = self._cipher.encrypt(_nonce(self._number), piece, bytes([last]) + self._bound)
        self._sink.write(_PIECE.pack(len(sealed), last) + sealed)
        self._number += 1


class SealedReader(io.RawIOBase):
    """Reads like a file. Every read raises Damaged for what is not what was sealed, whole and in order."""

    def __init__(self, source: BinaryIO, pair: KeyPair) -> None:
        super().__init__()
        magic, length = _HEAD.unpack(_exactly(source, _HEAD.size))
        if magic != MAGIC or not 0 < length <= _MAX_HEAD:
            raise Damaged("no sealed stream")
        raw = _exactly(source, length)
        self._source = source
        self._cipher = ChaCha20Poly1305(_content_key(raw, pair))
        self._bound = hashlib.sha256(raw).digest()
        self._rest: bytes = b""
        self._at = 0
        self._number = 0
        self._ended = False

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: "WriteableBuffer", /) -> int:
        """At least one byte, unless it is the end."""
        while self._at == len(self._rest) and not self._ended:
            self._rest, self._at = self._piece(), 0
        room = memoryview(buffer).cast("B")
        count = min(len(room), len(self._rest) - self._at)
        room[:count] = self._rest[self._at : self._at + count]
        self._at += count
        return count

    def _piece(self) -> bytes:
        length, last = _PIECE.unpack(_exactly(self._source, _PIECE.size))
        if not _TAG <= length <= PIECE + _TAG or last not in (0, 1) or self._number >= _MAX_PIECES:
            raise Damaged("no piece of a sealed stream")
        raw = _exactly(self._source, length)
        try:
            piece = self._cipher.decrypt(_nonce(self._number), raw, bytes([last]) + self._bound)
        except InvalidTag as error:
            raise Damaged(f"piece {self._number} is not what was sealed") from error
        self._number += 1
        self._ended = bool(last)
        if self._ended and self._source.read(1):
            raise Damaged("something follows the end")
        return piece


def _exactly(source: BinaryIO, size: int) -> bytes:
    data = source.read(size)
    if len(data) != size:
        raise Damaged("cut off")
    return data


def _content_key(raw: bytes, pair: KeyPair) -> bytes:
    try:
        head = msgspec.msgpack.decode(raw, type=_Head)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Damaged("a head that says nothing") from error
    if head.key_id != key_id(pair.public):
        raise Damaged("sealed to another key")
    bare = msgspec.structs.replace(head, sealed_key=b"")
    try:
        found = _SUITE.decrypt(head.sealed_key, X25519PrivateKey.from_private_bytes(pair.private), _info(bare))
    except (InvalidTag, ValueError) as error:
        raise Damaged("the content key does not open") from error
    if len(found) != KEY_BYTES:
        raise Damaged("no content key")
    return found


def _nonce(number: int) -> bytes:
    return number.to_bytes(12, "big")


def _info(bare: _Head) -> bytes:
    return _INFO + msgspec.msgpack.encode(bare)
