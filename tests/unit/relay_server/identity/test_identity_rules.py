"""What a token is worth, and how long a guesser waits."""

import pytest

from relay_server.identity.rules import LONGEST_DELAY_MS, TokenKind, TokenState, Verdict, delay_ms, judge, weak_password


@pytest.mark.parametrize(
    ("kind", "presented_as", "generation", "confirmed", "revoked", "now_ms", "verdict"),
    [
        ("access", "access", 1, 1, False, 99, "good"),
        ("access", "access", 1, 1, False, 100, "expired"),
        ("access", "access", 1, 1, True, 50, "revoked"),
        ("access", "refresh", 1, 1, False, 50, "revoked"),
        ("refresh", "access", 1, 1, False, 50, "revoked"),
        ("refresh", "refresh", 1, 1, False, 50, "good"),
        ("refresh", "refresh", 2, 1, False, 50, "good"),
        ("refresh", "refresh", 1, 2, False, 50, "reused"),
        ("refresh", "refresh", 1, 2, False, 150, "reused"),
        ("refresh", "refresh", 1, 2, True, 50, "revoked"),
        ("access", "access", 1, 2, False, 50, "good"),
    ],
)
def test_judge(
    kind: TokenKind,
    presented_as: TokenKind,
    generation: int,
    confirmed: int,
    revoked: bool,
    now_ms: int,
    verdict: Verdict,
) -> None:
    token = TokenState(kind=kind, generation=generation, expires_ms=100, confirmed=confirmed, revoked=revoked)
    assert judge(token, presented_as, now_ms) == verdict


def test_delays_grow_to_a_bound() -> None:
    assert [delay_ms(n) for n in range(6)] == [0, 0, 0, 1000, 2000, 4000]
    assert delay_ms(1000) == LONGEST_DELAY_MS


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("short9!", "short"),
        ("ana.torres", "name"),
        ("AnaTorres1", "name"),
        ("torres2026", "name"),
        ("Password123", "common"),
        ("QWERTYUIOP", "common"),
        ("aaaaaaaaaaaa", "common"),
        ("abcdefghijklm", "common"),
        ("ghijklmnopqrst", "common"),
        ("a horse in the rain", None),
        ("ana likes green tea", None),
        ("密码要长一点才安全吧", None),
    ],
)
def test_passwords_that_nobody_may_have(password: str, why: str | None) -> None:
    assert weak_password(password, "ana.torres", "Ana Torres") == why
