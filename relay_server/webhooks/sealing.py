"""Secrets of webhooks at rest: they must be known to sign, so they are encrypted; the key is not in the store."""

import base64
import binascii
import os
import secrets
from functools import cached_property
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_NONCE: Final = 12
_MARK: Final = "whsec_"


class Seal:
    """AES-256-GCM under the key in a file, which is made when it is first needed. Every node needs the same file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def close(self, secret: bytes, webhook_id: str) -> str:
        """What the store keeps; it opens for this webhook only."""
        nonce = secrets.token_bytes(_NONCE)
        return base64.b64encode(nonce + self._cipher.encrypt(nonce, secret, webhook_id.encode())).decode()

    def open(self, sealed: str, webhook_id: str) -> bytes | None:
        """None when it was sealed under another key, or for another webhook."""
        try:
            raw = base64.b64decode(sealed, validate=True)
            return self._cipher.decrypt(raw[:_NONCE], raw[_NONCE:], webhook_id.encode())
        except (InvalidTag, binascii.Error, ValueError):
            return None

    @cached_property
    def _cipher(self) -> AESGCM:
        try:
            place = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return AESGCM(base64.b64decode(self._path.read_text("ascii")))
        key = AESGCM.generate_key(256)
        with os.fdopen(place, "w", encoding="ascii") as file:
            file.write(base64.b64encode(key).decode() + "\n")
        return AESGCM(key)


def new_secret() -> bytes:
    """32 random bytes."""
    return secrets.token_bytes(32)


def shown(secret: bytes) -> str:
    """As its owner gets it, once."""
    return _MARK + base64.b64encode(secret).decode()
