"""Agents come in by their organisation's own sign-in (OpenID Connect, authorization code with PKCE).

The agent's program opens the system's browser and listens on its own loopback address (RFC 8252); it brings back a code
that is worth nothing without the verifier it kept. `state` holds what the relay must remember, sealed, so that nothing
is stored for somebody who has only asked; it is good once.
"""

import base64
import hashlib
import hmac
import logging
import secrets
from collections.abc import Callable
from typing import Final

import msgspec
from msgspec import Struct

from relay_server.engine import audit
from relay_server.engine.journal import Journal, Transaction
from relay_server.identity import agents, subjects
from relay_server.identity.agents import NewAgent, insert_agent
from relay_server.identity.claims import Claims
from relay_server.identity.oidc import Provider, ProviderDown, ProviderRefused
from relay_server.identity.passwords import Passwords, random_password
from relay_server.identity.sealed import SealingKeys
from relay_server.identity.service import Identity, SignedIn
from shared.protocol.frames import Refused
from shared.protocol.messages.conversations import Done
from shared.protocol.messages.identity import BeginSingleSignOn, FinishSingleSignOn, SingleSignOnBegun

STATE_MS: Final = 10 * 60_000
AT_ONCE: Final = 32
"""Sign-ins that may wait for the provider at the same time."""
_ABOUT: Final = "single sign-on state"
_FAILED: Final = Refused(code="single_sign_on_failed")
_log = logging.getLogger(__name__)


class Way(Struct, frozen=True):
    """How it is called to people, at which provider, and whether unknown people become agents."""

    name: str
    issuer: str
    provider: Provider
    provision: bool


class _State(Struct, frozen=True, array_like=True):
    nonce: str
    challenge: str
    redirect_uri: str
    until_ms: int


class SingleSignOn:
    """`way` None: there is none, and everything is refused."""

    def __init__(
        self,
        journal: Journal,
        identity: Identity,
        passwords: Passwords,
        keys: SealingKeys,
        way: Way | None,
        clock: Callable[[], int],
    ) -> None:
        self._journal = journal
        self._identity = identity
        self._passwords = passwords
        self._keys = keys
        self._way = way
        self._clock = clock
        self._busy = 0

    @property
    def name(self) -> str:
        """What the button says; empty where there is none."""
        return self._way.name if self._way else ""

    async def begin(self, command: BeginSingleSignOn) -> SingleSignOnBegun | Refused:
        """Where the person's browser goes. Refused: `single_sign_on_off`, `single_sign_on_down`."""
        if self._way is None:
            return Refused(code="single_sign_on_off")
        state = _State(
            nonce=secrets.token_urlsafe(24),
            challenge=command.challenge,
            redirect_uri=f"http://127.0.0.1:{command.port}/signed-in",
            until_ms=self._clock() + STATE_MS,
        )
        sealed = self._keys.seal(msgspec.json.encode(state), _ABOUT)
        try:
            url = await self._way.provider.sign_in_url(state.redirect_uri, sealed, state.nonce, state.challenge)
        except ProviderDown as error:
            return _down(error)
        except ProviderRefused as error:
            return _down(error)
        return SingleSignOnBegun(url=url, state=sealed)

    async def finish(self, command: FinishSingleSignOn, address: str) -> SignedIn | Refused:
        """Refused: `single_sign_on_off`, `single_sign_on_failed`, `single_sign_on_down`, `single_sign_on_stranger`
        (the provider vouches, but nobody here is that person), `busy`."""
        way = self._way
        if way is None:
            return Refused(code="single_sign_on_off")
        state = self._opened(command)
        if state is None:
            return _FAILED
        spent = await self._journal.write(lambda tx: _spend(tx, command.state, state.until_ms))
        if isinstance(spent, Refused):
            return spent
        if self._busy >= AT_ONCE:
            return Refused(code="busy")
        claims = await self._claims(way, state, command)
        if isinstance(claims, Refused):
            return claims
        spare = await self._passwords.hashed(random_password()) if way.provision else ""
        return await self._journal.write(lambda tx: self._enter(tx, way, claims, command.device, address, spare))

    def _opened(self, command: FinishSingleSignOn) -> _State | None:
        plain = self._keys.open(command.state, _ABOUT)
        if plain is None:
            return None
        state = msgspec.json.decode(plain, type=_State)
        fits = hmac.compare_digest(challenge_of(command.verifier), state.challenge)
        return state if fits and self._clock() < state.until_ms else None

    async def _claims(self, way: Way, state: _State, command: FinishSingleSignOn) -> Claims | Refused:
        self._busy += 1
        try:
            return await way.provider.redeem(command.code, command.verifier, state.redirect_uri, state.nonce)
        except ProviderDown as error:
            return _down(error)
        except ProviderRefused as error:
            _log.warning("single sign-on refused: %s", error)
            return _FAILED
        finally:
            self._busy -= 1

    def _enter(
        self, tx: Transaction, way: Way, claims: Claims, device: str, address: str, spare: str
    ) -> SignedIn | Refused:
        agent_id = subjects.agent_of(tx, way.issuer, claims.sub, claims.verified_email)
        if agent_id is None and way.provision:
            agent_id = _provision(tx, way, claims, spare)
        row = agents.by_id(tx.sql, agent_id) if agent_id else None
        if row is None or row.disabled:
            return Refused(code="single_sign_on_stranger")
        return self._identity.start(tx, row.agent_id, device, address, "single_sign_on")


def challenge_of(verifier: str) -> str:
    """S256 of RFC 7636."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")


def _spend(tx: Transaction, state: str, until_ms: int) -> Done | Refused:
    tx.run("DELETE FROM spent_states WHERE expires_ms < ?", (tx.now_ms,))
    digest = hashlib.sha256(state.encode()).hexdigest()
    fresh = tx.run(
        "INSERT INTO spent_states (digest, expires_ms) VALUES (?, ?) ON CONFLICT (digest) DO NOTHING",
        (digest, until_ms),
    )
    return Done() if fresh else _FAILED


def _provision(tx: Transaction, way: Way, claims: Claims, spare: str) -> str | None:
    """A new agent in no group, who can do nothing until an administrator gives them one. A name that is taken is not
    theirs."""
    username = agents.plain_username(claims.verified_email)
    if not 1 <= len(username) <= 80 or agents.by_username(tx.sql, username) is not None:
        return None
    name = claims.name.strip()[:80] or username
    agent_id = insert_agent(tx, NewAgent(username, name, spare))
    subjects.link(tx, way.issuer, agent_id, subject=claims.sub, email=claims.verified_email)
    audit.record(tx, "relay", "agent_provisioned", agent_id, f"{way.issuer} {claims.sub}")
    return agent_id


def _down(error: Exception) -> Refused:
    _log.warning("the provider of single sign-on does not answer: %s", error)
    return Refused(code="single_sign_on_down")
