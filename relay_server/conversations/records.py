"""Conversations as other programs read them; that they looked into one is an audit row."""

from dataclasses import dataclass
from typing import Annotated

from msgspec import Meta, Struct

from relay_server.conversations import access, chat, store
from relay_server.conversations.store import Conversation
from relay_server.engine import audit
from relay_server.engine.history import events_of
from relay_server.engine.journal import Transaction
from relay_server.engine.raw import Rows
from relay_server.identity.actors import KeyActor
from relay_server.identity.permissions import Action, refuse
from shared.common.ids import new_id
from shared.protocol.codec import decode_event
from shared.protocol.frames import Refused
from shared.protocol.messages import conversations as c
from shared.protocol.types import ConversationState, Id, Millis, PersonRef, Seq

NoteText = Annotated[str, Meta(min_length=1, max_length=8000, pattern=r"\S")]


class Message(Struct, frozen=True, kw_only=True):
    """A line of chat; `seq` is its place in the conversation."""

    seq: Seq
    at_ms: Millis
    message_id: Id
    author: PersonRef
    text: str
    attachments: c.Attachments = ()


class Note(Struct, frozen=True, kw_only=True):
    """An internal note; `seq` counts apart from that of messages."""

    seq: Seq
    at_ms: Millis
    note_id: Id
    author: PersonRef
    text: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which conversations; empty words and zeros choose nothing out."""

    state: ConversationState | None = None
    customer_id: str = ""
    group_id: str = ""
    changed_since_ms: int = 0


def listed(tx: Transaction, actor: KeyActor, wanted: Wanted, after: int, limit: int) -> list[Conversation] | Refused:
    """The oldest first, after one's key; that they were listed is an audit row."""
    if refused := refuse(actor, "conversation.read_public"):
        return refused
    audit.record(tx, actor.id, "conversations_listed", wanted.customer_id)
    return page(tx.rows, wanted, after, limit)


def page(rows: Rows, wanted: Wanted, after: int, limit: int) -> list[Conversation]:
    """The oldest first, after one's key."""
    where, bounds = "WHERE c.key > ? AND c.updated_ms >= ?", [after, wanted.changed_since_ms]
    words: list[str] = []
    for column, value in (("state", wanted.state), ("customer_id", wanted.customer_id), ("group_id", wanted.group_id)):
        if value:
            where += f" AND c.{column} = ?"
            words.append(value)
    return store.select(rows, where + " ORDER BY c.key LIMIT ?", (*bounds, *words, limit))


def read(tx: Transaction, actor: KeyActor, conversation_id: str) -> Conversation | Refused:
    """Refused: `not_found`."""
    return _looked(tx, actor, conversation_id, "conversation.read_public", "conversation_read")


def messages(tx: Transaction, actor: KeyActor, conversation_id: str, after: int, limit: int) -> list[Message] | Refused:
    """Lines of chat after a `seq`. Refused: `not_found`."""
    found = _looked(tx, actor, conversation_id, "conversation.read_public", "messages_read")
    return found if isinstance(found, Refused) else messages_of(tx.rows, conversation_id, after, limit)


def notes(tx: Transaction, actor: KeyActor, conversation_id: str, after: int, limit: int) -> list[Note] | Refused:
    """Internal notes after a `seq`. Refused: `not_found`."""
    found = _looked(tx, actor, conversation_id, "conversation.read_internal", "notes_read")
    return found if isinstance(found, Refused) else notes_of(tx.rows, conversation_id, after, limit)


def add_note(tx: Transaction, actor: KeyActor, conversation_id: str, text: str) -> Note | Refused:
    """By the same way as an agent's. Refused: `not_found`."""
    note_id = new_id()
    command = c.AddNote(conversation_id=conversation_id, client_id=note_id, text=text)
    accepted = chat.add_note(tx, actor, command)
    if isinstance(accepted, Refused):
        return accepted
    return Note(seq=accepted.seq, at_ms=tx.now_ms, note_id=note_id, author=actor.person, text=text)


def messages_of(rows: Rows, conversation_id: str, after: int, limit: int) -> list[Message]:
    """Lines of chat after a `seq`."""
    found: list[Message] = []
    for record in events_of(rows, c.public_stream(conversation_id), ("chat_posted",), after, limit):
        event = decode_event(record)
        if isinstance(event, c.ChatPosted):
            found.append(
                Message(
                    seq=record.seq,
                    at_ms=record.at_ms,
                    message_id=event.client_id,
                    author=event.author,
                    text=event.text,
                    attachments=event.attachments,
                )
            )
    return found


def notes_of(rows: Rows, conversation_id: str, after: int, limit: int) -> list[Note]:
    """Internal notes after a `seq`."""
    found: list[Note] = []
    for record in events_of(rows, c.internal_stream(conversation_id), ("note_added",), after, limit):
        event = decode_event(record)
        if isinstance(event, c.NoteAdded):
            found.append(
                Note(
                    seq=record.seq,
                    at_ms=record.at_ms,
                    note_id=event.client_id,
                    author=event.author,
                    text=event.text,
                )
            )
    return found


def _looked(
    tx: Transaction, actor: KeyActor, conversation_id: str, action: Action, what: str
) -> Conversation | Refused:
    found = access.find(tx.rows, actor, conversation_id, action)
    if not isinstance(found, Refused):
        audit.record(tx, actor.id, what, conversation_id)
    return found
