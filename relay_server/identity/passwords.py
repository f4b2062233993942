"""Argon2id (OWASP's 19 MiB, 2 passes, 1 lane), in a thread of its own, so that nobody's chat waits for a hash."""

import asyncio
import secrets
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_WAITING: Final = 64
_ALPHABET: Final = "abcdefghjkmnpqrstuvwxyz23456789"


class Passwords:
    """Hashes and verifies. `close` ends its thread."""

    def __init__(self, time_cost: int = 2, memory_kib: int = 19_456) -> None:
        self._hasher = PasswordHasher(time_cost=time_cost, memory_cost=memory_kib, parallelism=1)
        self._thread = ThreadPoolExecutor(1, "argon2")
        self._waiting = 0
        self._nobody = self._hasher.hash(secrets.token_urlsafe(16))

    def hash(self, password: str) -> str:
        """The encoded hash; takes some 20 ms of this thread."""
        return self._hasher.hash(password)

    async def hashed(self, password: str) -> str:
        """As `hash`, without holding up the loop."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, self.hash, password)

    @property
    def full(self) -> bool:
        """Too many wait already; another try should be refused as busy."""
        return self._waiting >= _WAITING

    async def fits(self, encoded: str | None, password: str) -> bool:
        """Whether it is the password. None (no such account) takes as long and is never right."""
        self._waiting += 1
        try:
            loop = asyncio.get_running_loop()
            right = await loop.run_in_executor(self._thread, self._verify, encoded or self._nobody, password)
        finally:
            self._waiting -= 1
        return right and encoded is not None

    def close(self) -> None:
        """Ends the thread once its work is done."""
        self._thread.shutdown()

    def _verify(self, encoded: str, password: str) -> bool:
        try:
            return self._hasher.verify(encoded, password)
        except (VerificationError, InvalidHashError):
            return False


def random_password() -> str:
    """Four groups of four, easy to read aloud, 79 bits."""
    return "-".join("".join(secrets.choice(_ALPHABET) for _ in range(4)) for _ in range(4))
