"""A remote session does not outlive its conversation, nor the owner who was lost: the fold that ends it."""

from typing import Final

from relay_server.conversations import store as conversations
from relay_server.engine.fold import Fold
from relay_server.engine.journal import Transaction
from relay_server.remote import steps, store
from shared.protocol.messages import conversations as c
from shared.protocol.messages.base import EventBody
from shared.protocol.types import PersonRef


def handle(tx: Transaction, record: c.EventRecord, event: EventBody) -> None:
    """One event of a conversation's public stream."""
    conversation = conversations.by_id(tx.rows, record.stream.split("/")[1])
    session = store.open_session(tx.rows, conversation.key) if conversation else None
    if conversation is None or session is None:
        return
    match event:
        case c.ConversationEnded(by=by):
            steps.end(tx, conversation, session, by, "conversation_ended")
        case c.ParticipantLeft(person=person, reason="lost"):
            _lost(tx, conversation, session, person)
        case _:
            pass


FOLD: Final = Fold("remote", frozenset({"conversation_ended", "participant_left"}), handle)


def _lost(tx: Transaction, conversation: conversations.Conversation, session: store.Session, person: PersonRef) -> None:
    if session.agent.id == person.id:
        steps.end(tx, conversation, session, person, "connection_lost")
