"""An agent's own account, by the agent: password, second factor, devices. All of it is on record."""

from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import Connection

from relay_server.engine import audit
from relay_server.engine.bus import ToPerson
from relay_server.engine.journal import Journal, Transaction
from relay_server.engine.raw import rows_of
from relay_server.identity import agents, delays, factors, tokens
from relay_server.identity.actors import AgentActor
from relay_server.identity.agents import AgentRow
from relay_server.identity.passwords import Passwords
from relay_server.identity.permissions import refuse
from relay_server.identity.rules import MIN_PASSWORD, weak_password
from relay_server.identity.second_factor import Said, SecondFactor
from relay_server.identity.service import Above
from shared.protocol.frames import Refused
from shared.protocol.messages import account as a
from shared.protocol.messages.conversations import Done
from shared.protocol.messages.identity import TotpOffer

T = TypeVar("T")


class Accounts:
    """Every change of what lets somebody in asks for the password again: an unlocked desk is not enough."""

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

    async def get_account(self, actor: AgentActor, command: a.GetAccount) -> a.Account | Refused:
        """How it stands."""
        del command
        if refused := refuse(actor, "account.manage"):
            return refused

        def look(sql: Connection) -> a.Account:
            rows = rows_of(sql)
            return a.Account(
                totp=bool(factors.of(rows, actor.id).secret),
                totp_required=self._above.totp_required(rows),
                recovery_left=factors.codes_left(rows, actor.id),
                devices=tokens.devices(rows, actor.id, actor.family, self._clock()),
            )

        return await self._journal.read(look)

    # Second factor

    async def begin_totp(self, actor: AgentActor, command: a.BeginTotp) -> TotpOffer | Refused:
        """Refused: `password_wrong`, `sign_in_delayed`; with a factor in force `code_needed`, `code_wrong`."""

        def offer(tx: Transaction, row: AgentRow) -> TotpOffer | Refused | Said:
            refused = self._judge(tx, row, command.code)
            if refused is not None:
                return refused
            return self._second_factor.offer(tx, row.agent_id, row.username, self._above.name(tx.rows))

        return await self._with_password(actor, command.password, offer)

    async def confirm_totp(self, actor: AgentActor, command: a.ConfirmTotp) -> a.RecoveryCodes | Refused:
        """Refused: `wrong_state` when none was begun, `code_wrong`, `sign_in_delayed`."""

        def work(tx: Transaction) -> a.RecoveryCodes | Refused | Said:
            if refused := refuse(actor, "account.manage"):
                return refused
            factor = factors.of(tx.rows, actor.id)
            if not factor.pending:
                return Refused(code="wrong_state")
            codes = self._second_factor.confirm(tx, factor, command.code, _place(actor))
            if isinstance(codes, Refused | Said):
                return codes
            tx.after_commit(ToPerson(actor.id, a.AccountChanged()))
            return a.RecoveryCodes(codes=codes)

        return _plain(await self._journal.write(work))

    async def renew_recovery_codes(self, actor: AgentActor, command: a.RenewRecoveryCodes) -> a.RecoveryCodes | Refused:
        """Refused: as `begin_totp`; `wrong_state` without a second factor."""

        def renew(tx: Transaction, row: AgentRow) -> a.RecoveryCodes | Refused | Said:
            refused = self._judge(tx, row, command.code, must_have=True)
            if refused is not None:
                return refused
            audit.record(tx, row.agent_id, "recovery_codes_renewed")
            tx.after_commit(ToPerson(row.agent_id, a.AccountChanged()))
            return a.RecoveryCodes(codes=factors.replace_codes(tx, row.agent_id))

        return await self._with_password(actor, command.password, renew)

    async def turn_off_totp(self, actor: AgentActor, command: a.TurnOffTotp) -> Done | Refused:
        """Refused: as `begin_totp`; `second_factor_required` by the organisation, `wrong_state` without one."""

        def turn_off(tx: Transaction, row: AgentRow) -> Done | Refused | Said:
            if self._above.totp_required(tx.rows):
                return Refused(code="second_factor_required")
            refused = self._judge(tx, row, command.code, must_have=True)
            if refused is not None:
                return refused
            factors.remove(tx, row.agent_id)
            audit.record(tx, row.agent_id, "totp_off")
            tx.after_commit(ToPerson(row.agent_id, a.AccountChanged()))
            return Done()

        return await self._with_password(actor, command.password, turn_off)

    # Password

    async def change_password(self, actor: AgentActor, command: a.ChangePassword) -> Done | Refused:
        """Refused: `password_wrong`, `sign_in_delayed`, `password_weak` (`why`: short, name, common, same)."""
        if refused := refuse(actor, "account.manage"):
            return refused
        person = actor.profile
        why = weak_password(command.new_password, person.username, person.person.name)
        if command.new_password == command.password:
            why = why or "same"
        if why:
            return Refused(code="password_weak", params={"why": why, "least": str(MIN_PASSWORD)})
        hashed = await self._passwords.hashed(command.new_password)

        def change(tx: Transaction, row: AgentRow) -> Done:
            agents.set_password(tx, row.agent_id, hashed)
            ended = tokens.revoke_all(tx, row.agent_id, "password_changed", but=actor.family)
            audit.record(tx, row.agent_id, "password_changed", row.agent_id, str(ended))
            tx.after_commit(ToPerson(row.agent_id, a.AccountChanged()))
            return Done()

        return await self._with_password(actor, command.password, change)

    # Devices

    async def end_device(self, actor: AgentActor, command: a.EndDevice) -> Done | Refused:
        """Refused: `not_found` for a sign-in that is none of theirs or ended."""

        def work(tx: Transaction) -> Done | Refused:
            if refused := refuse(actor, "account.manage"):
                return refused
            if not tokens.revoke(tx, actor.id, command.device_id, "ended_by_agent"):
                return Refused(code="not_found")
            audit.record(tx, actor.id, "device_ended", command.device_id)
            tx.after_commit(ToPerson(actor.id, a.AccountChanged()))
            return Done()

        return await self._journal.write(work)

    async def end_other_devices(self, actor: AgentActor, command: a.EndOtherDevices) -> Done | Refused:
        """All but this one."""
        del command

        def work(tx: Transaction) -> Done | Refused:
            if refused := refuse(actor, "account.manage"):
                return refused
            ended = tokens.revoke_all(tx, actor.id, "ended_by_agent", but=actor.family)
            audit.record(tx, actor.id, "other_devices_ended", actor.family, str(ended))
            tx.after_commit(ToPerson(actor.id, a.AccountChanged()))
            return Done()

        return await self._journal.write(work)

    # The password again

    async def _with_password(
        self, actor: AgentActor, password: str, then: Callable[[Transaction, AgentRow], T | Refused | Said]
    ) -> T | Refused:
        """Guesses here count for this sign-in alone: they slow nobody down who signs in."""
        if refused := refuse(actor, "account.manage"):
            return refused
        account, place = actor.profile.username, _place(actor)

        def look(sql: Connection) -> AgentRow | Refused | None:
            return delays.refused(rows_of(sql), account, place, self._clock()) or agents.by_id(sql, actor.id)

        seen = await self._journal.read(look)
        if isinstance(seen, Refused):
            return seen
        if self._passwords.full:
            return Refused(code="busy")
        right = await self._passwords.fits(seen.password_hash if seen else None, password)

        def answer(tx: Transaction) -> T | Refused | Said:
            if wait := delays.refused(tx.rows, account, place, tx.now_ms):
                return wait
            row = agents.by_id(tx.sql, actor.id)
            if row is None or row.disabled or not tokens.lasts(tx.rows, actor.family):
                return Refused(code="token_revoked")
            if not right or seen is None or row.password_hash != seen.password_hash:
                delays.failed(tx, account, place)
                audit.record(tx, actor.id, "password_again_failed", actor.family)
                return Said(Refused(code="password_wrong"))
            delays.succeeded(tx, account, place)
            return then(tx, row)

        return _plain(await self._journal.write(answer))

    def _judge(self, tx: Transaction, row: AgentRow, code: str, *, must_have: bool = False) -> Refused | Said | None:
        factor = factors.of(tx.rows, row.agent_id)
        if not factor.secret:
            return Refused(code="wrong_state") if must_have else None
        if not code:
            return Refused(code="code_needed")
        return self._second_factor.judge(tx, factor, code, "")


def _place(actor: AgentActor) -> str:
    return f"sign-in {actor.family}"


def _plain(said: T | Refused | Said) -> T | Refused:
    return said.refused if isinstance(said, Said) else said
