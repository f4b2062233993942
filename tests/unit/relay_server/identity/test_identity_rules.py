"""What a token is worth, and how long a guesser waits."""

import pytest

from relay_server.identity.delays import Delays
from relay_server.identity.rules import FORGET_MS, LONGEST_DELAY_MS, TokenKind, TokenState, Verdict, delay_ms, judge


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


def test_a_guesser_slows_down_only_themselves() -> None:
    delays = Delays()
    for _ in range(10):
        delays.failed("amy", "10.0.0.1", 0)
    assert delays.wait_ms("amy", "10.0.0.1", 1) > 60_000
    assert delays.wait_ms("amy", "10.0.0.2", 1) == 0
    assert delays.wait_ms("bob", "10.0.0.1", 1) == 0
    assert delays.wait_ms("amy", "10.0.0.1", FORGET_MS + 1) == 0


def test_the_right_password_forgets_failures() -> None:
    delays = Delays()
    for _ in range(5):
        delays.failed("amy", "10.0.0.1", 0)
    delays.succeeded("amy", "10.0.0.1")
    assert delays.wait_ms("amy", "10.0.0.1", 0) == 0
