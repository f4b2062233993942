"""What nodes say to each other, sealed: MessagePack inside AES-256-GCM, so that whoever carries it (NATS, its other
users) can neither read nor make nor repeat it.

A datagram is `1 | origin (16) | counter (12) | sealed`. Each process has a random origin and a key of its own, derived
from the key that all nodes of an installation share; the counter is the nonce. Inside, each message has a number on
its lane (one for each receiver, one for all): an older number is a repetition, a skipped one a loss.
"""

import secrets
from typing import Final

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from msgspec import Struct

from relay_server.engine.bus import Note
from shared.common.errors import UNDECODABLE, PeerBroken
from shared.protocol.messages.conversations import EventRecord

MAX_BYTES: Final = 1024 * 1024
"""A datagram; NATS's own limit is this by default."""
OVERHEAD: Final = 1 + 16 + 12 + 16
ORIGIN_BYTES: Final = 16
ALL: Final = b"all"
"""The lane that every node hears; the others are origins."""
_VERSION: Final = b"\x01"
_SCOPE: Final = b"threeline bus v1"
_KNOWN: Final = 256


class Item(Struct, frozen=True, array_like=True):
    """What one unit of work left behind."""

    events: tuple[EventRecord, ...]
    notes: tuple[Note, ...]


class Told(Struct, frozen=True, tag="told", array_like=True):
    """Units of work in their order; each is an encoded `Item`."""

    items: tuple[msgspec.Raw, ...]


class Here(Struct, frozen=True, tag="here", array_like=True):
    """A node lives. `wants` is the number of its last word about what it wants; `sent` its last number by lane."""

    wants: int
    sent: dict[bytes, int]


class Wants(Struct, frozen=True, tag="wants", array_like=True):
    """All that a node wants, in parts; `keys` are 32-bit numbers one after the other."""

    number: int
    part: int
    parts: int
    keys: bytes


class Change(Struct, frozen=True, tag="change", array_like=True):
    """What a node wants more and less than at `number - 1`."""

    number: int
    more: bytes
    less: bytes


class Noted(Struct, frozen=True, tag="noted", array_like=True):
    """What was wanted at `number` is known."""

    number: int


class Ask(Struct, frozen=True, tag="ask", array_like=True):
    """Says: I do not know what you want, tell me all of it."""


Word = Told | Here | Wants | Change | Noted | Ask


class _Numbered(Struct, frozen=True, array_like=True):
    number: int
    word: Word


_encoder: Final = msgspec.msgpack.Encoder()
_decoder: Final = msgspec.msgpack.Decoder(_Numbered)
_items: Final = msgspec.msgpack.Decoder(Item)


def encode_item(events: tuple[EventRecord, ...], notes: tuple[Note, ...]) -> bytes:
    """One unit of work, to be put into `Told`."""
    return _encoder.encode(Item(events, notes))


def decode_item(raw: msgspec.Raw) -> Item:
    """What `encode_item` made. Raises PeerBroken."""
    try:
        return _items.decode(raw)
    except UNDECODABLE as error:
        raise PeerBroken(f"not an item: {error}") from error


class Seal:
    """Seals this process's words and opens others'."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self.origin = secrets.token_bytes(ORIGIN_BYTES)
        self._mine = self._cipher(self.origin)
        self._others: dict[bytes, AESGCM] = {}
        self._counter = 0

    def seal(self, lane: bytes, number: int, word: Word) -> bytes:
        """A datagram for a lane."""
        self._counter += 1
        nonce = self._counter.to_bytes(12, "big")
        plain = _encoder.encode(_Numbered(number, word))
        return _VERSION + self.origin + nonce + self._mine.encrypt(nonce, plain, _VERSION + lane)

    def open(self, lane: bytes, datagram: bytes) -> tuple[bytes, int, Word]:
        """Whose it is, its number and what it says. Raises PeerBroken for anything that no node of ours made."""
        if not OVERHEAD < len(datagram) <= MAX_BYTES or datagram[:1] != _VERSION:
            raise PeerBroken("not a datagram")
        origin, nonce, sealed = datagram[1:17], datagram[17:29], datagram[29:]
        cipher = self._others.get(origin) or self._cipher(origin)
        try:
            said = _decoder.decode(cipher.decrypt(nonce, sealed, _VERSION + lane))
        except InvalidTag as error:
            raise PeerBroken("not sealed by a node of this installation") from error
        except UNDECODABLE as error:
            raise PeerBroken(f"not a word of this version: {error}") from error
        if len(self._others) >= _KNOWN:
            self._others.clear()
        self._others[origin] = cipher
        return origin, said.number, said.word

    def _cipher(self, origin: bytes) -> AESGCM:
        return AESGCM(HKDF(hashes.SHA256(), 32, salt=origin, info=_SCOPE).derive(self._key))
