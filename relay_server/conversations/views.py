"""How a conversation stands, told to those who list it."""

from collections.abc import Collection, Sequence
from typing import Final

from relay_server.conversations import rules, store
from relay_server.conversations.store import Conversation
from relay_server.engine.bus import ToPerson
from relay_server.engine.journal import Transaction
from relay_server.engine.portable import in_list
from relay_server.engine.raw import Rows
from shared.protocol.messages.conversations import ConversationChanged, public_stream
from shared.protocol.messages.organisation import RequestChanged, RequestView
from shared.protocol.types import PersonRef

_HEADS: Final = (
    "SELECT s.name, (SELECT max(e.seq) FROM events e WHERE e.stream_id = s.id) FROM streams s WHERE s.name IN ?"
)


def request_of(conversation: Conversation, helper: PersonRef | None, head: int) -> RequestView:
    """The conversation as its customer lists it, with who helps or helped last. `head`: of its public stream."""
    return RequestView(
        conversation_id=conversation.conversation_id,
        ticket_id=conversation.ticket_id,
        number=conversation.ticket_number,
        subject=conversation.subject,
        state=conversation.ticket_state,
        with_person=conversation.owner_person or helper,
        updated_ms=conversation.updated_ms,
        conversation_state=rules.as_customers_see(conversation.state),
        head=head,
        rated=bool(conversation.rated),
        reopen_until_ms=conversation.reopen_until_ms,
    )


def requests_of(rows: Rows, customer_id: str, limit: int = 100) -> tuple[RequestView, ...]:
    """A customer's requests, the newest change first."""
    return tuple(_requests(rows, store.of_customer(rows, customer_id, limit)))


def requests_of_all(rows: Rows, customer_ids: Collection[str], limit: int) -> dict[str, tuple[RequestView, ...]]:
    """The same for many customers, by id."""
    found = store.of_customers(rows, customer_ids, limit)
    by_customer: dict[str, list[RequestView]] = {}
    for conversation, request in zip(found, _requests(rows, found), strict=True):
        by_customer.setdefault(conversation.customer_id, []).append(request)
    return {customer_id: tuple(theirs) for customer_id, theirs in by_customer.items()}


def tell(tx: Transaction, conversation_id: str, *also: str) -> None:
    """Tells the customer, the owner, who is asked and the agents `also` how it stands once this is durable."""
    conversation = store.by_id(tx.rows, conversation_id)
    if conversation is None:
        return
    head = tx.head(public_stream(conversation_id))
    request = request_of(conversation, store.last_owner(tx.rows, conversation.key), head)
    tx.after_commit(ToPerson(conversation.customer_id, RequestChanged(request=request)))
    agents = sorted({conversation.owner_id, conversation.offered_to, *also} - {""})
    change = ConversationChanged(row=conversation.row())
    for agent_id in agents:
        tx.after_commit(ToPerson(agent_id, change))


def _requests(rows: Rows, found: Sequence[Conversation]) -> list[RequestView]:
    if not found:
        return []
    helpers = store.last_owners(rows, [each.key for each in found])
    streams = [public_stream(each.conversation_id) for each in found]
    heads: dict[str, int] = {row[0]: row[1] for row in rows(*in_list(_HEADS, tuple(streams)))}
    return [
        request_of(each, helpers.get(each.key), heads.get(stream) or 0)
        for each, stream in zip(found, streams, strict=True)
    ]
