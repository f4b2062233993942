"""How long to wait before the next try: exponential with full jitter, bounded.

Source of the shape: Brooker, "Exponential Backoff and Jitter" (AWS Architecture Blog, 2015). A relay that refuses for
speed says how long to wait; that is honoured, within reason.
"""

from shared.protocol.frames import Refused

FIRST_S = 0.5
LONGEST_S = 30.0
LONGEST_ASKED_S = 300.0


def delay_s(attempt: int, chance: float) -> float:
    """Seconds before try number `attempt` (1 is the first retry); `chance` in [0, 1) spreads a crowd of clients."""
    if attempt < 1 or not 0 <= chance < 1:
        raise ValueError("attempts count from 1, chance lies in [0, 1)")
    ceiling = min(LONGEST_S, FIRST_S * 2 ** min(attempt - 1, 16))
    return FIRST_S / 2 + chance * (ceiling - FIRST_S / 2)


def asked_wait_s(refused: Refused) -> float:
    """The seconds that a refusal asks to wait, 0 when it names none that can be read."""
    words = refused.params.get("retry_s", "")
    return min(float(words), LONGEST_ASKED_S) if words.isascii() and words.isdecimal() and len(words) <= 9 else 0.0
