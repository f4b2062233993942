"""Agents' accounts, by an administrator at the relay's machine, also while it serves: its nodes see it in a second."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Connection

from relay_server.app import Adapters
from relay_server.commands.init import Credential
from relay_server.commands.store import CommandRefused, opened, settled
from relay_server.engine import audit
from relay_server.engine.journal import Transaction
from relay_server.engine.raw import rows_of
from relay_server.identity import administration, agents, factors, rights, subjects, tokens
from relay_server.identity.agents import AgentRow
from relay_server.identity.passwords import Passwords, random_password
from relay_server.identity.sealed import SealingKeys
from relay_server.organisation import store as organisation
from relay_server.settings import Settings
from shared.common.clock import now_ms
from shared.protocol.messages.conversations import Done

Change = Literal["disable", "enable", "reset_totp", "sign_out", "join", "leave", "give_role", "take_role", "unlink"]
_BY = "cli"


@dataclass(frozen=True, slots=True)
class Asked:
    """Which agent, what to do, and the group or role that it is about."""

    username: str
    change: Change
    what: str = ""


@dataclass(frozen=True, slots=True)
class Listed:
    """One agent as `agent list` shows them."""

    username: str
    name: str
    disabled: bool
    groups: tuple[str, ...]
    roles: tuple[str, ...]
    totp: bool
    linked: tuple[str, ...]
    sign_ins: int
    last_ms: int


async def listed(settings: Settings, adapters: Adapters) -> list[Listed]:
    """Every agent. Raises CommandRefused."""
    async with opened(settings, adapters) as journal:
        return await journal.read(_list)


async def new_password(settings: Settings, adapters: Adapters, username: str) -> Credential:
    """Returns the new password, which is kept nowhere. Raises CommandRefused."""
    password = random_password()
    passwords = Passwords()
    try:
        hashed = passwords.hash(password)
    finally:
        passwords.close()

    def work(tx: Transaction) -> None:
        administration.new_password(tx, _found(tx, username), hashed, _BY)

    async with opened(settings, adapters) as journal:
        settled(await journal.write(work))
    return Credential(agents.plain_username(username), "", password)


async def change(settings: Settings, adapters: Adapters, asked: Asked) -> int:
    """How many sign-ins or links ended by it. Raises CommandRefused."""
    async with opened(settings, adapters) as journal:
        done = await journal.write(lambda tx: _CHANGES[asked.change](tx, _found(tx, asked.username), asked.what))
    settled(done)
    return done if isinstance(done, int) else 0


async def link(settings: Settings, adapters: Adapters, username: str, subject: str, email: str) -> None:
    """Ties a person at the organisation's own sign-in to an agent. Raises CommandRefused."""
    if not settings.oidc_issuer:
        raise CommandRefused("no_single_sign_on")

    def work(tx: Transaction) -> None:
        if not administration.link(tx, _found(tx, username), settings.oidc_issuer, subject, email, _BY):
            raise CommandRefused("subject_taken", who=subject or email)

    async with opened(settings, adapters) as journal:
        settled(await journal.write(work))


async def require_totp(settings: Settings, adapters: Adapters, *, required: bool) -> None:
    """Whether every agent who signs in by password must have a second factor. Raises CommandRefused."""

    def work(tx: Transaction) -> None:
        organisation.set_totp_required(tx, required=required)
        audit.record(tx, _BY, "totp_required_set", "", "on" if required else "off")

    async with opened(settings, adapters) as journal:
        settled(await journal.write(work))


async def rotate_sealing_key(settings: Settings, adapters: Adapters) -> int:
    """A new key, everything sealed again by it, the old one gone; how many secrets. Raises CommandRefused."""
    keys = SealingKeys(settings.sealing_key_file)
    keys.make()

    def work(tx: Transaction) -> Done:
        count = factors.seal_again(tx, keys)
        if count is None:
            raise CommandRefused("sealing_key_lost", path=str(settings.sealing_key_file))
        audit.record(tx, _BY, "sealing_key_rotated", "", str(count))
        return Done()

    async with opened(settings, adapters) as journal:
        keys.add()
        settled(await journal.write(work))
        keys.drop_all_but_newest()
        return await journal.read(lambda sql: sum(bool(each.secret) for each in factors.everybody(rows_of(sql))))


def _found(tx: Transaction, username: str) -> AgentRow:
    row = agents.by_username(tx.sql, username)
    if row is None:
        raise CommandRefused("no_such_agent", username=username)
    return row


def _list(sql: Connection) -> list[Listed]:
    rows, made = rows_of(sql), list[Listed]()
    names = {group.group_id: group.name for group in organisation.groups(rows)}
    for row in agents.everybody(sql):
        belongs = organisation.membership(sql, row.agent_id)
        devices = tokens.devices(rows, row.agent_id, "", now_ms())
        made.append(
            Listed(
                username=row.username,
                name=row.name,
                disabled=row.disabled,
                groups=tuple(names.get(group_id, group_id) for group_id in belongs.group_ids),
                roles=row.roles,
                totp=bool(factors.of(rows, row.agent_id).secret),
                linked=subjects.of(rows, row.agent_id),
                sign_ins=len(devices),
                last_ms=max((each.last_ms for each in devices), default=0),
            )
        )
    return made


def _enable(tx: Transaction, row: AgentRow, what: str) -> int:
    del what
    administration.enable(tx, row, _BY)
    return 0


def _reset_totp(tx: Transaction, row: AgentRow, what: str) -> int:
    del what
    if not administration.reset_totp(tx, row, _BY):
        raise CommandRefused("no_totp", username=row.username)
    return 0


def _sign_out(tx: Transaction, row: AgentRow, what: str) -> int:
    del what
    ended = tokens.revoke_all(tx, row.agent_id, "by_administrator")
    audit.record(tx, _BY, "agent_signed_out", row.agent_id, str(ended))
    return ended


def _join(tx: Transaction, row: AgentRow, what: str) -> int:
    group_id = _group_id(tx, what)
    if group_id not in organisation.membership(tx.sql, row.agent_id).group_ids:
        organisation.join_group(tx, group_id, row.agent_id)
        rights.changed(tx, row.agent_id)
        audit.record(tx, _BY, "group_joined", row.agent_id, group_id)
    return 0


def _leave(tx: Transaction, row: AgentRow, what: str) -> int:
    group_id = _group_id(tx, what)
    if organisation.leave_group(tx, group_id, row.agent_id):
        rights.changed(tx, row.agent_id)
        audit.record(tx, _BY, "group_left", row.agent_id, group_id)
    return 0


def _give_role(tx: Transaction, row: AgentRow, what: str) -> int:
    administration.give_role(tx, row, what, _BY)
    return 0


def _take_role(tx: Transaction, row: AgentRow, what: str) -> int:
    if what == "admin" and [each.username for each in agents.everybody(tx.sql) if _rules(each)] == [row.username]:
        raise CommandRefused("last_administrator")
    administration.take_role(tx, row, what, _BY)
    return 0


def _disable(tx: Transaction, row: AgentRow, what: str) -> int:
    del what
    if _rules(row) and [each.username for each in agents.everybody(tx.sql) if _rules(each)] == [row.username]:
        raise CommandRefused("last_administrator")
    return administration.disable(tx, row, _BY)


def _unlink(tx: Transaction, row: AgentRow, what: str) -> int:
    del what
    return administration.unlink(tx, row, _BY)


def _rules(row: AgentRow) -> bool:
    return "admin" in row.roles and not row.disabled


def _group_id(tx: Transaction, wanted: str) -> str:
    for group in organisation.groups(tx.rows):
        if wanted in (group.group_id, group.name):
            return group.group_id
    raise CommandRefused("no_such_group", group=wanted)


_CHANGES: dict[Change, Callable[[Transaction, AgentRow, str], int]] = {
    "disable": _disable,
    "enable": _enable,
    "reset_totp": _reset_totp,
    "sign_out": _sign_out,
    "join": _join,
    "leave": _leave,
    "give_role": _give_role,
    "take_role": _take_role,
    "unlink": _unlink,
}
