"""Who comes to which node and who is gone from all of them, within a transaction."""

from typing import Final

from relay_server.conversations import presence
from relay_server.engine import leases
from relay_server.engine.bus import Wake
from relay_server.engine.journal import Transaction
from relay_server.engine.leases import ThisNode
from relay_server.routing import offers, standing, store
from shared.protocol.frames import Refused
from shared.protocol.types import PersonRef

RELEASED: Final = 100
"""People of dead nodes let go in one unit of work."""


def begin(tx: Transaction, this: ThisNode, *, alone: bool) -> Refused | None:
    """The node begins with nobody connected to it. Offers stand as they were stored, owners have their grace.

    `alone`: no other can be there, whatever the rows of a restored or a killed one say.

    Refused: `wrong_state` when a node that lives keeps its files elsewhere.
    """
    for node in leases.nodes(tx.rows):
        if alone:
            leases.end(tx, node.node_id)
        elif not node.dead_ms and node.name != this.name and node.files != this.files:
            return Refused(code="wrong_state", params={"host": node.host})
    leases.begin(tx, this)
    store.depart_absent(tx)
    leases.forget_empty(tx)
    return None


def came(tx: Transaction, node_id: str, person: PersonRef) -> Refused | None:
    """The first link of a person to a node is up. Refused: `shutting_down`, see `leases.come`."""
    first = leases.come(tx, node_id, person)
    if isinstance(first, Refused):
        return first
    if first:
        presence.tell(tx, person, online=True)
    if person.kind == "agent":
        store.arrive(tx, person.id)
        standing.tell(tx, person.id)
        tx.after_commit(Wake(standing.DUTY, person.id, everywhere=True))
    return None


def left(tx: Transaction, node_id: str, person: PersonRef) -> None:
    """The last link of a person to a node is gone beyond the link's grace: if they are nowhere else, offers go back at
    once, conversations after the owner's grace."""
    if not leases.go(tx, node_id, person.id):
        return
    presence.tell(tx, person, online=False)
    if person.kind == "agent":
        store.depart(tx, person.id)
        offers.withdraw_all(tx, person.id)
        tx.after_commit(Wake(standing.DUTY, person.id, everywhere=True))


def release(tx: Transaction, grace_ms: int) -> int:
    """Lets go of people whose nodes have been dead for longer than the grace; how many: `RELEASED` when there may be
    more."""
    orphans = leases.orphans(tx.rows, tx.now_ms, grace_ms, RELEASED)
    for orphan in orphans:
        left(tx, orphan.node_id, orphan.person)
    leases.forget_empty(tx)
    return len(orphans)
