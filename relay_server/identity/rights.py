"""Whose rights changed, for the nodes that hold open links: rows in their order, and a wake that says to look.

The wake is a hint and may get lost, and a command on another process has no bus; the rows are the truth, so every node
also looks by itself.
"""

from typing import Final

from relay_server.engine.bus import Wake
from relay_server.engine.journal import Transaction
from relay_server.engine.raw import Rows

RIGHTS_CHANGED: Final = "rights_changed"
"""Topic of the wake; the key is the agent's id."""
_KEPT_MS: Final = 24 * 3_600_000


def changed(tx: Transaction, agent_id: str) -> None:
    """An agent was disabled, lost or won a group or role, or one of their sign-ins ended."""
    tx.run(
        "INSERT INTO rights_changes (place, at_ms, agent_id)"
        " VALUES ((SELECT coalesce(max(place), 0) + 1 FROM rights_changes), ?, ?)",
        (tx.now_ms, agent_id),
    )
    tx.run(
        "DELETE FROM rights_changes WHERE at_ms < ? AND place < (SELECT max(place) FROM rights_changes)",
        (tx.now_ms - _KEPT_MS,),
    )
    tx.after_commit(Wake(RIGHTS_CHANGED, agent_id, everywhere=True))


def newest(rows: Rows) -> int:
    """The place of the last change; 0 when there was none."""
    return int(rows("SELECT coalesce(max(place), 0) FROM rights_changes", ())[0][0])


def since(rows: Rows, place: int) -> tuple[int, frozenset[str]]:
    """The newest place, and whose rights changed after `place`."""
    found = rows("SELECT place, agent_id FROM rights_changes WHERE place > ? ORDER BY place", (place,))
    return (found[-1][0], frozenset(row[1] for row in found)) if found else (place, frozenset())
