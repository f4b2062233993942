"""Offers within a transaction: made by `pick`, answered, run out, taken back. All on the one writer, so a claim is
never lost in between."""

from collections import Counter
from typing import Literal

from relay_server.conversations import steps, views
from relay_server.conversations import store as conversations
from relay_server.conversations.store import Conversation
from relay_server.engine.bus import ToPerson, Wake
from relay_server.engine.journal import Transaction
from relay_server.engine.leases import APART_MS
from relay_server.engine.raw import Rows
from relay_server.organisation import store as organisation
from relay_server.routing import rules, standing, store
from relay_server.routing.rules import Assignment, Work
from shared.protocol.frames import Refused
from shared.protocol.messages.organisation import OfferView
from shared.protocol.messages.routing import OfferArrived, OfferWithdrawn
from shared.protocol.types import PersonRef

LINE = "line"
"""Topic of the wake after a group's line changed; the key is the group's id."""
_EARLIER = 5


def assign(tx: Transaction) -> None:
    """Offers what waits to whoever can take it."""
    group_ids = store.waiting_groups(tx.rows)
    if not group_ids:
        return
    agents = store.free(tx.rows, group_ids)
    spare: Counter[str] = Counter()
    for each in agents:
        spare.update(dict.fromkeys(each.group_ids, each.maximum - each.used))
    waiting: dict[str, Conversation] = {}
    work: list[Work] = []
    for group_id in group_ids:
        if spare[group_id]:
            found = _work_of(tx, group_id, spare[group_id])
            waiting.update({conversation.conversation_id: conversation for conversation, _ in found})
            work.extend(each for _, each in found)
    for chosen in rules.pick(work, agents, tx.now_ms):
        _offer(tx, waiting[chosen.conversation_id], chosen)


def _work_of(tx: Transaction, group_id: str, spare: int) -> list[tuple[Conversation, Work]]:
    """The head of a line, as far as there is capacity for it beyond what may be refused by all."""
    refused = store.refusals(tx.rows, group_id)
    members = store.available(tx.rows, group_id) if refused else frozenset[str]()
    found: list[tuple[Conversation, Work]] = []
    for each in store.line(tx.rows, group_id, spare + len(refused)):
        by_whom = rules.still_refused(refused.get(each.key, {}), members, tx.now_ms)
        if each.key in refused and not by_whom:
            store.forget_refusals(tx, each.key)
        found.append((each, Work(each.conversation_id, group_id, each.rank_ms, refused=by_whom)))
    return found


def _offer(tx: Transaction, conversation: Conversation, chosen: Assignment) -> None:
    agent = store.agent_person(tx.rows, chosen.agent_id)
    if agent is None:
        return
    window_s = organisation.policy(tx.rows).offer_window_s
    offered = steps.offer(tx, conversation, agent, tx.now_ms + window_s * 1000, chosen.why)
    if isinstance(offered, Refused):
        return
    inputs = _inputs(tx, conversation, chosen)
    store.decide(tx, conversation.key, chosen, inputs)
    tx.after_commit(ToPerson(agent.id, OfferArrived(offer=view(tx.rows, offered, window_s))))
    standing.tell(tx, agent.id)
    told(tx, offered)


def _inputs(tx: Transaction, conversation: Conversation, chosen: Assignment) -> dict[str, str]:
    group = organisation.group(tx.rows, chosen.group_id)
    return {
        "group": group.name if group else chosen.group_id,
        "free": str(chosen.free),
        "load_percent": str(chosen.load_percent),
        "waited_s": str(max(0, tx.now_ms - conversation.since_ms) // 1000),
        "vip_level": str(conversation.vip_level),
    }


def view(rows: Rows, conversation: Conversation, window_s: int) -> OfferView:
    """An offer with its screen pop."""
    intake = conversations.intake(rows, conversation.key)
    form = organisation.form(rows, conversation.group_id)
    why, inputs = store.decision(rows, conversation.key, conversation.offered_to)
    earlier = tuple(
        each
        for each in views.requests_of(rows, conversation.customer_id, _EARLIER + 1)
        if each.conversation_id != conversation.conversation_id
    )
    return OfferView(
        row=conversation.row(),
        deadline_ms=conversation.deadline_ms,
        window_s=window_s,
        answers=intake.answers,
        system=intake.system,
        fields=form.fields,
        earlier=earlier[:_EARLIER],
        why=why,
        why_params=inputs,
    )


def expire(tx: Transaction) -> None:
    """Offers past their deadline go back to the line; their agents are on a break: nobody sat there."""
    window_ms = organisation.policy(tx.rows).offer_window_s * 1000
    store.shorten_offers(tx, tx.now_ms + window_ms, tx.now_ms + window_ms + APART_MS)
    due = conversations.select(
        tx.rows, "WHERE c.offered_to <> '' AND c.state = 'offered' AND c.deadline_ms <= ?", (tx.now_ms,)
    )
    for conversation in due:
        give_back(tx, conversation, "timed_out", "timed_out")
        store.refuse(tx, conversation.key, conversation.offered_to)
        standing.miss(tx, conversation.offered_to)


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
    for conversation in conversations.select(
        tx.rows,
        "JOIN agent_states s ON s.agent_id = c.offered_to WHERE c.offered_to <> '' AND c.state = 'offered'"
        " AND s.state = 'offline'",
        (),
    ):
        give_back(tx, conversation, "withdrawn", "went_offline")


def line_changed(tx: Transaction, group_id: str) -> None:
    """Places and lists of the group are told again."""
    tx.after_commit(Wake(LINE, group_id, everywhere=True))


def told(tx: Transaction, conversation: Conversation, *also: str) -> None:
    """The conversation and its line are told as they stand; `also` to these agents."""
    views.tell(tx, conversation.conversation_id, *also)
    line_changed(tx, conversation.group_id)
