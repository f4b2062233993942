"""Who is connected now, told to those they talk with. The rows are the engine's: they hold over all nodes."""

from relay_server.conversations import store
from relay_server.conversations.store import Conversation
from relay_server.engine import leases
from relay_server.engine.bus import Note, ToPerson, ToStream
from relay_server.engine.journal import Transaction
from relay_server.engine.raw import Rows
from shared.protocol.messages.conversations import PresenceChanged, public_stream
from shared.protocol.types import PersonRef


def notes_for(rows: Rows, to: str, conversation: Conversation) -> tuple[Note, ...]:
    """How it stands with the others, for somebody who begins to follow."""
    people = [person for person, _ in store.present(rows, conversation.key) if person.id != to]
    online = leases.online(rows, tuple(person.id for person in people))
    return tuple(ToPerson(to, _push(conversation.conversation_id, each, each.id in online)) for each in people)


def tell(tx: Transaction, person: PersonRef, *, online: bool) -> None:
    """Whoever follows a conversation with this person in it learns that they came or are gone."""
    streams = tx.rows(
        "SELECT c.id FROM participants p JOIN conversations c ON c.key = p.conversation_key"
        " WHERE p.person_id = ? AND p.left_ms = 0 AND c.state NOT IN ('closed', 'abandoned') LIMIT 100",
        (person.id,),
    )
    for (conversation_id,) in streams:
        push = _push(conversation_id, person, online)
        tx.after_commit(ToStream(public_stream(conversation_id), push, but_not=person.id))


def _push(conversation_id: str, person: PersonRef, online: bool) -> PresenceChanged:
    return PresenceChanged(conversation_id=conversation_id, person=person, online=online)
