"""How a conversation stands, told to those who list it."""

from relay_server.conversations import rules, store
from relay_server.conversations.store import Conversation
from relay_server.engine.bus import ToPerson
from relay_server.engine.journal import Transaction
from relay_server.engine.raw import Rows
from shared.protocol.messages.conversations import ConversationChanged, public_stream
from shared.protocol.messages.organisation import RequestChanged, RequestView


def request_of(rows: Rows, conversation: Conversation, head: int) -> RequestView:
    """The conversation as its customer lists it, with who helps or helped last. `head`: of its public stream."""
    return RequestView(
        conversation_id=conversation.conversation_id,
        ticket_id=conversation.ticket_id,
        number=conversation.ticket_number,
        subject=conversation.subject,
        state=conversation.ticket_state,
        with_person=conversation.owner_person or store.last_owner(rows, conversation.key),
        updated_ms=conversation.updated_ms,
        conversation_state=rules.as_customers_see(conversation.state),
        head=head,
        rated=bool(conversation.rated),
        reopen_until_ms=conversation.reopen_until_ms,
    )


def requests_of(rows: Rows, customer_id: str, limit: int = 100) -> tuple[RequestView, ...]:
    """A customer's requests, the newest change first."""
    return tuple(request_of(rows, each, _head(rows, each)) for each in store.of_customer(rows, customer_id, limit))


def tell(tx: Transaction, conversation_id: str, *also: str) -> None:
    """Tells the customer, the owner, who is asked and the agents `also` how it stands once this is durable."""
    conversation = store.by_id(tx.rows, conversation_id)
    if conversation is None:
        return
    head = tx.head(public_stream(conversation_id))
    request = request_of(tx.rows, conversation, head)
    tx.after_commit(ToPerson(conversation.customer_id, RequestChanged(request=request)))
    agents = sorted({conversation.owner_id, conversation.offered_to, *also} - {""})
    change = ConversationChanged(row=conversation.row())
    for agent_id in agents:
        tx.after_commit(ToPerson(agent_id, change))


def _head(rows: Rows, conversation: Conversation) -> int:
    found = rows(
        "SELECT coalesce(max(e.seq), 0) FROM events e JOIN streams s ON s.id = e.stream_id WHERE s.name = ?",
        (public_stream(conversation.conversation_id),),
    )
    return found[0][0]
