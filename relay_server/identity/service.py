"""Agents sign in by password or token; every sign-in, failure and revocation is an audit row."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection

from relay_server.engine import audit
from relay_server.engine.journal import Journal, Transaction
from relay_server.identity import agents, tokens
from relay_server.identity.actors import AgentActor
from relay_server.identity.agents import AgentRow, Membership
from relay_server.identity.delays import Delays
from relay_server.identity.passwords import Passwords
from relay_server.identity.rules import TokenKind, judge
from shared.protocol.frames import Refused
from shared.protocol.messages.conversations import Done
from shared.protocol.messages.identity import RenewTokens, SignInWithPassword, SignInWithToken, SignOut, TokenPair

Memberships = Callable[[Connection, str], Membership]
"""Where an agent belongs, by id; the organisation's knowledge, given from above."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """An agent and, when new ones were made, their tokens."""

    actor: AgentActor
    tokens: TokenPair | None = None


@dataclass(frozen=True, slots=True)
class _Reused:
    family: str


class Identity:
    """The sign-in of agents."""

    def __init__(
        self, journal: Journal, passwords: Passwords, memberships: Memberships, clock: Callable[[], int]
    ) -> None:
        self._journal = journal
        self._passwords = passwords
        self._memberships = memberships
        self._clock = clock
        self._delays = Delays()

    async def sign_in_with_password(self, command: SignInWithPassword, address: str) -> SignedIn | Refused:
        """Refused: `sign_in_failed`, `sign_in_delayed` (`seconds`), `busy`."""
        account = agents.plain_username(command.username)
        wait_ms = self._delays.wait_ms(account, address, self._clock())
        if wait_ms:
            return Refused(code="sign_in_delayed", params={"seconds": str(-(-wait_ms // 1000))})
        if self._passwords.full:
            return Refused(code="busy")
        row = await self._journal.read(lambda sql: agents.by_username(sql, account))
        right = await self._passwords.fits(row.password_hash if row else None, command.password)
        if row is None or row.disabled or not right:
            self._delays.failed(account, address, self._clock())
            return await self._note_failure(account, address)
        self._delays.succeeded(account, address)
        return await self._journal.write(lambda tx: self._start(tx, row.agent_id, command.device, address))

    async def sign_in_with_token(self, command: SignInWithToken) -> SignedIn | Refused:
        """Refused: `token_expired`, `token_revoked`."""
        seen = await self._journal.read(lambda sql: self._present(sql, command.access_token, "access"))
        if isinstance(seen, Refused):
            return seen
        if isinstance(seen, _Reused):
            return Refused(code="token_revoked")
        found, actor = seen
        if found.state.generation > found.state.confirmed:
            confirmed = await self._journal.write(lambda tx: tokens.confirm(tx, found))
            if isinstance(confirmed, Refused):
                return confirmed
        return SignedIn(actor)

    async def renew_tokens(self, command: RenewTokens) -> SignedIn | Refused:
        """Refused: `token_expired`, `token_revoked`; a reused token ends its whole family."""
        answer = await self._journal.write(lambda tx: self._renew(tx, command.refresh_token))
        return Refused(code="token_revoked") if isinstance(answer, _Reused) else answer

    async def sign_out(self, actor: AgentActor, command: SignOut) -> Done | Refused:
        """Ends the token family of this sign-in."""
        del command

        def work(tx: Transaction) -> Done:
            tokens.revoke(tx, actor.family, "signed_out")
            audit.record(tx, actor.id, "signed_out", actor.family)
            return Done()

        return await self._journal.write(work)

    def _start(self, tx: Transaction, agent_id: str, device: str, address: str) -> SignedIn | Refused:
        actor = self._actor(tx.sql, agent_id, "")
        if isinstance(actor, Refused):
            return actor
        family, pair = tokens.start_family(tx, agent_id, device)
        audit.record(tx, agent_id, "signed_in", family, address)
        return SignedIn(AgentActor(actor.profile, family), pair)

    async def _note_failure(self, account: str, address: str) -> Refused:
        await self._journal.write(lambda tx: audit.record(tx, address, "sign_in_failed", account))
        return Refused(code="sign_in_failed")

    def _renew(self, tx: Transaction, token: str) -> SignedIn | Refused | _Reused:
        seen = self._present(tx.sql, token, "refresh")
        if isinstance(seen, Refused):
            return seen
        if isinstance(seen, _Reused):
            tokens.revoke(tx, seen.family, "reused")
            audit.record(tx, "relay", "token_reused", seen.family)
            return seen
        found, actor = seen
        tokens.confirm(tx, found)
        return SignedIn(actor, tokens.make_pair(tx, found.family, found.state.generation + 1))

    def _present(
        self, sql: Connection, token: str, kind: TokenKind
    ) -> tuple[tokens.FoundToken, AgentActor] | Refused | _Reused:
        found = tokens.find(sql, token)
        if found is None:
            return Refused(code="token_revoked")
        verdict = judge(found.state, kind, self._clock())
        if verdict == "reused":
            return _Reused(found.family)
        if verdict != "good":
            return Refused(code="token_expired" if verdict == "expired" else "token_revoked")
        actor = self._actor(sql, found.agent_id, found.family)
        return actor if isinstance(actor, Refused) else (found, actor)

    def _actor(self, sql: Connection, agent_id: str, family: str) -> AgentActor | Refused:
        row: AgentRow | None = agents.by_id(sql, agent_id)
        if row is None or row.disabled:
            return Refused(code="token_revoked")
        return AgentActor(agents.profile_of(row, self._memberships(sql, agent_id)), family)
