"""Rules of sign-in: what a token is worth now, and how long a guesser waits."""

from dataclasses import dataclass
from typing import Final, Literal

TokenKind = Literal["access", "refresh"]
Verdict = Literal["good", "expired", "revoked", "reused"]

ACCESS_MS: Final = 15 * 60_000
REFRESH_MS: Final = 30 * 24 * 3_600_000
FREE_FAILURES: Final = 3
LONGEST_DELAY_MS: Final = 5 * 60_000
FORGET_MS: Final = 3_600_000


@dataclass(frozen=True, slots=True)
class TokenState:
    """A token and its family. `confirmed` is the newest generation of which any token was used."""

    kind: TokenKind
    generation: int
    expires_ms: int
    confirmed: int
    revoked: bool


def judge(token: TokenState, presented_as: TokenKind, now_ms: int) -> Verdict:
    """A refresh token of a generation before the confirmed one has been traded in and its successor used: it was
    copied. Until the successor is used the old one stays good, since the answer may have been lost on the way."""
    if token.revoked or token.kind != presented_as:
        return "revoked"
    if token.kind == "refresh" and token.generation < token.confirmed:
        return "reused"
    return "expired" if now_ms >= token.expires_ms else "good"


def delay_ms(failures: int) -> int:
    """How long after the last of so many failures the next try is looked at."""
    if failures < FREE_FAILURES:
        return 0
    return min(1000 * 2 ** min(failures - FREE_FAILURES, 20), LONGEST_DELAY_MS)
