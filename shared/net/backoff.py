"""How long to wait before the next try: exponential with full jitter, bounded.

Source of the shape: Brooker, "Exponential Backoff and Jitter" (AWS Architecture Blog, 2015).
"""

FIRST_S = 0.5
LONGEST_S = 30.0


def delay_s(attempt: int, chance: float) -> float:
    """Seconds before try number `attempt` (1 is the first retry); `chance` in [0, 1) spreads a crowd of clients."""
    if attempt < 1 or not 0 <= chance < 1:
        raise ValueError("attempts count from 1, chance lies in [0, 1)")
    ceiling = min(LONGEST_S, FIRST_S * 2 ** min(attempt - 1, 16))
    return FIRST_S / 2 + chance * (ceiling - FIRST_S / 2)
