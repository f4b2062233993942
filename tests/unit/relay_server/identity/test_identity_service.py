"""Agents sign in, come back, renew and sign out, over a real store."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import text

from relay_server.engine.bus import Committed, Wake
from relay_server.engine.bus_local import LocalBus
from relay_server.engine.journal_sqlite import SqliteJournal, open_journal
from relay_server.identity.agents import Membership, NewAgent, insert_agent
from relay_server.identity.passwords import Passwords, random_password
from relay_server.identity.rights import RIGHTS_CHANGED
from relay_server.identity.rules import ACCESS_MS, REFRESH_MS
from relay_server.identity.sealed import SealingKeys
from relay_server.identity.second_factor import SecondFactor
from relay_server.identity.service import Above, Identity, SignedIn
from shared.protocol.frames import Refused
from shared.protocol.messages.conversations import Done
from shared.protocol.messages.identity import (
    RenewTokens,
    SignInWithPassword,
    SignInWithToken,
    SignOut,
    TokenPair,
)
from tests.relay_store import Clock, empty_store

PASSWORD = "correct horse"
REVOKED = Refused(code="token_revoked")


@dataclass
class House:
    identity: Identity
    journal: SqliteJournal
    clock: Clock
    told: list[Committed]

    async def sign_in(self) -> SignedIn:
        answer = await self.identity.sign_in_with_password(
            SignInWithPassword(username="Amy", password=PASSWORD), "10.0.0.1"
        )
        assert isinstance(answer, SignedIn)
        return answer

    async def tokens(self) -> TokenPair:
        answer = await self.sign_in()
        assert answer.tokens is not None
        return answer.tokens

    async def renew(self, refresh_token: str) -> TokenPair | Refused:
        answer = await self.identity.renew_tokens(RenewTokens(refresh_token=refresh_token))
        if isinstance(answer, Refused):
            return answer
        assert answer.tokens is not None
        return answer.tokens

    async def come_back(self, access_token: str) -> SignedIn | Refused:
        return await self.identity.sign_in_with_token(SignInWithToken(access_token=access_token))

    async def audited(self) -> list[str]:
        found = await self.journal.read(
            lambda sql: sql.execute(text("SELECT action FROM audit ORDER BY id")).scalars().all()
        )
        return [str(each) for each in found]


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    clock, bus, told = Clock(), LocalBus(), list[Committed]()
    bus.subscribe(told.append)
    passwords = Passwords(time_cost=1, memory_kib=64)
    async with open_journal(empty_store(tmp_path), bus, clock) as journal:
        new = NewAgent("Amy", "Amy Lin", passwords.hash(PASSWORD), 2, ("admin",))
        await journal.write(lambda tx: insert_agent(tx, new))
        membership = Membership(("g1",), "Network", "East")
        sealing = SealingKeys(tmp_path / "sealing.key")
        sealing.make()
        above = Above(lambda sql, agent_id: membership, lambda rows: "Acme", lambda rows: False)
        yield House(Identity(journal, passwords, SecondFactor(sealing), above, clock), journal, clock, told)
    passwords.close()


async def test_the_right_password_opens(house: House) -> None:
    answer = await house.sign_in()
    profile = answer.actor.profile
    assert (profile.person.name, profile.tier, profile.group_ids, profile.branch) == ("Amy Lin", 2, ("g1",), "East")
    assert profile.roles == ("admin",)
    assert await house.audited() == ["signed_in"]


@pytest.mark.parametrize(("username", "password"), [("amy", "wrong"), ("nobody", PASSWORD), ("nobody", "wrong")])
async def test_wrong_names_and_passwords_look_alike(house: House, username: str, password: str) -> None:
    command = SignInWithPassword(username=username, password=password)
    assert await house.identity.sign_in_with_password(command, "10.0.0.9") == Refused(code="sign_in_failed")
    assert await house.audited() == ["sign_in_failed"]


async def test_guessing_is_delayed_for_the_guesser_only(house: House) -> None:
    wrong = SignInWithPassword(username="amy", password="wrong")
    answers = [await house.identity.sign_in_with_password(wrong, "6.6.6.6") for _ in range(4)]
    assert answers[-1] == Refused(code="sign_in_delayed", params={"retry_s": "1"})
    right = SignInWithPassword(username="amy", password=PASSWORD)
    assert isinstance(await house.identity.sign_in_with_password(right, "6.6.6.6"), Refused)
    assert isinstance(await house.identity.sign_in_with_password(right, "10.0.0.1"), SignedIn)
    house.clock.pass_ms(1000)
    assert isinstance(await house.identity.sign_in_with_password(right, "6.6.6.6"), SignedIn)


async def test_an_access_token_lasts_its_quarter_of_an_hour(house: House) -> None:
    pair = await house.tokens()
    assert isinstance(await house.come_back(pair.access_token), SignedIn)
    house.clock.pass_ms(ACCESS_MS)
    assert await house.come_back(pair.access_token) == Refused(code="token_expired")
    assert await house.come_back("x" * 43) == REVOKED


async def test_the_old_refresh_token_is_good_until_the_new_pair_is_used(house: House) -> None:
    first = await house.tokens()
    lost = await house.renew(first.refresh_token)
    assert isinstance(lost, TokenPair)
    second = await house.renew(first.refresh_token)
    assert isinstance(second, TokenPair)
    assert isinstance(await house.come_back(second.access_token), SignedIn)
    assert await house.renew(first.refresh_token) == REVOKED
    assert await house.come_back(second.access_token) == REVOKED
    assert await house.renew(second.refresh_token) == REVOKED
    assert "token_reused" in await house.audited()
    assert any(isinstance(note, Wake) and note.topic == RIGHTS_CHANGED for each in house.told for note in each.notes)


async def test_using_the_new_refresh_token_counts_as_use_too(house: House) -> None:
    first = await house.tokens()
    second = await house.renew(first.refresh_token)
    assert isinstance(second, TokenPair)
    assert isinstance(await house.renew(second.refresh_token), TokenPair)
    assert await house.renew(first.refresh_token) == REVOKED


async def test_a_refresh_token_ends_after_its_days(house: House) -> None:
    pair = await house.tokens()
    house.clock.pass_ms(REFRESH_MS)
    assert await house.renew(pair.refresh_token) == Refused(code="token_expired")


async def test_signing_out_ends_this_sign_in_and_no_other(house: House) -> None:
    here, there = await house.sign_in(), await house.tokens()
    assert here.tokens is not None
    assert await house.identity.sign_out(here.actor, SignOut()) == Done()
    assert await house.come_back(here.tokens.access_token) == REVOKED
    assert await house.renew(here.tokens.refresh_token) == REVOKED
    assert isinstance(await house.come_back(there.access_token), SignedIn)


async def test_a_disabled_agent_is_out(house: House) -> None:
    pair = await house.tokens()
    await house.journal.write(lambda tx: tx.run("UPDATE agents SET disabled_ms = 1"))
    assert await house.come_back(pair.access_token) == REVOKED
    right = SignInWithPassword(username="amy", password=PASSWORD)
    assert await house.identity.sign_in_with_password(right, "x") == Refused(code="sign_in_failed")


async def test_neither_passwords_nor_tokens_are_in_the_store(house: House) -> None:
    pair = await house.tokens()
    dump = await house.journal.read(lambda sql: str(sql.execute(text("SELECT * FROM tokens")).all()))
    assert pair.access_token not in dump
    assert pair.refresh_token not in dump


def test_random_passwords_differ() -> None:
    assert len({random_password() for _ in range(100)}) == 100
