"""Changes of a ticket within a transaction: each is a step in its log and moves the row."""

from datetime import UTC, datetime
from typing import Final

from relay_server.conversations import store as conversations
from relay_server.conversations import views
from relay_server.conversations.store import Conversation, person_json
from relay_server.engine.bus import ToGroupAgents, ToPerson
from relay_server.engine.journal import Transaction
from relay_server.organisation import store as organisation
from relay_server.tickets import rules, store
from relay_server.tickets.store import Ticket
from shared.common.ids import new_id
from shared.protocol.messages import tickets as t
from shared.protocol.types import Params, PersonRef, Priority, TicketState

RELAY: Final = PersonRef(id="relay", name="Threeline", kind="system")
_PARAM_MAX: Final = 400
_ORDINARY: Final = 3


def open_for(tx: Transaction, conversation: Conversation, group_id: str, source: str) -> Ticket:
    """The ticket that follows a conversation from its first event on."""
    ticket = Ticket(
        ticket_id=new_id(),
        number=next_number(tx),
        conversation_key=conversation.key,
        conversation_id=conversation.conversation_id,
        customer=person_json(conversation.customer),
        subject=conversation.subject,
        category="",
        state="new",
        priority=_ORDINARY,
        group_id=group_id,
        owner_id="",
        owner="",
        opened_ms=tx.now_ms,
        updated_ms=tx.now_ms,
    )
    store.insert(tx, ticket)
    opened = t.TicketOpened(
        number=ticket.number,
        subject=ticket.subject,
        customer=conversation.customer,
        group_id=group_id,
        priority=_ORDINARY,
        conversation_id=conversation.conversation_id,
        source=source,
    )
    tx.append(t.ticket_stream(ticket.ticket_id), opened)
    return ticket


def next_number(tx: Transaction) -> str:
    """What the next ticket is called."""
    year = datetime.fromtimestamp(tx.now_ms / 1000, UTC).year
    return rules.number(organisation.policy(tx.rows).ticket_prefix, year, store.next_count(tx, year))


def assign(tx: Transaction, ticket: Ticket, owner: PersonRef) -> None:
    """Somebody owns it from now on."""
    tx.append(t.ticket_stream(ticket.ticket_id), t.TicketAssigned(owner=owner))
    store.set_owner(tx, ticket.ticket_id, owner)
    move(tx, ticket, "assign", owner)


def move(tx: Transaction, ticket: Ticket, event: rules.Event, by: PersonRef) -> None:
    """Where the table has a way from here, the ticket takes it; else it stays."""
    following = rules.TABLE.get((ticket.state, event))
    if following is not None and following != ticket.state:
        set_state(tx, ticket, following, by)


def set_state(tx: Transaction, ticket: Ticket, state: TicketState, by: PersonRef, note: str = "") -> None:
    """A step from one state to another, or a note in the same one."""
    changed = t.TicketStateChanged(old=ticket.state, new=state, by=by, note=note)
    tx.append(t.ticket_stream(ticket.ticket_id), changed)
    store.set_state(tx, ticket.ticket_id, state)


def set_category(tx: Transaction, ticket: Ticket, category: str, by: PersonRef) -> None:
    """Files it under something else."""
    if category != ticket.category:
        changed = t.TicketFieldChanged(field="category", old=ticket.category, new=category, by=by)
        tx.append(t.ticket_stream(ticket.ticket_id), changed)
        store.set_category(tx, ticket.ticket_id, category)


def set_priority(tx: Transaction, ticket: Ticket, priority: Priority, by: PersonRef) -> None:
    """Makes it more or less urgent."""
    if priority != ticket.priority:
        changed = t.TicketFieldChanged(field="priority", old=str(ticket.priority), new=str(priority), by=by)
        tx.append(t.ticket_stream(ticket.ticket_id), changed)
        store.set_priority(tx, ticket.ticket_id, priority)


def set_group(tx: Transaction, ticket: Ticket, group_id: str) -> None:
    """The request went to another group's line."""
    if group_id != ticket.group_id:
        changed = t.TicketFieldChanged(field="group_id", old=ticket.group_id, new=group_id, by=RELAY)
        tx.append(t.ticket_stream(ticket.ticket_id), changed)
        store.set_group(tx, ticket.ticket_id, group_id)


def note_session(tx: Transaction, ticket: Ticket, what: str, by: PersonRef, params: Params) -> None:
    """Something of the conversation or of a remote session, as a step."""
    short = {key: value[:_PARAM_MAX] for key, value in params.items()}
    tx.append(t.ticket_stream(ticket.ticket_id), t.SessionStep(what=what, by=by, params=short))
    store.touch(tx, ticket.ticket_id)


def tell(tx: Transaction, ticket_id: str) -> None:
    """Its group, its owner and its customer learn how it stands; the conversation's row is kept in step."""
    ticket = store.by_id(tx.rows, ticket_id)
    if ticket is None:
        return
    push = t.TicketChanged(row=ticket.row())
    tx.after_commit(ToGroupAgents(ticket.group_id, push))
    if ticket.owner_id and ticket.owner_id not in organisation.members(tx.rows, ticket.group_id):
        tx.after_commit(ToPerson(ticket.owner_id, push))
    conversation = conversations.by_key(tx.rows, ticket.conversation_key)
    if conversation is None:
        return
    stands = (conversation.ticket_id, conversation.ticket_number, conversation.ticket_state)
    if stands != (ticket.ticket_id, ticket.number, ticket.state):
        conversations.set_ticket(tx, conversation.key, ticket.ticket_id, ticket.number, ticket.state)
        views.tell(tx, conversation.conversation_id)
