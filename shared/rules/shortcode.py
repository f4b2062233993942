"""Six digits that both people read aloud, so that a relay between them shows.

The offering end commits to a nonce, the answering end answers with its own, then the first nonce is revealed. Whoever
sits between has to fix what they tell either side before they know the number that comes out: one try in a million.
A plain hash of the fingerprints alone could be ground to any six digits within a second.
"""

import hashlib
from typing import Final

from msgspec import Struct

DIGITS: Final = 6
NONCE_BYTES: Final = 32


class Half(Struct, frozen=True):
    """What one end brings: DTLS fingerprint, identity key, nonce (both base64)."""

    fingerprint: str
    key: str
    nonce: str


def commitment(nonce: str) -> str:
    """What an offer says about its nonce: 64 hexadecimal digits."""
    return hashlib.sha256(b"threeline nonce 1:" + nonce.encode()).hexdigest()


def code(offer: Half, answer: Half) -> str:
    """Six digits."""
    parts = (offer.fingerprint, offer.key, offer.nonce, answer.fingerprint, answer.key, answer.nonce)
    mixed = hashlib.sha256(b"threeline code 1:" + "\0".join(parts).encode()).digest()
    return str(int.from_bytes(mixed, "big") % 10**DIGITS).zfill(DIGITS)


def grouped(digits: str) -> str:
    """As it is shown: `482 913`; nothing for none."""
    return f"{digits[:3]} {digits[3:]}" if digits else ""
