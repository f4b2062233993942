"""What a pass reads and writes of lines and free agents: each for many groups, conversations or agents at once."""

from collections.abc import Collection, Sequence
from typing import Final, NamedTuple

import msgspec

from relay_server.conversations import store as conversations
from relay_server.conversations.store import Conversation
from relay_server.engine.journal import Transaction
from relay_server.engine.portable import in_list
from relay_server.engine.raw import EACH, Rows, Shape, read_rows, write_rows
from relay_server.routing.rules import NEW_PASS_MS, Assignment, Candidate, Known, Turn, Work
from shared.protocol.messages.organisation import AgentStateView
from shared.protocol.types import PersonRef

_HEADS: Final[Shape] = (
    "",
    "SELECT * FROM (SELECT c.group_id, c.rank_ms, c.id, c.key FROM conversations c WHERE c.state = 'queued'"
    " AND c.group_id = ? ORDER BY c.rank_ms, c.id LIMIT ?) AS h",
    "",
)
_SEATS: Final[Shape] = (
    "",
    "SELECT * FROM (SELECT t.group_id, t.load, t.idle_since_ms, t.agent_id, t.used, t.maximum FROM seats t"
    " WHERE t.group_id = ? ORDER BY t.load, t.idle_since_ms, t.agent_id LIMIT ?) AS h",
    "",
)
_FREE: Final = "SELECT group_id, count(*) FROM seats WHERE group_id IN ? GROUP BY group_id"
_REFUSALS: Final = "SELECT conversation_key, agent_id, at_ms FROM offer_refusals WHERE conversation_key IN ?"
_AT_WORK: Final = (
    "SELECT a.id, a.name, a.tier, coalesce((SELECT g.name FROM group_members m JOIN groups g ON g.id = m.group_id"
    " WHERE m.agent_id = a.id ORDER BY m.place, g.place, g.id LIMIT 1), ''), s.state, s.since_ms, s.reason, s.after,"
    " s.used, a.max_units FROM agents a JOIN agent_states s ON s.agent_id = a.id WHERE a.id IN ?"
)
_DECIDE: Final[Shape] = (
    "INSERT INTO decisions (at_ms, conversation_key, agent_id, why, inputs) VALUES ",
    "(?,?,?,?,?)",
    "",
)
_SETTLE: Final = (
    "DELETE FROM due_groups WHERE NOT EXISTS (SELECT 1 FROM seats t WHERE t.group_id = due_groups.group_id)"
    " OR NOT EXISTS (SELECT 1 FROM conversations c WHERE c.state = 'queued' AND c.group_id = due_groups.group_id)"
)
# SQLite looks at the tables of a CROSS JOIN in the order in which they stand: there are few refusals.
_ASK_AGAIN: Final = (
    "INSERT INTO due_groups (group_id) SELECT DISTINCT c.group_id FROM offer_refusals r CROSS JOIN conversations c"
    " WHERE c.key = r.conversation_key AND (r.at_ms <= ? OR r.at_ms >= ?) AND c.state = 'queued'"
    " AND EXISTS (SELECT 1 FROM seats t WHERE t.group_id = c.group_id) ON CONFLICT DO NOTHING"
)


class Head(NamedTuple):
    """One who waits near the front."""

    group_id: str
    rank_ms: int
    conversation_id: str
    key: int

    @property
    def place(self) -> tuple[int, str]:
        """What all lines together are ordered by."""
        return self.rank_ms, self.conversation_id


class AtWork(NamedTuple):
    """An agent as others see them, and how they stand."""

    person: PersonRef
    stands: AgentStateView


class Decision(NamedTuple):
    """What was decided about a conversation, and from what."""

    conversation: Conversation
    chosen: Assignment
    inputs: dict[str, str]


def due(rows: Rows) -> list[str]:
    """The groups that a pass must look at."""
    return [row[0] for row in rows("SELECT group_id FROM due_groups ORDER BY group_id", ())]


def done(tx: Transaction, group_ids: Sequence[str]) -> None:
    """Nobody of these groups can be served until something changes."""
    if group_ids:
        tx.run(*in_list("DELETE FROM due_groups WHERE group_id IN ?", tuple(group_ids)))


def settle(tx: Transaction) -> None:
    """Only groups in which somebody waits and somebody is free stay due."""
    tx.run(_SETTLE)


def ask_again(tx: Transaction) -> None:
    """Where refusals are so old that all may be asked again, the groups are due."""
    tx.run(_ASK_AGAIN, (tx.now_ms - NEW_PASS_MS, tx.now_ms + NEW_PASS_MS))


def heads(rows: Rows, group_ids: Sequence[str], count: int) -> dict[str, list[Head]]:
    """The first of each line."""
    found: dict[str, list[Head]] = {}
    for row in read_rows(rows, _HEADS, [(group_id, count) for group_id in group_ids], EACH):
        found.setdefault(row[0], []).append(Head(*row))
    return found


def refusals(rows: Rows, keys: Sequence[int]) -> dict[int, dict[str, int]]:
    """Who refused what, and when: conversation key -> agent id -> ms."""
    by_key: dict[int, dict[str, int]] = {}
    for key, agent_id, at_ms in rows(*in_list(_REFUSALS, tuple(keys))):
        by_key.setdefault(key, {})[agent_id] = at_ms
    return by_key


def seats(rows: Rows, work: Sequence[Work]) -> tuple[list[Candidate], dict[str, Known]]:
    """The first free agents of each group in question: one more than its work could take and refuse."""
    wanted: dict[str, int] = {}
    refused: dict[str, int] = {}
    for each in work:
        wanted[each.group_id] = wanted.get(each.group_id, 1) + 1
        refused[each.group_id] = max(refused.get(each.group_id, 0), len(each.refused))
    asked = [(group_id, count + refused[group_id]) for group_id, count in wanted.items()]
    groups: dict[str, list[str]] = {}
    agents: dict[str, tuple[int, int, int]] = {}
    turns: dict[str, list[Turn]] = {}
    for group_id, load, idle_since_ms, agent_id, used, maximum in read_rows(rows, _SEATS, asked, EACH):
        groups.setdefault(agent_id, []).append(group_id)
        agents[agent_id] = (used, maximum, idle_since_ms)
        turns.setdefault(group_id, []).append((load, idle_since_ms, agent_id))
    free: dict[str, int] = {row[0]: row[1] for row in rows(*in_list(_FREE, tuple(wanted)))}
    known = {
        group_id: Known(free[group_id], found[-1] if len(found) < free[group_id] else None)
        for group_id, found in turns.items()
    }
    return [Candidate(each, tuple(groups[each]), *held) for each, held in agents.items()], known


def waiting(rows: Rows, keys: Sequence[int]) -> dict[str, Conversation]:
    """The conversations of these keys by their ids."""
    found = conversations.select(rows, *in_list("WHERE c.key IN ?", tuple(keys)))
    return {each.conversation_id: each for each in found}


def at_work(rows: Rows, agent_ids: Collection[str]) -> dict[str, AtWork]:
    """These agents."""
    found: dict[str, AtWork] = {}
    for agent_id, name, tier, team, state, since_ms, reason, after, used, maximum in rows(
        *in_list(_AT_WORK, tuple(agent_ids))
    ):
        stands = AgentStateView(
            state=state, since_ms=since_ms, reason=reason, after=after, used_units=used, max_units=maximum
        )
        found[agent_id] = AtWork(PersonRef(id=agent_id, name=name, kind="agent", tier=tier, group=team), stands)
    return found


def decide(tx: Transaction, decisions: Sequence[Decision]) -> None:
    """Decisions with their inputs, for whoever asks later why this agent."""
    write_rows(
        tx.run,
        _DECIDE,
        [
            (tx.now_ms, each.key, chosen.agent_id, chosen.why, msgspec.json.encode(inputs).decode())
            for each, chosen, inputs in decisions
        ],
    )
