"""How long a wait may be: a range from how fast a line moved lately, or nothing where that would be a guess."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

FEWEST: Final = 5
"""Accepts that it takes to say anything."""
NEWEST: Final = 30
FRESH_MS: Final = 2 * 3_600_000
_LONGEST_S: Final = 8 * 3600


@dataclass(frozen=True, slots=True)
class Moved:
    """The head of a line was served at `at_ms`, `gap_ms` after the line could last move."""

    at_ms: int
    gap_ms: int


@dataclass(frozen=True, slots=True)
class Range:
    """From the quick half to the slow half of what was seen, in rounded seconds."""

    low_s: int
    high_s: int


def estimate(place: int, moved: Sequence[Moved], now_ms: int) -> Range | None:
    """The wait at a place (1 is next). None: too little seen in the last two hours, or too far to say."""
    fresh = sorted(each.gap_ms for each in moved if now_ms - each.at_ms <= FRESH_MS)
    if len(fresh) < FEWEST:
        return None
    low_s = place * fresh[len(fresh) // 4] / 1000
    high_s = place * fresh[len(fresh) * 3 // 4] / 1000
    if high_s > _LONGEST_S:
        return None
    low = _step(low_s) * int(low_s // _step(low_s))
    high = _step(high_s) * (int(high_s // _step(high_s)) + 1)
    return Range(low, high)


def _step(seconds: float) -> int:
    return 30 if seconds < 120 else 60 if seconds < 1200 else 300
