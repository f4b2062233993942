"""Notes and marks on their way into the streams: raw statements only, no more than they need."""

from relay_server.conversations import rules, store
from relay_server.conversations.access import find
from relay_server.conversations.store import Conversation
from relay_server.engine.bus import ToPerson
from relay_server.engine.journal import Transaction
from relay_server.identity.actors import Actor, AgentActor, KeyActor
from shared.protocol.frames import Refused
from shared.protocol.messages import conversations as c


def add_note(tx: Transaction, actor: AgentActor | KeyActor, command: c.AddNote) -> c.NoteAccepted | Refused:
    """An internal note: its own event in its own stream, in no list that a customer sees."""
    conversation = find(tx.rows, actor, command.conversation_id, "conversation.note")
    if isinstance(conversation, Refused):
        return conversation
    known = _known(tx, conversation, actor, command.client_id)
    if known is not None:
        return c.NoteAccepted(client_id=command.client_id, seq=known)
    record = tx.append(
        c.internal_stream(conversation.conversation_id),
        c.NoteAdded(client_id=command.client_id, author=actor.person, text=command.text),
    )
    _remember(tx, conversation, actor, command.client_id, record.seq)
    return c.NoteAccepted(client_id=command.client_id, seq=record.seq)


def mark(tx: Transaction, actor: Actor, command: c.MarkDelivered | c.MarkRead) -> c.Done | Refused:
    """How far a person's device or eyes are; an event only when that is further than before."""
    conversation = find(tx.rows, actor, command.conversation_id, "conversation.mark")
    if isinstance(conversation, Refused):
        return conversation
    is_read = isinstance(command, c.MarkRead)
    delivered, read = _marks(tx, conversation, actor.id)
    up_to = rules.mark_reaches(command.seq, conversation.last_chat_seq, read if is_read else delivered)
    if up_to is None:
        return c.Done()
    event_type = c.MessagesRead if is_read else c.MessagesDelivered
    tx.append(c.public_stream(conversation.conversation_id), event_type(person_id=actor.id, up_to=up_to))
    _set_marks(tx, conversation, actor.id, max(delivered, up_to), up_to if is_read else read)
    if is_read and conversation.owner_id == actor.id:
        _count_unread(tx, conversation, up_to)
    return c.Done()


def _known(tx: Transaction, conversation: Conversation, actor: AgentActor | KeyActor, client_id: str) -> int | None:
    row = tx.row(
        "SELECT seq FROM chats WHERE conversation_key = ? AND author_id = ? AND client_id = ?",
        (conversation.key, actor.id, _key_of(client_id)),
    )
    return row[0] if row else None


def _remember(
    tx: Transaction, conversation: Conversation, actor: AgentActor | KeyActor, client_id: str, seq: int
) -> None:
    tx.run(
        "INSERT INTO chats (conversation_key, author_id, client_id, internal, seq, at_ms) VALUES (?,?,?,1,?,?)",
        (conversation.key, actor.id, _key_of(client_id), seq, tx.now_ms),
    )


def _key_of(client_id: str) -> str:
    """A note and a line of one author never meet, even under one client id."""
    return f"{client_id}/note"


def _tell_owner(tx: Transaction, conversation: Conversation) -> None:
    if conversation.owner_id:
        tx.after_commit(ToPerson(conversation.owner_id, c.ConversationChanged(row=conversation.row())))


def _marks(tx: Transaction, conversation: Conversation, person_id: str) -> tuple[int, int]:
    row = tx.row(
        "SELECT delivered, read FROM marks WHERE conversation_key = ? AND person_id = ?", (conversation.key, person_id)
    )
    return (row[0], row[1]) if row else (0, 0)


def _set_marks(tx: Transaction, conversation: Conversation, person_id: str, delivered: int, read: int) -> None:
    tx.run(
        "INSERT INTO marks (conversation_key, person_id, delivered, read) VALUES (?,?,?,?)"
        " ON CONFLICT (conversation_key, person_id) DO UPDATE SET delivered = excluded.delivered, read = excluded.read",
        (conversation.key, person_id, delivered, read),
    )


def _count_unread(tx: Transaction, conversation: Conversation, up_to: int) -> None:
    tx.run(
        "UPDATE conversations SET unread = (SELECT count(*) FROM chats WHERE conversation_key = ? AND author_id = ?"
        " AND internal = 0 AND seq > ?) WHERE key = ?",
        (conversation.key, conversation.customer_id, up_to, conversation.key),
    )
    after = store.by_key(tx.rows, conversation.key)
    if after is not None:
        _tell_owner(tx, after)
