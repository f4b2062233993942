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
from typing import Final

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from shared.common.sealed.heads import HEAD, MAX_BODY, OPENING, About, Damaged, Head, pack_head, read_about
from shared.common.sealed.keys import KEY_BYTES, KeyPair, key_id

_INFO: Final = b"threeline recording 1:"
_SUITE: Final = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)


class Sealer:
    """Makes the chunks of one new recording, in order. `opening` is chunk 0."""

    def __init__(self, about: About, public: bytes) -> None:
        content_key = os.urandom(KEY_BYTES)
        bare = msgspec.structs.replace(about, key_id=key_id(public), sealed_key=b"")
        recipient = X25519PublicKey.from_public_bytes(public)
        sealed = _SUITE.encrypt(content_key, recipient, _info(bare))
        body = msgspec.msgpack.encode(msgspec.structs.replace(bare, sealed_key=sealed))
        self.opening: Final = pack_head(0, len(body), 0, 0, OPENING) + body
        self._cipher = ChaCha20Poly1305(content_key)
        self._before = hashlib.sha256(self.opening).digest()
        self._sequence = 1

    def seal(self, body: bytes, *, from_ms: int, until_ms: int, flags: int = 0) -> bytes:
        """The next chunk. Raises ValueError when the body is too long."""
        if not 0 < len(body) + _TAG_BYTES <= MAX_BODY:
            raise ValueError(f"{len(body)} bytes in a chunk")
        head = pack_head(self._sequence, len(body) + _TAG_BYTES, from_ms, until_ms, flags & ~OPENING)
        chunk = head + self._cipher.encrypt(_nonce(self._sequence), body, head + self._before)
        self._before = hashlib.sha256(chunk).digest()
        self._sequence += 1
        return chunk


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


def _nonce(sequence: int) -> bytes:
    return sequence.to_bytes(12, "big")


def _info(bare: About) -> bytes:
    return _INFO + msgspec.msgpack.encode(bare)
