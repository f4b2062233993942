"""The organisation's recording key: an X25519 pair, its name, and how it is written in messages."""

import base64
import hashlib
from typing import Final

from msgspec import Struct

KEY_BYTES: Final = 32


class KeyPair(Struct, frozen=True):
    """32 raw bytes each. Never put the private half into a log or a message."""

    private: bytes
    public: bytes


def key_id(public: bytes) -> str:
    """What a key is called: 16 hexadecimal digits of its hash."""
    return hashlib.sha256(b"threeline recording key:" + public).hexdigest()[:16]


def in_text(public: bytes) -> str:
    """A key as messages and files carry it."""
    return base64.b64encode(public).decode()


def from_text(text: str) -> bytes | None:
    """The 32 bytes of a key in base64; None for anything else."""
    try:
        found = base64.b64decode(text, validate=True)
    except ValueError:
        return None
    return found if len(found) == KEY_BYTES else None
