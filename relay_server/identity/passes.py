"""What lets a customer's device fetch and bring files over HTTP: their id and an end, sealed by the relay's own key.

Nothing is stored, so that five thousand devices coming back at once cost no writes.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Sequence
from typing import Final

PASS_MS: Final = 12 * 3_600_000
_SCOPE: Final = b"threeline customer pass v1\0"


class Passes:
    """Makes passes with the first of its 32-byte keys and reads those of all."""

    def __init__(self, *keys: bytes) -> None:
        self._keys = keys

    def use(self, keys: Sequence[bytes]) -> None:
        """From now on these; at least one."""
        self._keys = tuple(keys)

    def make(self, customer_id: str, now_ms: int) -> tuple[str, int]:
        """The pass, and until when it is good (ms)."""
        expires_ms = now_ms + PASS_MS
        words = f"{customer_id}~{expires_ms}"
        return f"{words}~{_seal(self._keys[0], words)}", expires_ms

    def customer_of(self, token: str, now_ms: int) -> str | None:
        """Whose pass it is, or None for a foreign, changed or ended one."""
        words, _, seal = token.rpartition("~")
        if not any(hmac.compare_digest(seal.encode(), _seal(key, words).encode()) for key in self._keys):
            return None
        customer_id, _, expires = words.partition("~")
        return customer_id if now_ms < int(expires) else None


def read_key(encoded: str) -> bytes:
    """A key as it is written in a file. Raises ValueError when it is not 32 bytes of base64."""
    try:
        key = base64.b64decode(encoded.strip(), validate=True)
    except binascii.Error as error:
        raise ValueError("not base64") from error
    if len(key) != 32:
        raise ValueError("not 32 bytes")
    return key


def _seal(key: bytes, words: str) -> str:
    digest = hmac.digest(key, _SCOPE + words.encode(), hashlib.sha256)
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")
