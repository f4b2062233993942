"""Agents sign in by password or token; every sign-in, failure and revocation is an audit row."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeVar

from sqlalchemy import Connection

from relay_server.engine import audit
from relay_server.engine.bus import ToPerson
from relay_server.engine.journal import Journal, Transaction
from relay_server.engine.raw import Rows, rows_of
from relay_server.identity import agents, delays, factors, tokens
from relay_server.identity.actors import AgentActor
from relay_server.identity.agents import AgentRow, Membership
from relay_server.identity.factors import Factor
from relay_server.identity.passwords import Passwords
from relay_server.identity.rules import TokenKind, judge
from relay_server.identity.second_factor import Said, SecondFactor
from shared.protocol.frames import Refused
from shared.protocol.messages.account import AccountChanged, Way
from shared.protocol.messages.conversations import Done
from shared.protocol.messages.identity import (
    EnrolTotp,
    RenewTokens,
    SignInWithPassword,
    SignInWithToken,
    SignOut,
    TokenPair,
    TotpOffer,
)

T = TypeVar("T")
Standing = Literal["same", "changed", "ended"]


@dataclass(frozen=True, slots=True)
class Above:
    """What the organisation knows of its agents, given from above."""

    membership: Callable[[Connection, str], Membership]
    """Where an agent belongs, by id."""
    name: Callable[[Rows], str]
    totp_required: Callable[[Rows], bool]


@dataclass(frozen=True, slots=True)
class SignedIn:
    """An agent and, when new ones were made, their tokens and recovery codes."""

    actor: AgentActor
    tokens: TokenPair | None = None
    recovery_codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Reused:
    token: tokens.FoundToken


class Identity:
    """The sign-in of agents."""

    def __init__(
        self,
        journal: Journal,
        passwords: Passwords,
        second_factor: SecondFactor,
        above: Above,
        clock: Callable[[], int],
    ) -> None:
        self._journal = journal
        self._passwords = passwords
        self._second_factor = second_factor
        self._above = above
        self._clock = clock

    # Passwords

    async def sign_in_with_password(self, command: SignInWithPassword, address: str) -> SignedIn | Refused:
        """Refused: `sign_in_failed`, `sign_in_delayed` (`retry_s`), `busy`; with the right password `code_needed`,
        `code_wrong`, `enrolment_needed`."""

        def enter(tx: Transaction, row: AgentRow) -> SignedIn | Refused | Said:
            return self._enter(tx, row, command, address)

        return await self._with_password(command.username, command.password, address, enter)

    async def enrol_totp(self, command: EnrolTotp, address: str) -> TotpOffer | Refused:
        """For who must have a second factor and has none. Refused: as for sign-in; `wrong_state` for who has one."""

        def offer(tx: Transaction, row: AgentRow) -> TotpOffer | Refused:
            if factors.of(tx.rows, row.agent_id).secret or not self._above.totp_required(tx.rows):
                return Refused(code="wrong_state")
            return self._second_factor.offer(tx, row.agent_id, row.username, self._above.name(tx.rows))

        return await self._with_password(command.username, command.password, address, offer)

    async def _with_password(
        self, username: str, password: str, address: str, then: Callable[[Transaction, AgentRow], T | Refused | Said]
    ) -> T | Refused:
        """The delay is asked again where the answer is given: guesses sent at once gain nothing over one by one."""
        account = agents.plain_username(username)

        def look(sql: Connection) -> AgentRow | Refused | None:
            wait = delays.refused(rows_of(sql), account, address, self._clock())
            return wait or agents.by_username(sql, account)

        seen = await self._journal.read(look)
        if isinstance(seen, Refused):
            return seen
        if self._passwords.full:
            return Refused(code="busy")
        right = await self._passwords.fits(seen.password_hash if seen else None, password)

        def answer(tx: Transaction) -> T | Refused | Said:
            if wait := delays.refused(tx.rows, account, address, tx.now_ms):
                return wait
            row = agents.by_username(tx.sql, account)
            if row is None or seen is None or row.disabled or row.password_hash != seen.password_hash or not right:
                delays.failed(tx, account, address)
                audit.record(tx, address, "sign_in_failed", account)
                return Said(Refused(code="sign_in_failed"))
            delays.succeeded(tx, account, address)
            return then(tx, row)

        said = await self._journal.write(answer)
        return said.refused if isinstance(said, Said) else said

    def _enter(
        self, tx: Transaction, row: AgentRow, command: SignInWithPassword, address: str
    ) -> SignedIn | Refused | Said:
        factor = factors.of(tx.rows, row.agent_id)
        codes: tuple[str, ...] = ()
        if factor.secret:
            if not command.code:
                return Refused(code="code_needed")
            refused = self._second_factor.judge(tx, factor, command.code, address)
            if refused is not None:
                return refused
        elif self._above.totp_required(tx.rows):
            confirmed = self._enrolled(tx, factor, command.code, address)
            if isinstance(confirmed, Refused | Said):
                return confirmed
            codes = confirmed
        return self.start(tx, row.agent_id, command.device, address, codes=codes)

    def _enrolled(self, tx: Transaction, factor: Factor, code: str, address: str) -> tuple[str, ...] | Refused | Said:
        if not code or not factor.pending:
            return Refused(code="enrolment_needed")
        return self._second_factor.confirm(tx, factor, code, address)

    def start(
        self,
        tx: Transaction,
        agent_id: str,
        device: str,
        address: str,
        way: Way = "password",
        codes: tuple[str, ...] = (),
    ) -> SignedIn | Refused:
        """A sign-in for an agent who has proven to be one; `token_revoked` for a disabled one."""
        actor = self._actor(tx.sql, agent_id, "")
        if isinstance(actor, Refused):
            return actor
        family, pair = tokens.start_family(tx, agent_id, device, address, way)
        audit.record(tx, agent_id, "signed_in", family, f"{address} {way}")
        tx.after_commit(ToPerson(agent_id, AccountChanged()))
        return SignedIn(AgentActor(actor.profile, family), pair, codes)

    # Tokens

    async def sign_in_with_token(self, command: SignInWithToken, address: str = "") -> SignedIn | Refused:
        """Refused: `token_expired`, `token_revoked`."""
        seen = await self._journal.read(lambda sql: self._present(sql, command.access_token, "access"))
        if isinstance(seen, Refused):
            return seen
        if isinstance(seen, _Reused):
            return Refused(code="token_revoked")
        found, actor = seen
        if found.state.generation > found.state.confirmed or found.to_touch(address, self._clock()):

            def use(tx: Transaction) -> Done:
                tokens.confirm(tx, found)
                tokens.touch(tx, found, address)
                return Done()

            used = await self._journal.write(use)
            if isinstance(used, Refused):
                return used
        return SignedIn(actor)

    async def renew_tokens(self, command: RenewTokens, address: str = "") -> SignedIn | Refused:
        """Refused: `token_expired`, `token_revoked`; a reused token ends its whole family."""
        answer = await self._journal.write(lambda tx: self._renew(tx, command.refresh_token, address))
        return Refused(code="token_revoked") if isinstance(answer, _Reused) else answer

    async def sign_out(self, actor: AgentActor, command: SignOut) -> Done | Refused:
        """Ends the token family of this sign-in."""
        del command

        def work(tx: Transaction) -> Done:
            tokens.revoke(tx, actor.id, actor.family, "signed_out")
            audit.record(tx, actor.id, "signed_out", actor.family)
            tx.after_commit(ToPerson(actor.id, AccountChanged()))
            return Done()

        return await self._journal.write(work)

    async def standing(self, actor: AgentActor) -> Standing:
        """Whether this sign-in lasts, and whether groups and roles are as they were when it was looked at."""

        def look(sql: Connection) -> Standing:
            now = self._actor(sql, actor.id, actor.family)
            if isinstance(now, Refused) or not tokens.lasts(rows_of(sql), actor.family):
                return "ended"
            return "same" if now == actor else "changed"

        return await self._journal.read(look)

    def _renew(self, tx: Transaction, token: str, address: str) -> SignedIn | Refused | _Reused:
        seen = self._present(tx.sql, token, "refresh")
        if isinstance(seen, Refused):
            return seen
        if isinstance(seen, _Reused):
            tokens.revoke(tx, seen.token.agent_id, seen.token.family, "reused")
            audit.record(tx, "relay", "token_reused", seen.token.family)
            return seen
        found, actor = seen
        tokens.confirm(tx, found)
        tokens.touch(tx, found, address)
        return SignedIn(actor, tokens.make_pair(tx, found.family, found.state.generation + 1))

    def _present(
        self, sql: Connection, token: str, kind: TokenKind
    ) -> tuple[tokens.FoundToken, AgentActor] | Refused | _Reused:
        found = tokens.find(sql, token)
        if found is None:
            return Refused(code="token_revoked")
        verdict = judge(found.state, kind, self._clock())
        if verdict == "reused":
            return _Reused(found)
        if verdict != "good":
            return Refused(code="token_expired" if verdict == "expired" else "token_revoked")
        actor = self._actor(sql, found.agent_id, found.family)
        return actor if isinstance(actor, Refused) else (found, actor)

    def _actor(self, sql: Connection, agent_id: str, family: str) -> AgentActor | Refused:
        row: AgentRow | None = agents.by_id(sql, agent_id)
        if row is None or row.disabled:
            return Refused(code="token_revoked")
        return AgentActor(agents.profile_of(row, self._above.membership(sql, agent_id)), family)
