"""Adds an agent to a relay that is set up, also while it serves."""

from collections.abc import Sequence
from dataclasses import dataclass

from relay_server.app import Adapters
from relay_server.commands.init import Credential
from relay_server.commands.store import CommandRefused, opened, settled
from relay_server.engine import audit
from relay_server.engine.journal import Transaction
from relay_server.identity import agents
from relay_server.identity.agents import NewAgent, insert_agent
from relay_server.identity.passwords import Passwords, random_password
from relay_server.organisation import store as organisation
from relay_server.settings import Settings
from shared.protocol.types import Tier


@dataclass(frozen=True, slots=True)
class Asked:
    """What `add-agent` was given; `groups` by name or id."""

    username: str
    name: str
    tier: Tier = 1
    groups: Sequence[str] = ()
    roles: tuple[str, ...] = ()
    max_units: int = 3


async def run(settings: Settings, adapters: Adapters, asked: Asked) -> Credential:
    """Returns the new agent's password, which is kept nowhere. Raises CommandRefused."""
    if not 1 <= len(agents.plain_username(asked.username)) <= 80:
        raise CommandRefused("username_bad", username=asked.username)
    password = random_password()
    passwords = Passwords()
    try:
        hashed = passwords.hash(password)
    finally:
        passwords.close()
    async with opened(settings, adapters) as journal:
        settled(await journal.write(lambda tx: _add(tx, asked, hashed)))
    return Credential(agents.plain_username(asked.username), asked.name, password)


def _add(tx: Transaction, asked: Asked, hashed: str) -> None:
    if agents.by_username(tx.sql, asked.username) is not None:
        raise CommandRefused("username_taken", username=asked.username)
    new = NewAgent(asked.username, asked.name, hashed, asked.tier, asked.roles, asked.max_units)
    agent_id = insert_agent(tx, new)
    for group in asked.groups:
        organisation.join_group(tx, _group_id(tx, group), agent_id)
    audit.record(tx, "cli", "agent_added", agent_id)


def _group_id(tx: Transaction, wanted: str) -> str:
    for group in organisation.groups(tx.rows):
        if wanted in (group.group_id, group.name):
            return group.group_id
    raise CommandRefused("no_such_group", group=wanted)
