"""Agents' states within a transaction: chosen, missed, lost, and told to the agent's own windows."""

from relay_server.engine.bus import ToPerson, Wake
from relay_server.engine.journal import Transaction
from relay_server.engine.raw import Rows
from relay_server.routing import rules, store
from shared.protocol.frames import Refused
from shared.protocol.messages.organisation import AgentStateView
from shared.protocol.messages.routing import SetState, StateChanged

DUTY = "duty"
"""Topic of the wake after somebody came on duty or left it; the key is the agent's id."""
MISSED = "missed_offer"


def view(rows: Rows, agent_id: str) -> AgentStateView | None:
    """The agent's state as they see it."""
    found = store.standing(rows, agent_id)
    if found is None:
        return None
    return AgentStateView(
        state=found.state,
        since_ms=found.since_ms,
        reason=found.reason,
        after=found.after,
        used_units=found.used,
        max_units=found.max_units,
    )


def tell(tx: Transaction, agent_id: str) -> None:
    """The agent's windows learn how they stand."""
    stands = view(tx.rows, agent_id)
    if stands is not None:
        tx.after_commit(ToPerson(agent_id, StateChanged(state=stands)))


def choose(tx: Transaction, agent_id: str, command: SetState) -> Refused | None:
    """The state the agent asks for: now, or after the current work. Refused: `wrong_state` before arriving."""
    found = store.standing(tx.rows, agent_id)
    if found is None:
        return Refused(code="wrong_state")
    if rules.begins_later(command.state, store.in_hand(tx.rows, agent_id), now=command.now):
        store.set_after(tx, agent_id, command.state, command.reason)
        tell(tx, agent_id)
        return None
    return enter(tx, found, rules.choice(command.state), command.reason)


def enter(tx: Transaction, found: store.Standing, event: rules.AgentEvent, reason: str) -> Refused | None:
    """Moves the agent by the table."""
    following = rules.AGENT_TABLE.get((found.state, event))
    if following is None:
        return Refused(code="wrong_state", params={"state": found.state, "event": event})
    store.set_state(tx, found.agent_id, following, reason)
    tell(tx, found.agent_id)
    tx.after_commit(Wake(DUTY, found.agent_id, everywhere=True))
    return None


def miss(tx: Transaction, agent_id: str) -> None:
    """An offer ran out: the agent is on a break until they say otherwise."""
    found = store.standing(tx.rows, agent_id)
    if found is not None and found.state == "available":
        enter(tx, found, "miss_offer", MISSED)


def begin_what_was_asked(tx: Transaction) -> None:
    """States that waited for the current work begin where it has ended."""
    for found in store.standings(tx.rows, "WHERE s.after <> ''", ()):
        if found.after and store.in_hand(tx.rows, found.agent_id) == 0:
            enter(tx, found, rules.choice(found.after), found.after_reason)
