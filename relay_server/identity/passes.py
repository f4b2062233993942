"""What lets a customer's device fetch and bring files over HTTP: their id and an end, sealed by the relay's own key.

Nothing is stored, so that five thousand devices coming back at once cost no writes.
"""

import base64
import binascii
import hashlib
import hmac
from typing import Final

PASS_MS: Final = 12 * 3_600_000
_SCOPE: Final = b"threeline customer pass v1\0"


class Passes:
    """Makes and reads passes with one 32-byte key."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def make(self, customer_id: str, now_ms: int) -> tuple[str, int]:
        """The pass, and until when it is good (ms)."""
        expires_ms = now_ms + PASS_MS
        words = f"{customer_id}~{expires_ms}"
        return f"{words}~{self._seal(words)}", expires_ms

    def customer_of(self, token: str, now_ms: int) -> str | None:
        """Whose pass it is, or None for a foreign, changed or ended one."""
        words, _, seal = token.rpartition("~")
        if not hmac.compare_digest(seal.encode(), self._seal(words).encode()):
            return None
        customer_id, _, expires = words.partition("~")
        return customer_id if now_ms < int(expires) else None

    def _seal(self, words: str) -> str:
        digest = hmac.digest(self._key, _SCOPE + words.encode(), hashlib.sha256)
        return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def read_key(encoded: str) -> bytes:
    """The key as `init` wrote it. Raises ValueError when it is not 32 bytes of base64."""
    try:
        key = base64.b64decode(encoded.strip(), validate=True)
    except binascii.Error as error:
        raise ValueError("not base64") from error
    if len(key) != 32:
        raise ValueError("not 32 bytes")
    return key
