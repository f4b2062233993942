"""The rows of relays that live, and of who has a link to which: a person is connected when a live node says so.

A node lives as long as its `beat` goes up. Nobody compares clocks: whoever sees the same beat for longer than a lease,
by a clock of their own, declares the node dead, and only if the beat is still the same. What a dead node writes about
links is refused from then on.
"""

from dataclasses import dataclass, field
from typing import Final

import msgspec

from relay_server.engine.journal import Transaction
from relay_server.engine.portable import in_list
from relay_server.engine.raw import Rows
from shared.common.ids import new_id
from shared.protocol.frames import Refused
from shared.protocol.types import PersonRef

APART_MS: Final = 2000
"""How far the clocks of relays on one store may be apart; what is further ahead is from before a clock was set back."""
_person = msgspec.json.Decoder(PersonRef)


@dataclass(frozen=True, slots=True)
class ThisNode:
    """What this process is to the others: `name` is its data directory's, `node_id` is new whenever it begins anew."""

    name: str = ""
    host: str = ""
    files: str = ""
    node_id: str = field(default_factory=new_id)

    def anew(self) -> "ThisNode":
        """What it held as the former one is no longer its own."""
        return ThisNode(self.name, self.host, self.files)


@dataclass(frozen=True, slots=True)
class Node:
    """One run of a relay. `dead_ms` 0: it lives."""

    node_id: str
    name: str
    host: str
    files: str
    beat: int
    beat_ms: int
    dead_ms: int


@dataclass(frozen=True, slots=True)
class Orphan:
    """Somebody whose link was to a node that is dead."""

    person: PersonRef
    node_id: str


def begin(tx: Transaction, this: ThisNode) -> None:
    """The node lives from now on; what ran on the same data directory before it does no more."""
    tx.run("UPDATE nodes SET dead_ms = ? WHERE name = ? AND dead_ms = 0", (tx.now_ms, this.name))
    tx.run(
        "INSERT INTO nodes (id, name, host, files, started_ms, beat, beat_ms, dead_ms) VALUES (?,?,?,?,?,0,?,0)",
        (this.node_id, this.name, this.host, this.files, tx.now_ms, tx.now_ms),
    )


def end(tx: Transaction, node_id: str) -> None:
    """The node goes; its people have the grace to come back elsewhere."""
    tx.run("UPDATE nodes SET dead_ms = ? WHERE id = ? AND dead_ms = 0", (tx.now_ms, node_id))


def beat(tx: Transaction, node_id: str) -> bool:
    """The node still lives; False when others have declared it dead."""
    changed = tx.run("UPDATE nodes SET beat = beat + 1, beat_ms = ? WHERE id = ? AND dead_ms = 0", (tx.now_ms, node_id))
    return changed == 1


def declare_dead(tx: Transaction, node: Node) -> bool:
    """Only if it has not moved since it was looked at."""
    changed = tx.run(
        "UPDATE nodes SET dead_ms = ? WHERE id = ? AND beat = ? AND dead_ms = 0", (tx.now_ms, node.node_id, node.beat)
    )
    return changed == 1


def nodes(rows: Rows) -> list[Node]:
    """Those that live, and those that are dead and still have people."""
    return [Node(*row) for row in rows("SELECT id, name, host, files, beat, beat_ms, dead_ms FROM nodes", ())]


def forget_empty(tx: Transaction) -> None:
    """Dead nodes that hold nobody any more."""
    tx.run(
        "DELETE FROM nodes WHERE dead_ms > 0 AND NOT EXISTS (SELECT 1 FROM presences p WHERE p.node_id = nodes.id)", ()
    )


def come(tx: Transaction, node_id: str, person: PersonRef) -> bool | Refused:
    """The person has a link to the node; whether it is their only one. Refused: `shutting_down` when it is dead."""
    if tx.row("SELECT 1 FROM nodes WHERE id = ? AND dead_ms = 0", (node_id,)) is None:
        return Refused(code="shutting_down")
    first = not online(tx.rows, (person.id,))
    tx.run(
        "INSERT INTO presences (person_id, node_id, person, since_ms) VALUES (?,?,?,?)"
        " ON CONFLICT (person_id, node_id) DO UPDATE SET person = excluded.person",
        (person.id, node_id, msgspec.json.encode(person).decode(), tx.now_ms),
    )
    return first


def go(tx: Transaction, node_id: str, person_id: str) -> bool:
    """The person has no link to the node any more; whether they have none at all."""
    gone = tx.run("DELETE FROM presences WHERE person_id = ? AND node_id = ?", (person_id, node_id))
    return gone == 1 and not online(tx.rows, (person_id,))


def online(rows: Rows, person_ids: tuple[str, ...]) -> frozenset[str]:
    """Who of them is connected."""
    statement, parameters = in_list(
        "SELECT p.person_id FROM presences p JOIN nodes n ON n.id = p.node_id WHERE n.dead_ms = 0 AND p.person_id IN ?",
        person_ids,
    )
    return frozenset(row[0] for row in rows(statement, parameters))


def orphans(rows: Rows, now_ms: int, grace_ms: int, limit: int) -> list[Orphan]:
    """People whose node has been dead for longer than the grace, or since a time that the clock, set back,
    will not see for longer than that."""
    found = rows(
        "SELECT p.person, p.node_id FROM presences p JOIN nodes n ON n.id = p.node_id"
        " WHERE n.dead_ms > 0 AND (n.dead_ms <= ? OR n.dead_ms > ?) ORDER BY n.dead_ms, p.person_id LIMIT ?",
        (now_ms - grace_ms, now_ms + grace_ms + APART_MS, limit),
    )
    return [Orphan(_person.decode(person), node_id) for person, node_id in found]
