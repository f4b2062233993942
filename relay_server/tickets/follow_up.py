"""The fold that makes tickets from what happens in conversations: the first event opens one, the rest are steps."""

from collections.abc import Iterable
from typing import Final

from relay_server.conversations import store as conversations
from relay_server.engine.fold import Fold
from relay_server.engine.journal import Transaction
from relay_server.remote import store as remote
from relay_server.tickets import rules, steps, store
from relay_server.tickets.store import Ticket
from shared.protocol.codec import kind_of
from shared.protocol.messages import conversations as c
from shared.protocol.messages import insight as m
from shared.protocol.messages import recordings as r
from shared.protocol.messages import remote as x
from shared.protocol.messages.base import EventBody, snake
from shared.protocol.types import Params, PersonRef

_FOLLOWED: Final[tuple[type[EventBody], ...]] = (
    c.ConversationOpened,
    c.ConversationQueued,
    c.MessageLeft,
    c.ConversationAbandoned,
    c.ParticipantJoined,
    c.ParticipantLeft,
    c.ChatPosted,
    c.ConversationEnded,
    c.ConversationClosed,
    c.ConversationReopened,
    x.CapabilityAsked,
    x.AskWithdrawn,
    x.ConsentAnswered,
    x.RemoteStarted,
    x.GrantEnded,
    x.RemoteEnded,
    x.ReceiptStored,
    r.RecordingStarted,
    r.RecordingEnded,
    r.RecordingDeleted,
    m.RatingGiven,
)
KINDS: Final = frozenset(snake(each.__name__) for each in _FOLLOWED)
_QUIET: Final = (c.ChatPosted, c.ConversationOpened, x.AskWithdrawn)
"""No step of their own: chat is in the conversation, the opening is the ticket's own first step."""
HEEDS: Final = (
    "e.kind <> 'chat_posted' OR EXISTS (SELECT 1 FROM conversations c JOIN tickets t ON t.conversation_key = c.key"
    " WHERE c.id = substr(s.name, 3, length(s.name) - 9)"
    " AND t.state IN ('assigned', 'reopened', 'waiting_customer'))"
)
"""Lines of chat only where `_chat_moves` may say yes; the name of a public stream is `c/ID/public`."""


def handle(tx: Transaction, record: c.EventRecord, event: EventBody) -> None:
    """One event of a conversation's public stream."""
    conversation_id = record.stream.split("/")[1]
    if isinstance(event, c.ConversationOpened):
        _open(tx, conversation_id, event)
        return
    ticket = store.of_conversation(tx.rows, conversation_id)
    if ticket is None or (isinstance(event, c.ChatPosted) and not _chat_moves(ticket, event)):
        return
    if not isinstance(event, _QUIET):
        by, params = _step(ticket, event)
        steps.note_session(tx, ticket, kind_of(event), by, params)
    if isinstance(event, x.ReceiptStored):
        _note_files(tx, ticket, event.session_id)
    _move(tx, ticket, event)
    steps.tell(tx, ticket.ticket_id)


FOLD: Final = Fold("tickets", KINDS, handle, HEEDS)


def _open(tx: Transaction, conversation_id: str, event: c.ConversationOpened) -> None:
    conversation = conversations.by_id(tx.rows, conversation_id)
    if conversation is not None and store.of_conversation(tx.rows, conversation_id) is None:
        ticket = steps.open_for(tx, conversation, event.group_id, event.source)
        steps.tell(tx, ticket.ticket_id)


def _note_files(tx: Transaction, ticket: Ticket, session_id: str) -> None:
    """What went and came in a remote session, one step a file, as the customer's receipt says."""
    receipt = remote.receipt(tx.rows, session_id)
    moved = [entry for entry in receipt.entries if entry.what == "file"] if receipt else []
    for entry in moved:
        way = "to_customer" if entry.capability == "files.send" else "from_customer"
        agent = entry.agent or steps.RELAY
        facts = {name: entry.params.get(name, "") for name in ("name", "size", "sha256")}
        steps.note_session(tx, ticket, "file_moved", agent, {**facts, "way": way})


def _chat_moves(ticket: Ticket, event: c.ChatPosted) -> bool:
    """Most lines of chat change nothing: they are passed over before anything is read or written."""
    if event.author.kind == "agent":
        return ticket.state in ("assigned", "reopened")
    return ticket.state == "waiting_customer"


def _move(tx: Transaction, ticket: Ticket, event: EventBody) -> None:
    match event:
        case c.ParticipantJoined(mode="owner", person=owner):
            steps.assign(tx, ticket, owner)
        case c.ChatPosted(author=author):
            steps.move(tx, ticket, "start" if author.kind == "agent" else "customer_answers", author)
        case x.RemoteStarted(agent=agent):
            steps.move(tx, ticket, "start", agent)
        case c.ConversationQueued(group_id=group_id):
            steps.set_group(tx, ticket, group_id)
        case c.ConversationAbandoned():
            steps.move(tx, ticket, "abandon", _customer(ticket))
        case c.ConversationReopened(by=by):
            steps.move(tx, ticket, "reopen", by)
        case c.ConversationClosed():
            _closed(tx, ticket, event)
        case _:
            pass


def _closed(tx: Transaction, ticket: Ticket, event: c.ConversationClosed) -> None:
    by = _owner(ticket)
    steps.set_category(tx, ticket, event.category, by)
    if event.result in rules.SOLVING_RESULTS:
        steps.move(tx, ticket, "resolve", by)


def _step(ticket: Ticket, event: EventBody) -> tuple[PersonRef, Params]:
    """Who did it and what fills its words."""
    match event:
        case x.CapabilityAsked():
            return event.agent, {"capabilities": _joined(event.capabilities), "reason": event.reason}
        case x.ConsentAnswered():
            granted = _joined(each.capability for each in event.grants)
            return _customer(ticket), {"granted": granted, "agent": event.agent.name, "source": event.source}
        case x.RemoteStarted():
            return event.agent, {}
        case x.GrantEnded():
            return _customer(ticket), {"capability": event.capability, "why": event.why}
        case x.RemoteEnded():
            return event.by, {"reason": event.reason}
        case x.ReceiptStored():
            return _customer(ticket), {"lines": str(event.lines), "digest": event.digest}
        case r.RecordingStarted():
            return event.agent, {"days": str(event.keep_days)}
        case r.RecordingEnded():
            return event.agent, {"length_ms": str(event.length_ms), "end": "whole" if event.whole else "cut"}
        case r.RecordingDeleted():
            return event.by, {"why": event.why}
        case m.RatingGiven():
            return event.by, {"solved": event.solved, "easy": str(event.easy), "in_control": str(event.in_control)}
        case _:
            return _conversation_step(ticket, event)


def _conversation_step(ticket: Ticket, event: EventBody) -> tuple[PersonRef, Params]:
    match event:
        case c.ConversationQueued():
            return _customer(ticket), {"reason": event.reason}
        case c.ParticipantJoined():
            return event.person, {"mode": event.mode}
        case c.ParticipantLeft():
            return event.person, {"reason": event.reason}
        case c.ConversationEnded() | c.ConversationReopened():
            return event.by, {}
        case c.ConversationClosed():
            return _owner(ticket), {"category": event.category, "result": event.result}
        case _:
            return _customer(ticket), {}


def _customer(ticket: Ticket) -> PersonRef:
    return conversations.person_of(ticket.customer)


def _owner(ticket: Ticket) -> PersonRef:
    return conversations.person_of(ticket.owner) if ticket.owner else steps.RELAY


def _joined(words: Iterable[str]) -> str:
    return ",".join(words)
