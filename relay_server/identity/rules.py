"""Rules of sign-in: what a token is worth now, how long a guesser waits, and which passwords nobody may have."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Final, Literal

from relay_server.identity.common_passwords import COMMON

TokenKind = Literal["access", "refresh"]
Verdict = Literal["good", "expired", "revoked", "reused"]

ACCESS_MS: Final = 15 * 60_000
REFRESH_MS: Final = 30 * 24 * 3_600_000
FREE_FAILURES: Final = 3
LONGEST_DELAY_MS: Final = 5 * 60_000
FORGET_MS: Final = 3_600_000
MIN_PASSWORD: Final = 10


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


def weak_password(password: str, username: str, name: str) -> Literal["short", "name", "common"] | None:
    """Why a password may not be one: too short, made of the person's names, or one that everybody tries first."""
    plain = password.casefold()
    if len(password) < MIN_PASSWORD:
        return "short"
    letters = rest = "".join(each for each in plain if each.isalnum())
    for own in sorted({username.casefold(), *name.casefold().split()}, key=len, reverse=True):
        rest = rest.replace(own, "") if len(own) >= 3 else rest
    if rest != letters and len(rest) <= MIN_PASSWORD // 2:
        return "name"
    return "common" if plain in COMMON or len(set(plain)) < 4 or _is_run(plain) else None


def _is_run(words: str) -> bool:
    steps = {ord(after) - ord(before) for before, after in pairwise(words)}
    return len(steps) == 1
