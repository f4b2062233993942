"""Who has room for work. Two things are stored because routing asks for them at every change: how much each agent holds
(`agent_states.used`: what they own and what is offered to them), and the free ones of each group in the order in which
they are asked (`seats`). Whoever changes what these are made of calls one of these in the same transaction.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from relay_server.engine.journal import Transaction
from relay_server.engine.portable import in_list
from relay_server.engine.raw import Shape, write_rows

_HOLD: Final[Shape] = (
    "UPDATE agent_states SET used = agent_states.used + v.column2 FROM (VALUES ",
    "(CAST(? AS TEXT), CAST(? AS BIGINT))",
    ") AS v WHERE agent_states.agent_id = v.column1",
)
_CLEAR: Final = "DELETE FROM seats WHERE agent_id IN ?"
_SEAT: Final = (
    "INSERT INTO seats (group_id, load, idle_since_ms, agent_id, used, maximum)"
    " SELECT m.group_id, s.used * 1000000 / a.max_units, s.idle_since_ms, s.agent_id, s.used, a.max_units"
    " FROM agent_states s JOIN agents a ON a.id = s.agent_id JOIN group_members m ON m.agent_id = s.agent_id"
    " WHERE s.agent_id IN ? AND s.connected = 1 AND s.state = 'available' AND s.after = ''"
    " AND a.disabled_ms IS NULL AND s.used < a.max_units"
)
_DUE: Final = (
    "INSERT INTO due_groups (group_id) SELECT DISTINCT t.group_id FROM seats t WHERE t.agent_id IN ? AND EXISTS"
    " (SELECT 1 FROM conversations c WHERE c.state = 'queued' AND c.group_id = t.group_id) ON CONFLICT DO NOTHING"
)
_GREW: Final = (
    "INSERT INTO due_groups (group_id) SELECT g.id FROM groups g WHERE g.id = ? AND EXISTS"
    " (SELECT 1 FROM seats t WHERE t.group_id = g.id) ON CONFLICT DO NOTHING"
)


def hold(tx: Transaction, by_how_much: Mapping[str, int]) -> None:
    """Agents hold more, or less. Their seats are to be set anew."""
    write_rows(tx.run, _HOLD, [(agent_id, units) for agent_id, units in by_how_much.items()])


def refresh(tx: Transaction, *agent_ids: str) -> None:
    """These agents came, went, changed their state, what they hold or where they belong: groups that can be served by
    them are due."""
    place(tx, agent_ids)
    tx.run(*in_list(_DUE, agent_ids))


def place(tx: Transaction, agent_ids: Sequence[str]) -> None:
    """Sets the seats of these agents anew; no group is due by it."""
    tx.run(*in_list(_CLEAR, tuple(agent_ids)))
    tx.run(*in_list(_SEAT, tuple(agent_ids)))


def clear_absent(tx: Transaction) -> None:
    """Whoever is not connected has no seat."""
    tx.run("DELETE FROM seats WHERE agent_id IN (SELECT agent_id FROM agent_states WHERE connected = 0)")


def passed_on(tx: Transaction, before: str, after: str) -> None:
    """A piece of work went from one agent's hands to another's; empty: nobody's."""
    if before != after:
        changes = {agent_id: units for agent_id, units in ((before, -1), (after, 1)) if agent_id}
        hold(tx, changes)
        refresh(tx, *changes)


def line_grew(tx: Transaction, group_id: str) -> None:
    """Somebody waits in the group's line: it is due when anybody is free there."""
    tx.run(_GREW, (group_id,))
