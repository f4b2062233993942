"""Time-ordered identifiers: 26 Crockford base-32 characters, 48 bits of milliseconds and 80 of randomness (ULID)."""

import secrets
import time

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
ID_LENGTH = 26
_RANDOM_BITS = 80


def make_id(now_ms: int, randomness: int) -> str:
    """The id for a moment (milliseconds since 1970, below 2**48) and 80 random bits."""
    if not 0 <= now_ms < 1 << 48 or not 0 <= randomness < 1 << _RANDOM_BITS:
        raise ValueError("an id takes 48 bits of time and 80 of randomness")
    value = now_ms << _RANDOM_BITS | randomness
    return "".join(_ALPHABET[value >> shift & 31] for shift in range(125, -1, -5))


def new_id() -> str:
    """A fresh id that sorts after those of earlier milliseconds."""
    return make_id(time.time_ns() // 1_000_000, secrets.randbits(_RANDOM_BITS))
