"""One look at everything that time or a change may have moved: run after each change and at each deadline."""

from relay_server.conversations import steps
from relay_server.conversations import store as conversations
from relay_server.conversations.steps import Place
from relay_server.conversations.store import Conversation
from relay_server.engine.bus import Wake
from relay_server.engine.journal import Transaction
from relay_server.organisation import store as organisation
from relay_server.routing import claims, lines, offers, rules, standing, store
from shared.protocol.frames import Refused

TOPIC = "routing"
"""Of the wake after every change: deadlines may be others now."""


def run(tx: Transaction) -> int | None:
    """Brings offers, states and owners up to now; how many ms until time alone changes something, if it will;
    0: there is more to do at once."""
    grace_ms = organisation.policy(tx.rows).owner_grace_s * 1000
    late = offers.expire(tx)
    standing.begin_what_was_asked(tx)
    _let_go_of_the_lost(tx, grace_ms)
    offers.release_offline(tx)
    lines.ask_again(tx)
    if claims.assign(tx) or late:
        return 0
    due_ms = store.next_due_ms(tx.rows, tx.now_ms, grace_ms, rules.NEW_PASS_MS)
    return None if due_ms is None else max(1, due_ms - tx.now_ms)


def place_of(tx: Transaction, conversation: Conversation, group_id: str, since_ms: int, *, lifted: bool) -> Place:
    """A place in a group's line."""
    group = organisation.group(tx.rows, group_id)
    priority = group.priority if group else 0
    return Place(group_id, since_ms, rules.rank_ms(since_ms, conversation.vip_level, priority, lifted=lifted))


def _let_go_of_the_lost(tx: Transaction, grace_ms: int) -> None:
    for found in store.lost(tx.rows, tx.now_ms, grace_ms):
        if found.state != "offline":
            standing.enter(tx, found, "lose", "")
        for conversation in conversations.of_owner(tx.rows, found.agent_id):
            if conversation.state == "active":
                _back_to_the_line(tx, conversation)


def _back_to_the_line(tx: Transaction, conversation: Conversation) -> None:
    """With its first age and a lift: the customer was being helped."""
    place = place_of(tx, conversation, conversation.group_id, conversation.since_ms, lifted=True)
    queued = steps.lose_owner(tx, conversation, place)
    if not isinstance(queued, Refused):
        offers.told(tx, queued, conversation.owner_id)
        tx.after_commit(Wake(standing.DUTY, conversation.owner_id, everywhere=True))
