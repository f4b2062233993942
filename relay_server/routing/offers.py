"""Offers within a transaction: answered, run out, taken back. `claims` makes them."""

from typing import Final, Literal

from relay_server.conversations import steps, views
from relay_server.conversations import store as conversations
from relay_server.conversations.store import Conversation
from relay_server.engine.bus import ToPerson, Wake
from relay_server.engine.journal import Transaction
from relay_server.engine.leases import APART_MS
from relay_server.engine.raw import Rows
from relay_server.organisation import store as organisation
from relay_server.routing import screen_pop, standing, store
from relay_server.routing.claims import LINE
from shared.protocol.frames import Refused
from shared.protocol.messages.organisation import OfferView
from shared.protocol.messages.routing import OfferWithdrawn
from shared.protocol.types import PersonRef

EXPIRED: Final = 50
"""Ended in one unit of work at most."""


def views_of(rows: Rows, agent_id: str) -> tuple[OfferView, ...]:
    """What is offered to an agent now."""
    pending = conversations.select(rows, "WHERE c.offered_to = ? AND c.state = 'offered'", (agent_id,))
    if not pending:
        return ()
    pops, window_s = screen_pop.of(rows, pending), organisation.policy(rows).offer_window_s
    return tuple(pops.view(each, window_s, *store.decision(rows, each.key, agent_id)) for each in pending)


def expire(tx: Transaction) -> bool:
    """Offers past their deadline go back to the line; their agents are on a break: nobody sat there. Whether there may
    be more of them."""
    window_ms = organisation.policy(tx.rows).offer_window_s * 1000
    store.shorten_offers(tx, tx.now_ms + window_ms, tx.now_ms + window_ms + APART_MS)
    due = conversations.select(
        tx.rows,
        "WHERE c.offered_to <> '' AND c.deadline_ms <= ? ORDER BY c.deadline_ms LIMIT ?",
        (tx.now_ms, EXPIRED),
    )
    for conversation in due:
        give_back(tx, conversation, "timed_out", "timed_out")
        store.refuse(tx, conversation.key, conversation.offered_to)
        standing.miss(tx, conversation.offered_to)
    return len(due) == EXPIRED


def give_back(
    tx: Transaction,
    conversation: Conversation,
    outcome: steps.Outcome,
    why: Literal["timed_out", "went_offline", "answered"],
    reason: str = "",
) -> None:
    """The offer ends without an owner; the place in the line is kept."""
    returned = steps.return_offer(tx, conversation, outcome, reason)
    if isinstance(returned, Refused):
        return
    withdraw(tx, conversation, why)
    told(tx, returned)


def withdraw(
    tx: Transaction,
    conversation: Conversation,
    why: Literal["timed_out", "customer_left", "taken", "went_offline", "answered"],
) -> None:
    """Tells the agent to whom it was offered that it is over."""
    if conversation.offered_to:
        gone = OfferWithdrawn(conversation_id=conversation.conversation_id, why=why)
        tx.after_commit(ToPerson(conversation.offered_to, gone))
        standing.tell(tx, conversation.offered_to)


def take(tx: Transaction, conversation: Conversation, agent: PersonRef) -> Refused | None:
    """The agent owns it. The offer to them, or to whoever was asked instead, is over."""
    owned = steps.assign(tx, conversation, agent)
    if isinstance(owned, Refused):
        return owned
    withdraw(tx, conversation, "answered" if conversation.offered_to == agent.id else "taken")
    store.forget_refusals(tx, conversation.key)
    store.note_accept(tx, conversation.group_id, conversation.since_ms)
    store.worked(tx, agent.id)
    standing.tell(tx, agent.id)
    told(tx, owned)
    return None


def withdraw_all(tx: Transaction, agent_id: str) -> None:
    """The agent went away: whatever was offered to them goes back."""
    for conversation in conversations.select(tx.rows, "WHERE c.offered_to = ? AND c.state = 'offered'", (agent_id,)):
        give_back(tx, conversation, "withdrawn", "went_offline")


def release_offline(tx: Transaction) -> None:
    """Going offline takes offers back; busy and break do not."""
    for (agent_id,) in tx.rows("SELECT agent_id FROM agent_states WHERE state = 'offline' AND used > 0"):
        withdraw_all(tx, agent_id)


def line_changed(tx: Transaction, group_id: str) -> None:
    """Places and lists of the group are told again."""
    tx.after_commit(Wake(LINE, group_id, everywhere=True))


def told(tx: Transaction, conversation: Conversation, *also: str) -> None:
    """The conversation and its line are told as they stand; `also` to these agents."""
    views.tell(tx, conversation.conversation_id, *also)
    line_changed(tx, conversation.group_id)
