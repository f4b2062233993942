"""Signing and checking what is said across a relay that nobody has to believe.

The canonical form of a value is its JSON with sorted keys, defaults left out. Each kind of statement has a context of
its own in front of it, so that a signature under one can never stand under another.
"""

import base64
import binascii
import hashlib
from typing import Final, Literal

import msgspec
from msgspec import Struct

Context = Literal[
    "certificate", "revocations", "rotation", "key request", "description", "question", "code compared", "recording key"
]
PRIVATE_BYTES: Final = 32
SIGNATURE_BYTES: Final = 64


def canonical(value: object) -> bytes:
    """The one form that is hashed and signed."""
    return msgspec.json.encode(value, order="sorted")


def digest(value: object) -> str:
    """SHA-256 of the canonical form, 64 hexadecimal digits."""
    return hashlib.sha256(canonical(value)).hexdigest()


def sign(private: bytes, context: Context, value: Struct | list[object]) -> str:
    """Ed25519 with a key of 32 bytes; base64."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    return encode(Ed25519PrivateKey.from_private_bytes(private).sign(_prefix(context) + canonical(value)))


def verify(key: str, context: Context, value: Struct | list[object], signature: str) -> bool:
    """Whether this key signed this. Anything malformed, or not in its one written form, did not."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        public = Ed25519PublicKey.from_public_bytes(decode(key, PRIVATE_BYTES))
        public.verify(decode(signature, SIGNATURE_BYTES), _prefix(context) + canonical(value))
    except (InvalidSignature, ValueError):
        return False
    return True


def public_key(private: bytes) -> str:
    """The public half as the protocol carries it."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    return encode(Ed25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw())


def encode(data: bytes) -> str:
    """Base64 with padding: the only form that `decode` takes."""
    return base64.b64encode(data).decode()


def decode(text: str, size: int) -> bytes:
    """Raises ValueError for another size or spelling: two spellings of one key would be two keys to a comparison."""
    try:
        data = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError("not base64") from error
    if len(data) != size or encode(data) != text:
        raise ValueError("not in its one form")
    return data


def short_name(key: str) -> str:
    """A key as people compare it: four groups of four hexadecimal digits of its hash."""
    digits = hashlib.sha256(key.encode()).hexdigest()[:16].upper()
    return " ".join(digits[start : start + 4] for start in range(0, 16, 4))


def _prefix(context: Context) -> bytes:
    return b"threeline " + context.encode() + b" 1:"
