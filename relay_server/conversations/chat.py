"""Lines of chat and notes on their way into the streams. The hot path: raw statements only, no more than it needs."""

from dataclasses import replace
from typing import Literal

from msgspec import structs

from relay_server.conversations import rules, store
from relay_server.conversations.access import find
from relay_server.conversations.store import Conversation
from relay_server.engine.bus import ToPerson
from relay_server.engine.journal import Transaction
from relay_server.files import store as files
from relay_server.identity.actors import Actor, AgentActor
from shared.protocol.frames import Refused
from shared.protocol.messages import conversations as c
from shared.protocol.types import PersonRef


def post(tx: Transaction, actor: Actor, command: c.SendChat) -> c.ChatAccepted | Refused:
    """A line of chat. The same `client_id` of the same author is the same line, whatever became of the conversation."""
    conversation = find(tx.rows, actor, command.conversation_id, "conversation.chat")
    if isinstance(conversation, Refused):
        return conversation
    known = _known(tx, conversation, actor, command.client_id, 0)
    if known is not None:
        return c.ChatAccepted(client_id=command.client_id, seq=known[0], at_ms=known[1])
    if refused := rules.may_chat(conversation.state) or _bind(tx, actor, conversation, command):
        return refused
    record = tx.append(
        c.public_stream(conversation.conversation_id),
        c.ChatPosted(
            client_id=command.client_id,
            author=_author(conversation, actor),
            text=command.text,
            attachments=command.attachments,
        ),
    )
    _remember(tx, conversation, actor, command.client_id, 0, record.seq)
    _note_last(tx, conversation, actor, command.text, record.seq)
    return c.ChatAccepted(client_id=command.client_id, seq=record.seq, at_ms=record.at_ms)


def _author(conversation: Conversation, actor: Actor) -> PersonRef:
    """A customer by the name that stands in this conversation: what the link signed in with may be older."""
    if isinstance(actor, AgentActor) or not conversation.customer_name:
        return actor.person
    return structs.replace(actor.person, name=conversation.customer_name)


def add_note(tx: Transaction, actor: AgentActor, command: c.AddNote) -> c.NoteAccepted | Refused:
    """An internal note: its own event in its own stream, in no list that a customer sees."""
    conversation = find(tx.rows, actor, command.conversation_id, "conversation.note")
    if isinstance(conversation, Refused):
        return conversation
    known = _known(tx, conversation, actor, command.client_id, 1)
    if known is not None:
        return c.NoteAccepted(client_id=command.client_id, seq=known[0])
    record = tx.append(
        c.internal_stream(conversation.conversation_id),
        c.NoteAdded(client_id=command.client_id, author=actor.person, text=command.text),
    )
    _remember(tx, conversation, actor, command.client_id, 1, record.seq)
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


def _known(
    tx: Transaction, conversation: Conversation, actor: Actor, client_id: str, internal: Literal[0, 1]
) -> tuple[int, int] | None:
    row = tx.row(
        "SELECT seq, at_ms, internal FROM chats WHERE conversation_key = ? AND author_id = ? AND client_id = ?",
        (conversation.key, actor.id, _key_of(client_id, internal)),
    )
    return (row[0], row[1]) if row else None


def _remember(
    tx: Transaction, conversation: Conversation, actor: Actor, client_id: str, internal: Literal[0, 1], seq: int
) -> None:
    tx.run(
        "INSERT INTO chats (conversation_key, author_id, client_id, internal, seq, at_ms) VALUES (?,?,?,?,?,?)",
        (conversation.key, actor.id, _key_of(client_id, internal), internal, seq, tx.now_ms),
    )


def _key_of(client_id: str, internal: Literal[0, 1]) -> str:
    """A note and a line of one author never meet, even under one client id."""
    return f"{client_id}/note" if internal else client_id


def _note_last(tx: Transaction, conversation: Conversation, actor: Actor, text: str, seq: int) -> None:
    by = "agent" if isinstance(actor, AgentActor) else "customer"
    after = replace(
        conversation,
        last_text=rules.preview(text),
        last_at_ms=tx.now_ms,
        last_by=by,
        last_chat_seq=seq,
        unread=conversation.unread + (by == "customer"),
    )
    tx.run(
        "UPDATE conversations SET last_text = ?, last_at_ms = ?, last_by = ?, last_chat_seq = ?, unread = ?,"
        " updated_ms = ? WHERE key = ?",
        (after.last_text, tx.now_ms, by, seq, after.unread, tx.now_ms, conversation.key),
    )
    _tell_owner(tx, after)


def _tell_owner(tx: Transaction, conversation: Conversation) -> None:
    if conversation.owner_id:
        tx.after_commit(ToPerson(conversation.owner_id, c.ConversationChanged(row=conversation.row())))


def _bind(tx: Transaction, actor: Actor, conversation: Conversation, command: c.SendChat) -> Refused | None:
    """Shown files must be the author's own uploads, as they were stored; from now on the conversation may read them."""
    for attachment in command.attachments:
        if files.attachment(tx.rows, attachment.blob_id, actor.id) != attachment:
            return Refused(code="not_found", params={"blob_id": attachment.blob_id})
        files.use(tx, attachment.blob_id, conversation.key)
    return None


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
