"""The rows of agents at work, refusals, accepts and decisions; queries over the line."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final, Literal

import msgspec

from relay_server.conversations.store import Conversation, select
from relay_server.engine.journal import Transaction
from relay_server.engine.leases import APART_MS
from relay_server.engine.raw import Rows
from relay_server.identity import seats
from relay_server.routing.estimate import NEWEST, Moved
from shared.protocol.types import AgentState

KEPT_ACCEPTS: Final = NEWEST * 2


@dataclass(frozen=True, slots=True)
class Standing:
    """An agent at work. `after` is the state that begins when the current work ends; `lost_ms` when the last link went
    (0: there is one); `used` counts what they own and what is offered to them: an offer is a promise."""

    agent_id: str
    state: AgentState
    since_ms: int
    reason: str
    after: Literal["", "busy", "break", "offline"]
    after_reason: str
    idle_since_ms: int
    connected: int
    lost_ms: int
    used: int
    max_units: int


_STANDING: Final = (
    "SELECT s.agent_id, s.state, s.since_ms, s.reason, s.after, s.after_reason, s.idle_since_ms, s.connected,"
    " s.lost_ms, s.used, a.max_units FROM agent_states s JOIN agents a ON a.id = s.agent_id "
)
_IN_HAND: Final = "SELECT count(*) FROM conversations WHERE owner_id = ? AND owner_id <> ''"
_ARRIVE: Final = (
    "INSERT INTO agent_states (agent_id, state, since_ms, reason, after, after_reason, idle_since_ms, connected,"
    " lost_ms, used) VALUES (?,'offline',?,'','','',?,1,0,"
    " (SELECT count(*) FROM conversations WHERE owner_id = ? AND owner_id <> '')"
    " + (SELECT count(*) FROM conversations WHERE offered_to = ? AND offered_to <> ''))"
    " ON CONFLICT (agent_id) DO UPDATE SET connected = 1, lost_ms = 0"
)


def standing(rows: Rows, agent_id: str) -> Standing | None:
    """How an agent stands; None before the first sign-in."""
    found = rows(_STANDING + "WHERE s.agent_id = ?", (agent_id,))
    return Standing(*found[0]) if found else None


def standings(rows: Rows, where: str, parameters: Sequence[object]) -> list[Standing]:
    """Agents by a condition of ours with its `?` parameters."""
    return [Standing(*row) for row in rows(_STANDING + where, parameters)]


def in_hand(rows: Rows, agent_id: str) -> int:
    """How many conversations an agent owns."""
    return rows(_IN_HAND, (agent_id,))[0][0]


def arrive(tx: Transaction, agent_id: str) -> None:
    """The agent has a link; their state is what it was, `offline` at first."""
    tx.run(_ARRIVE, (agent_id, tx.now_ms, tx.now_ms, agent_id, agent_id))
    seats.refresh(tx, agent_id)


def depart(tx: Transaction, agent_id: str) -> None:
    """The agent's last link is gone; who was lost before stays lost since then."""
    tx.run(
        "UPDATE agent_states SET connected = 0, lost_ms = ? WHERE agent_id = ? AND connected = 1",
        (tx.now_ms, agent_id),
    )
    seats.refresh(tx, agent_id)


def depart_absent(tx: Transaction) -> None:
    """Agents who are connected to no node that lives have the grace to come back from now on."""
    tx.run(
        "UPDATE agent_states SET connected = 0, lost_ms = ? WHERE connected = 1 AND NOT EXISTS"
        " (SELECT 1 FROM presences p JOIN nodes n ON n.id = p.node_id"
        " WHERE n.dead_ms = 0 AND p.person_id = agent_states.agent_id)",
        (tx.now_ms,),
    )
    seats.clear_absent(tx)


def set_state(tx: Transaction, agent_id: str, state: AgentState, reason: str) -> None:
    """The agent is in this state from now on; coming back from elsewhere puts them last in their line."""
    tx.run(
        "UPDATE agent_states SET idle_since_ms = CASE WHEN state <> 'available' AND ? = 'available' THEN ?"
        " ELSE idle_since_ms END, since_ms = CASE WHEN state = ? THEN since_ms ELSE ? END, state = ?, reason = ?,"
        " after = '', after_reason = '' WHERE agent_id = ?",
        (state, tx.now_ms, state, tx.now_ms, state, reason, agent_id),
    )
    seats.refresh(tx, agent_id)


def set_after(tx: Transaction, agent_id: str, after: AgentState, reason: str) -> None:
    """What the state becomes when the current work ends."""
    tx.run("UPDATE agent_states SET after = ?, after_reason = ? WHERE agent_id = ?", (after, reason, agent_id))
    seats.refresh(tx, agent_id)


def worked(tx: Transaction, agent_id: str) -> None:
    """Handling work sends an agent to the back."""
    tx.run("UPDATE agent_states SET idle_since_ms = ? WHERE agent_id = ?", (tx.now_ms, agent_id))
    seats.refresh(tx, agent_id)


_AVAILABLE: Final = (
    "SELECT s.agent_id FROM agent_states s JOIN agents a ON a.id = s.agent_id"
    " JOIN group_members m ON m.agent_id = s.agent_id"
    " WHERE s.connected = 1 AND s.state = 'available' AND s.after = '' AND a.disabled_ms IS NULL AND m.group_id = ?"
)


def available(rows: Rows, group_id: str) -> frozenset[str]:
    """The connected, available members of a group, full ones too."""
    return frozenset(row[0] for row in rows(_AVAILABLE, (group_id,)))


def board_line(rows: Rows, group_id: str, limit: int) -> list[Conversation]:
    """Who waits at all, those with an offer on the table too, in order."""
    return select(
        rows,
        "WHERE c.state IN ('queued', 'offered') AND c.group_id = ? ORDER BY c.rank_ms, c.id LIMIT ?",
        (group_id, limit),
    )


def waiting_count(rows: Rows, group_id: str) -> int:
    """How many wait."""
    return rows(
        "SELECT count(*) FROM conversations WHERE state IN ('queued', 'offered') AND group_id = ?", (group_id,)
    )[0][0]


def on_duty(rows: Rows, group_id: str) -> int:
    """How many members are connected and not offline."""
    found = rows(
        "SELECT count(*) FROM group_members m JOIN agent_states s ON s.agent_id = m.agent_id"
        " WHERE m.group_id = ? AND s.connected = 1 AND s.state <> 'offline'",
        (group_id,),
    )
    return found[0][0]


def refuse(tx: Transaction, key: int, agent_id: str) -> None:
    """Not offered to this agent again in this pass."""
    tx.run(
        "INSERT INTO offer_refusals (conversation_key, agent_id, at_ms) VALUES (?,?,?)"
        " ON CONFLICT (conversation_key, agent_id) DO UPDATE SET at_ms = excluded.at_ms",
        (key, agent_id, tx.now_ms),
    )


def forget_refusals(tx: Transaction, key: int) -> None:
    """A new pass, or no more waiting."""
    tx.run("DELETE FROM offer_refusals WHERE conversation_key = ?", (key,))


def note_accept(tx: Transaction, group_id: str, since_ms: int) -> None:
    """The line moved: how long after it last could. Only the newest are kept."""
    last = tx.row("SELECT at_ms FROM accepts WHERE group_id = ? ORDER BY id DESC LIMIT 1", (group_id,))
    gap_ms = max(0, tx.now_ms - max(since_ms, last[0] if last else 0))
    tx.run("INSERT INTO accepts (group_id, at_ms, gap_ms) VALUES (?,?,?)", (group_id, tx.now_ms, gap_ms))
    tx.run(
        "DELETE FROM accepts WHERE group_id = ? AND id <="
        " (SELECT id FROM accepts WHERE group_id = ? ORDER BY id DESC LIMIT 1 OFFSET ?)",
        (group_id, group_id, KEPT_ACCEPTS),
    )


def moved(rows: Rows, group_id: str) -> list[Moved]:
    """How the line moved lately, the newest first."""
    found = rows("SELECT at_ms, gap_ms FROM accepts WHERE group_id = ? ORDER BY id DESC LIMIT ?", (group_id, NEWEST))
    return [Moved(*row) for row in found]


def decision(rows: Rows, key: int, agent_id: str) -> tuple[str, dict[str, str]]:
    """Why a conversation was last offered to an agent, and from what inputs."""
    found = rows(
        "SELECT why, inputs FROM decisions WHERE conversation_key = ? AND agent_id = ? ORDER BY id DESC LIMIT 1",
        (key, agent_id),
    )
    return (found[0][0], msgspec.json.decode(found[0][1], type=dict[str, str])) if found else ("", {})


def connected_agents(rows: Rows) -> list[tuple[str, tuple[str, ...]]]:
    """Every connected agent with their groups."""
    groups = _groups_of_connected(rows)
    found = rows("SELECT agent_id FROM agent_states WHERE connected = 1", ())
    return [(row[0], groups.get(row[0], ())) for row in found]


def _groups_of_connected(rows: Rows) -> dict[str, tuple[str, ...]]:
    found = rows(
        "SELECT m.agent_id, m.group_id FROM group_members m JOIN agent_states s ON s.agent_id = m.agent_id"
        " WHERE s.connected = 1 ORDER BY m.agent_id, m.group_id",
        (),
    )
    return {agent_id: tuple(row[1] for row in theirs) for agent_id, theirs in groupby(found, lambda row: row[0])}


def lost(rows: Rows, now_ms: int, grace_ms: int) -> list[Standing]:
    """Agents gone for longer than the grace who still count as at work or hold something; also those who went at a time
    that the clock, set back, will not see for longer than that."""
    where = "WHERE s.connected = 0 AND (s.state <> 'offline' OR s.used > 0) AND (s.lost_ms <= ? OR s.lost_ms > ?)"
    return standings(rows, where, (now_ms - grace_ms, now_ms + grace_ms + APART_MS))


def shorten_offers(tx: Transaction, to_ms: int, beyond_ms: int) -> None:
    """No offer runs for longer than the window: a clock that was set back would leave one on the table for hours."""
    if tx.row("SELECT 1 FROM conversations WHERE offered_to <> '' AND deadline_ms > ? LIMIT 1", (beyond_ms,)):
        tx.run(
            "UPDATE conversations SET deadline_ms = ? WHERE offered_to <> '' AND deadline_ms > ?", (to_ms, beyond_ms)
        )


def next_due_ms(rows: Rows, now_ms: int, grace_ms: int, pass_ms: int) -> int | None:
    """When time alone changes something next: an offer runs out, a grace ends, a new pass may begin."""
    (offer_ms,) = rows("SELECT min(deadline_ms) FROM conversations WHERE offered_to <> ''", ())[0]
    (refused_ms,) = rows("SELECT min(at_ms) FROM offer_refusals WHERE at_ms > ?", (now_ms - pass_ms,))[0]
    lost_ms = min((each.lost_ms for each in lost(rows, now_ms, 0)), default=None)
    due = (offer_ms, _later(lost_ms, grace_ms), _later(refused_ms, pass_ms))
    return min((each for each in due if each is not None), default=None)


def _later(at_ms: int | None, by_ms: int) -> int | None:
    return None if at_ms is None else at_ms + by_ms


def person_in_line(rows: Rows, customer_id: str) -> list[tuple[str, str]]:
    """The conversations in which a customer waits, each with its group."""
    found = rows(
        "SELECT id, group_id FROM conversations WHERE customer_id = ? AND state IN ('queued', 'offered')",
        (customer_id,),
    )
    return [(row[0], row[1]) for row in found]
