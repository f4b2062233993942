"""Who works here and in which groups, as other programs read it."""

from msgspec import Struct

from relay_server.engine.raw import Rows
from relay_server.identity.actors import KeyActor
from relay_server.identity.permissions import refuse
from relay_server.organisation import store
from shared.protocol.frames import Refused
from shared.protocol.messages.organisation import GroupView
from shared.protocol.types import Id, Line, Name, Tier


class AgentDocument(Struct, frozen=True, kw_only=True):
    """An agent; a disabled one stays, for what they once did."""

    agent_id: Id
    username: Line
    name: Name
    tier: Tier
    group_ids: tuple[Id, ...]
    disabled: bool


def agents(rows: Rows, actor: KeyActor, after: str, limit: int) -> list[AgentDocument] | Refused:
    """By id, after one."""
    if refused := refuse(actor, "organisation.read"):
        return refused
    found = rows(
        "SELECT id, username, name, tier, coalesce(disabled_ms, 0) FROM agents WHERE id > ? ORDER BY id LIMIT ?",
        (after, limit),
    )
    return [
        AgentDocument(
            agent_id=agent_id,
            username=username,
            name=name,
            tier=tier,
            group_ids=_groups(rows, agent_id),
            disabled=bool(disabled_ms),
        )
        for agent_id, username, name, tier, disabled_ms in found
    ]


def groups(rows: Rows, actor: KeyActor) -> list[GroupView] | Refused:
    """Every group in its order."""
    return refuse(actor, "organisation.read") or [each.view() for each in store.groups(rows)]


def _groups(rows: Rows, agent_id: str) -> tuple[str, ...]:
    found = rows("SELECT group_id FROM group_members WHERE agent_id = ? ORDER BY place, group_id", (agent_id,))
    return tuple(row[0] for row in found)
