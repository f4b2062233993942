"""Laws of sign-in: a token family over any history, and guesses that never come faster than they may."""

import asyncio
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from relay_server.identity.rules import FORGET_MS, FREE_FAILURES, delay_ms
from relay_server.identity.service import SignedIn
from shared.protocol.frames import Refused
from shared.protocol.messages.identity import RenewTokens, SignInWithToken, TokenPair
from tests.identity_house import House, amys_relay

Step = tuple[str, int]
STEPS = st.lists(
    st.tuples(st.sampled_from(["renew", "renew and lose the answer", "use"]), st.integers(0, 3)), max_size=14
)
"""What is done, and with which of the newest pairs: 0 is the one held, 1 the one before, ..."""


async def _present(house: House, pair: TokenPair) -> bool:
    command = SignInWithToken(access_token=pair.access_token)
    return isinstance(await house.identity.sign_in_with_token(command), SignedIn)


async def _renew(house: House, pair: TokenPair) -> TokenPair | None:
    answer = await house.identity.renew_tokens(RenewTokens(refresh_token=pair.refresh_token))
    return None if isinstance(answer, Refused) else answer.tokens


async def _family(steps: list[Step]) -> None:
    """A model beside the relay: pairs in generations, the newest generation of which any token was used."""
    with tempfile.TemporaryDirectory() as directory:
        async with amys_relay(Path(directory)) as house:
            first = (await house.in_there()).tokens
            assert first is not None
            pairs: list[tuple[TokenPair, int]] = [(first, 1)]
            confirmed, ended = 1, False
            for what, back in steps:
                pair, generation = pairs[max(0, len(pairs) - 1 - back)]
                if what == "use":
                    assert await _present(house, pair) == (not ended)
                    confirmed = confirmed if ended else max(confirmed, generation)
                    continue
                fresh = await _renew(house, pair)
                reused = generation < confirmed
                assert (fresh is not None) == (not ended and not reused), "a lost answer locks nobody out"
                ended = ended or reused
                confirmed = confirmed if ended else max(confirmed, generation)
                if fresh is not None and what == "renew":
                    pairs.append((fresh, generation + 1))
            if ended:
                assert not any([await _present(house, pair) for pair, _ in pairs]), "a copied token ends them all"


@settings(max_examples=25, deadline=None)
@given(STEPS)
def test_a_family_lives_until_a_token_that_was_traded_in_comes_back(steps: list[Step]) -> None:
    asyncio.run(_family(steps))


async def _guesses(waits_ms: list[int], together: int) -> None:
    with tempfile.TemporaryDirectory() as directory:
        async with amys_relay(Path(directory)) as house:
            looked_at: list[int] = []
            for wait_ms in waits_ms:
                house.clock.pass_ms(wait_ms)
                tries = [house.sign_in(password=f"guess {n}", address="6.6.6.6") for n in range(together)]
                answers = await asyncio.gather(*tries)
                looked_at += [
                    house.clock.now_ms
                    for each in answers
                    if isinstance(each, Refused) and each.code == "sign_in_failed"
                ]
            for count in range(FREE_FAILURES, len(looked_at)):
                assert looked_at[count] - looked_at[count - 1] >= delay_ms(count)
            assert isinstance(await house.sign_in(address="10.0.0.1"), SignedIn), "nobody else is kept out"


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(0, 30_000), min_size=1, max_size=8), st.integers(1, 6))
def test_guesses_come_no_faster_however_they_are_sent(waits_ms: list[int], together: int) -> None:
    assert sum(waits_ms) < FORGET_MS
    asyncio.run(_guesses(waits_ms, together))
