"""The rows of agents."""

import json
import unicodedata
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import Connection, Row, insert, select

from relay_server.engine.journal import Transaction
from relay_server.engine.schema.identity import agents
from relay_server.identity import seats
from shared.common.ids import new_id
from shared.protocol.messages.identity import AgentProfile
from shared.protocol.types import PersonRef, Tier


@dataclass(frozen=True, slots=True)
class NewAgent:
    """What it takes to make an agent. `roles` beside `agent`, which all have."""

    username: str
    name: str
    password_hash: str
    tier: Tier = 1
    roles: tuple[str, ...] = ()
    max_units: int = 3


@dataclass(frozen=True, slots=True)
class Membership:
    """Where an agent belongs; the organisation knows."""

    group_ids: tuple[str, ...] = ()
    group_name: str = ""
    branch: str = ""


@dataclass(frozen=True, slots=True)
class AgentRow:
    """An agent as the store has them."""

    agent_id: str
    username: str
    name: str
    password_hash: str
    roles: tuple[str, ...]
    tier: Tier
    max_units: int
    disabled: bool


def plain_username(username: str) -> str:
    """How usernames are compared: NFKC, no case, no surrounding blanks."""
    return unicodedata.normalize("NFKC", username).strip().casefold()


def insert_agent(tx: Transaction, new: NewAgent) -> str:
    """Adds an agent and returns their id. Raises sqlalchemy.exc.IntegrityError for a username in use."""
    agent_id = new_id()
    tx.sql.execute(
        insert(agents).values(
            id=agent_id,
            username=plain_username(new.username),
            name=new.name,
            password_hash=new.password_hash,
            roles=json.dumps(list(new.roles)),
            tier=new.tier,
            max_units=new.max_units,
            created_ms=tx.now_ms,
        )
    )
    return agent_id


def by_username(sql: Connection, username: str) -> AgentRow | None:
    """The agent of that name, if any."""
    return _row(sql.execute(select(agents).where(agents.c.username == plain_username(username))).first())


def by_id(sql: Connection, agent_id: str) -> AgentRow | None:
    """The agent of that id, if any."""
    return _row(sql.execute(select(agents).where(agents.c.id == agent_id)).first())


def everybody(sql: Connection) -> list[AgentRow]:
    """Every agent, by username."""
    found = (_row(each) for each in sql.execute(select(agents).order_by(agents.c.username)))
    return [each for each in found if each is not None]


def set_password(tx: Transaction, agent_id: str, password_hash: str) -> None:
    """Another password from now on."""
    tx.run("UPDATE agents SET password_hash = ? WHERE id = ?", (password_hash, agent_id))


def set_disabled(tx: Transaction, agent_id: str, *, disabled: bool) -> None:
    """Whether the agent may come in at all."""
    tx.run("UPDATE agents SET disabled_ms = ? WHERE id = ?", (tx.now_ms if disabled else None, agent_id))
    seats.refresh(tx, agent_id)


def set_roles(tx: Transaction, agent_id: str, roles: tuple[str, ...]) -> None:
    """What the agent may do beside what all agents may."""
    tx.run("UPDATE agents SET roles = ? WHERE id = ?", (json.dumps(list(roles)), agent_id))


def profile_of(row: AgentRow, membership: Membership) -> AgentProfile:
    """The agent as they see themselves."""
    person = PersonRef(id=row.agent_id, name=row.name, kind="agent", tier=row.tier, group=membership.group_name)
    return AgentProfile(
        person=person,
        username=row.username,
        group_ids=membership.group_ids,
        tier=row.tier,
        branch=membership.branch,
        roles=row.roles,
        max_units=row.max_units,
    )


def _row(row: Row[Any] | None) -> AgentRow | None:
    if row is None:
        return None
    return AgentRow(
        agent_id=row.id,
        username=row.username,
        name=row.name,
        password_hash=row.password_hash,
        roles=tuple(cast("list[str]", json.loads(row.roles))),
        tier=row.tier,
        max_units=row.max_units,
        disabled=row.disabled_ms is not None,
    )
