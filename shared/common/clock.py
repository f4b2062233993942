"""The wall clock that services own; rules never call it, they are given `now_ms`."""

import time


def now_ms() -> int:
    """Milliseconds since 1970, UTC."""
    return time.time_ns() // 1_000_000
