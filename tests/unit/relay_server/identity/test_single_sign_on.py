"""Single sign-on against a provider over HTTP that is honest, lies, is slow or is not there."""

import asyncio
import secrets
import socket
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from joserfc import jwk

from relay_server.identity import administration, agents, oidc
from relay_server.identity.oidc import Client, Provider
from relay_server.identity.service import SignedIn
from relay_server.identity.single_sign_on import STATE_MS, SingleSignOn, Way, challenge_of
from shared.common.errors import ConfigError
from shared.protocol.frames import Refused
from shared.protocol.messages.identity import BeginSingleSignOn, FinishSingleSignOn, SingleSignOnBegun
from tests.identity_house import House
from tests.oidc import CLIENT, SECRET, FakeProvider, Lies, provider

FAILED = Refused(code="single_sign_on_failed")
DOWN = Refused(code="single_sign_on_down")
STRANGER = Refused(code="single_sign_on_stranger")


@dataclass
class Desk:
    """Amy's program, her browser, and the relay."""

    amys: House
    provider: FakeProvider
    sign_on: SingleSignOn

    async def begin(self) -> tuple[SingleSignOnBegun, str]:
        verifier = secrets.token_urlsafe(48)
        begun = await self.sign_on.begin(BeginSingleSignOn(port=4711, challenge=challenge_of(verifier)))
        assert isinstance(begun, SingleSignOnBegun), begun
        return begun, verifier

    async def finish(self, begun: SingleSignOnBegun, verifier: str, code: str = "") -> SignedIn | Refused:
        code = code or self.provider.authorise(begun.url)
        command = FinishSingleSignOn(state=begun.state, code=code, verifier=verifier, device="desk")
        return await self.sign_on.finish(command, "10.0.0.1")

    async def sign_in(self) -> SignedIn | Refused:
        return await self.finish(*await self.begin())

    async def link(self, subject: str = "", email: str = "") -> bool:
        row = await self.amys.journal.read(lambda sql: agents.by_username(sql, "amy"))
        assert row is not None
        done = await self.amys.journal.write(
            lambda tx: administration.link(tx, row, self.provider.issuer, subject, email, "cli")
        )
        return done is True


def sign_on_of(amys: House, issuer: str, *, provision: bool = False) -> SingleSignOn:
    client = Client(issuer, CLIENT, SECRET)
    way = Way("Acme", issuer, Provider(client, amys.clock), provision)
    return SingleSignOn(amys.journal, amys.identity, amys.passwords, amys.keys, way, amys.clock)


@pytest.fixture
async def desk(amys: House) -> AsyncIterator[Desk]:
    amys.clock.now_ms = int(time.time() * 1000)
    async with provider() as served:
        yield Desk(amys, served, sign_on_of(amys, served.issuer))


async def test_a_linked_subject_comes_in(desk: Desk) -> None:
    assert await desk.link(subject="amy-1")
    signed_in = await desk.sign_in()
    assert isinstance(signed_in, SignedIn)
    assert signed_in.actor.profile.username == "amy"
    account = await desk.amys.account(signed_in.actor)
    assert [each.way for each in account.devices] == ["single_sign_on"]


async def test_a_stranger_does_not_nor_who_has_only_the_same_name(desk: Desk) -> None:
    desk.provider.user = {"sub": "x", "email": "amy", "email_verified": True, "name": "Amy Lin"}
    assert await desk.sign_in() == STRANGER


async def test_a_verified_address_is_kept_to_the_first_who_comes(desk: Desk) -> None:
    assert await desk.link(email="amy@acme.example")
    assert await desk.sign_in() == STRANGER, "not verified"
    desk.provider.user["email_verified"] = True
    assert isinstance(await desk.sign_in(), SignedIn)
    desk.provider.user = {"sub": "somebody-else", "email": "amy@acme.example", "email_verified": True}
    assert await desk.sign_in() == STRANGER
    desk.provider.user = {"sub": "amy-1"}
    assert isinstance(await desk.sign_in(), SignedIn), "her address may change, she is who she is"
    assert not await desk.link(email="amy@acme.example"), "linked already"


async def test_a_disabled_agent_stays_out(desk: Desk) -> None:
    await desk.link(subject="amy-1")
    row = await desk.amys.journal.read(lambda sql: agents.by_username(sql, "amy"))
    assert row is not None
    await desk.amys.journal.write(lambda tx: administration.disable(tx, row, "cli"))
    assert await desk.sign_in() == STRANGER


NOW = int(time.time())
LIES: dict[str, Lies] = {
    "wrong nonce": Lies(claims={"nonce": "another"}),
    "no nonce": Lies(claims={"nonce": None}),
    "another audience": Lies(claims={"aud": "another"}),
    "another authorised party": Lies(claims={"aud": [CLIENT, "another"], "azp": "another"}),
    "many audiences and no authorised party": Lies(claims={"aud": [CLIENT, "another"]}),
    "another issuer": Lies(claims={"iss": "https://evil.example"}),
    "expired": Lies(claims={"exp": NOW - 3600, "iat": NOW - 7200}),
    "made long ago": Lies(claims={"iat": NOW - 7200}),
    "of the future": Lies(claims={"iat": NOW + 7200, "exp": NOW + 9000}),
    "no expiry": Lies(claims={"exp": None}),
    "no subject": Lies(claims={"sub": ""}),
    "a subject that is no text": Lies(claims={"sub": 7}),
    "not signed": Lies(unsigned=True),
    "signed with the public key as a secret": Lies(secret_signed=True),
    "signed with a foreign key": Lies(key=jwk.RSAKey.generate_key(2048, {"kid": "k1"})),
    "signed with an unknown key": Lies(header={"kid": "k2"}, key=jwk.RSAKey.generate_key(2048, {"kid": "k2"})),
    "no token at all": Lies(token="nonsense"),
    "refused": Lies(status=400),
}


@pytest.mark.parametrize("lie", LIES)
async def test_a_lying_provider_lets_nobody_in(desk: Desk, lie: str) -> None:
    await desk.link(subject="amy-1")
    desk.provider.lies = LIES[lie]
    assert await desk.sign_in() == FAILED


@pytest.mark.parametrize(
    "lies",
    [Lies(status=500), Lies(status=302), Lies(body=b"<html>"), Lies(body=b'{"id_token":"' + b"x" * 300_000 + b'"}')],
)
async def test_a_broken_provider_is_said_to_be_one(desk: Desk, lies: Lies) -> None:
    desk.provider.lies = lies
    assert await desk.sign_in() == DOWN


async def test_a_code_and_a_state_are_good_once(desk: Desk) -> None:
    await desk.link(subject="amy-1")
    begun, verifier = await desk.begin()
    code = desk.provider.authorise(begun.url)
    assert isinstance(await desk.finish(begun, verifier, code), SignedIn)
    assert await desk.finish(begun, verifier, code) == FAILED
    assert await desk.finish(begun, verifier) == FAILED, "the state is spent, whatever the code"
    fresh, other = await desk.begin()
    assert await desk.finish(fresh, other, code) == FAILED, "the code is spent, whatever the state"


async def test_who_caught_the_redirect_has_nothing_without_the_verifier(desk: Desk) -> None:
    await desk.link(subject="amy-1")
    begun, verifier = await desk.begin()
    code = desk.provider.authorise(begun.url)
    assert await desk.finish(begun, secrets.token_urlsafe(48), code) == FAILED
    assert isinstance(await desk.finish(begun, verifier, code), SignedIn), "a stranger's try spends nothing"


async def test_states_of_others_do_not_mix(desk: Desk) -> None:
    await desk.link(subject="amy-1")
    (mine, my_verifier), (other, _) = await desk.begin(), await desk.begin()
    theirs = desk.provider.authorise(other.url)
    assert await desk.finish(mine, my_verifier, theirs) == FAILED
    changed = type(mine)(url=mine.url, state=mine.state[:-3] + ("AAA" if mine.state[-3:] != "AAA" else "BBB"))
    assert await desk.finish(changed, my_verifier, "c") == FAILED


async def test_a_state_does_not_last(desk: Desk) -> None:
    begun, verifier = await desk.begin()
    desk.amys.clock.pass_ms(STATE_MS)
    assert await desk.finish(begun, verifier) == FAILED


async def test_a_provider_that_describes_another_is_not_asked(desk: Desk) -> None:
    desk.provider.lies.issuer = "https://evil.example"
    begin = BeginSingleSignOn(port=1, challenge="c" * 43)
    assert await desk.sign_on.begin(begin) == DOWN
    assert await desk.sign_on.begin(begin) == DOWN
    assert desk.provider.lies.asked == ["/.well-known/openid-configuration"], "left alone for a moment"


async def test_new_keys_of_the_provider_are_found(desk: Desk) -> None:
    await desk.link(subject="amy-1")
    assert isinstance(await desk.sign_in(), SignedIn)
    desk.provider.key = jwk.RSAKey.generate_key(2048, {"kid": "k1", "use": "sig"})
    assert await desk.sign_in() == FAILED, "not asked twice in a moment"
    desk.amys.clock.pass_ms(oidc.AGAIN_MS)
    assert isinstance(await desk.sign_in(), SignedIn)
    assert desk.provider.lies.asked.count("/jwks") == 2


async def test_a_provider_that_is_not_there(amys: House) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        sign_on = sign_on_of(amys, f"http://127.0.0.1:{nobody.getsockname()[1]}")
        assert await sign_on.begin(BeginSingleSignOn(port=1, challenge="c" * 43)) == DOWN


async def test_a_provider_that_says_nothing_is_not_waited_for(amys: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(oidc, "STEP_S", 0.2)
    hung = asyncio.Event()

    async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await hung.wait()
        writer.close()

    server = await asyncio.start_server(hang, "127.0.0.1", 0)
    try:
        sign_on = sign_on_of(amys, f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
        assert await sign_on.begin(BeginSingleSignOn(port=1, challenge="c" * 43)) == DOWN
    finally:
        hung.set()
        server.close()


@pytest.mark.parametrize("issuer", ["http://login.example", "ftp://login.example", "https://", "login.example"])
def test_only_a_provider_with_tls(issuer: str) -> None:
    with pytest.raises(ConfigError):
        Provider(Client(issuer, CLIENT, SECRET), lambda: 0)


async def test_unknown_people_become_agents_only_where_that_is_set(desk: Desk) -> None:
    open_house = Desk(desk.amys, desk.provider, sign_on_of(desk.amys, desk.provider.issuer, provision=True))
    desk.provider.user = {"sub": "new", "email": "Bo@acme.example", "email_verified": True, "name": "Bo Ek"}
    signed_in = await open_house.sign_in()
    assert isinstance(signed_in, SignedIn)
    profile = signed_in.actor.profile
    assert (profile.username, profile.person.name, profile.group_ids, profile.roles) == (
        "bo@acme.example",
        "Bo Ek",
        (),
        (),
    )
    again = await open_house.sign_in()
    assert isinstance(again, SignedIn)
    assert again.actor.id == signed_in.actor.id
    desk.provider.user = {"sub": "other", "email": "bo@acme.example", "email_verified": True}
    assert await open_house.sign_in() == STRANGER, "a name that is taken is not theirs"
    desk.provider.user = {"sub": "shy", "email": "shy@acme.example"}
    assert await open_house.sign_in() == STRANGER, "not verified"


async def test_where_there_is_none_everything_is_refused(amys: House) -> None:
    none = SingleSignOn(amys.journal, amys.identity, amys.passwords, amys.keys, None, amys.clock)
    off = Refused(code="single_sign_on_off")
    assert none.name == ""
    assert await none.begin(BeginSingleSignOn(port=1, challenge="c" * 43)) == off
    assert await none.finish(FinishSingleSignOn(state="s", code="c", verifier="v" * 43), "10.0.0.1") == off
