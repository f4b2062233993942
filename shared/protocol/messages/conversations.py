"""Conversations: what customers and agents say and do in them, and the events of their two streams.

`c/<id>/public` is what every participant reads; `c/<id>/internal` holds notes and routing and no customer's link can
encode anything of it. Each has its own gapless `seq`; agents merge both by `order`.
"""

from typing import Annotated, Literal

from msgspec import Meta

from shared.protocol.messages.base import Command, EventBody, PushBody, Result
from shared.protocol.types import (
    Answers,
    Attachment,
    ChatText,
    Code,
    ConversationState,
    Id,
    Line,
    Millis,
    Mode,
    PersonRef,
    Seconds,
    Seq,
    StreamName,
    Value,
)

Attachments = Annotated[tuple[Attachment, ...], Meta(max_length=10)]


def public_stream(conversation_id: str) -> str:
    """The name of the stream that every participant follows."""
    return f"c/{conversation_id}/public"


def internal_stream(conversation_id: str) -> str:
    """The name of the agents' own stream of a conversation."""
    return f"c/{conversation_id}/internal"


# Commands of a customer


class OpenConversation(Command, frozen=True, kw_only=True):
    """Asks for a person. `conversation_id` is made by the client, so a resend opens nothing twice."""

    conversation_id: Id
    group_id: Id
    subject: Line
    answers: Answers
    system: Answers | None = None


class LeaveMessage(Command, frozen=True, kw_only=True):
    """Nobody is on duty: the words become a ticket. With `conversation_id` of a waiting one, that place is kept when
    `keep_place`, else given up."""

    conversation_id: Id
    group_id: Id
    subject: Line
    answers: Answers
    keep_place: bool = False
    system: Answers | None = None


class CancelWaiting(Command, frozen=True, kw_only=True):
    """Leaves the line."""

    conversation_id: Id


class Reopen(Command, frozen=True, kw_only=True):
    """Not solved after all: the same conversation goes back to the line, within the days the organisation gives."""

    conversation_id: Id


class ConversationOpen(Result, frozen=True, kw_only=True):
    """The conversation stands; `seq` is the head of its public stream."""

    conversation_id: Id
    state: ConversationState
    seq: Seq


# Commands of both


class SendChat(Command, frozen=True, kw_only=True):
    """One line of chat. `client_id` makes a resend the same message."""

    conversation_id: Id
    client_id: Id
    text: ChatText = ""
    attachments: Attachments = ()


class ChatAccepted(Result, frozen=True, kw_only=True):
    """Durable: the line has this `seq` in the public stream."""

    client_id: Id
    seq: Seq
    at_ms: Millis


class MarkDelivered(Command, frozen=True, kw_only=True):
    """Everything up to `seq` of the public stream is on this person's device."""

    conversation_id: Id
    seq: Seq


class MarkRead(Command, frozen=True, kw_only=True):
    """Everything up to `seq` of the public stream was shown to this person."""

    conversation_id: Id
    seq: Seq


class Typing(Command, frozen=True, kw_only=True):
    """This person is typing now; sent at most every three seconds, never kept."""

    conversation_id: Id


class Follow(Command, frozen=True, kw_only=True):
    """From now on push the events of a stream after `after`; the reply is the first page of what was missed."""

    stream: StreamName
    after: Seq = 0


class Unfollow(Command, frozen=True, kw_only=True):
    """No more events of this stream on this link."""

    stream: StreamName


# Commands of an agent


class AddNote(Command, frozen=True, kw_only=True):
    """An internal note. Not a message with a flag: no customer's union holds its event."""

    conversation_id: Id
    client_id: Id
    text: ChatText


class NoteAccepted(Result, frozen=True, kw_only=True):
    """Durable: the note has this `seq` in the internal stream."""

    client_id: Id
    seq: Seq


class EndConversation(Command, frozen=True, kw_only=True):
    """The owner ends the talk and goes into wrap-up."""

    conversation_id: Id


class CloseConversation(Command, frozen=True, kw_only=True):
    """Ends wrap-up; a category and a result are required."""

    conversation_id: Id
    category: Line
    result: Literal["solved", "workaround", "not_solved", "no_answer"]


class Done(Result, frozen=True, kw_only=True):
    """Carried out; there is nothing more to say."""


# Events of the public stream


class ConversationOpened(EventBody, frozen=True, kw_only=True):
    """The first event of every conversation."""

    conversation_id: Id
    customer: PersonRef
    group_id: Id
    subject: Line
    answers: Answers
    system: Answers | None = None
    source: Literal["desktop", "web", "message"] = "desktop"


class ConversationQueued(EventBody, frozen=True, kw_only=True):
    """In line since `since_ms`, which keeps its first value on every return to the line; reopening counts afresh."""

    group_id: Id
    since_ms: Millis
    reason: Literal["asked", "declined", "owner_lost", "reopened", "returned"] = "asked"


class MessageLeft(EventBody, frozen=True, kw_only=True):
    """The customer left words for later."""

    answers: Answers
    keep_place: bool = False


class ConversationAbandoned(EventBody, frozen=True, kw_only=True):
    """The customer left the line."""


class ParticipantJoined(EventBody, frozen=True, kw_only=True):
    """Somebody is in the conversation from now on; exactly one `owner`."""

    person: PersonRef
    mode: Mode


class ParticipantLeft(EventBody, frozen=True, kw_only=True):
    """Somebody is no longer in the conversation."""

    person: PersonRef
    reason: Literal["ended", "lost", "left"] = "left"


class ChatPosted(EventBody, frozen=True, kw_only=True):
    """A line of chat; its id is the sender's `client_id`. One that says and carries nothing was erased later."""

    client_id: Id
    author: PersonRef
    text: ChatText = ""
    attachments: Attachments = ()


class MessagesDelivered(EventBody, frozen=True, kw_only=True):
    """Up to `up_to` of this stream is on that person's device."""

    person_id: Id
    up_to: Seq


class MessagesRead(EventBody, frozen=True, kw_only=True):
    """Up to `up_to` of this stream was shown to that person."""

    person_id: Id
    up_to: Seq


class ConversationEnded(EventBody, frozen=True, kw_only=True):
    """The talk is over; the engineer writes up what was done."""

    by: PersonRef


class ConversationClosed(EventBody, frozen=True, kw_only=True):
    """Written up and closed; may be reopened until `reopen_until_ms`."""

    category: Line
    result: Line
    reopen_until_ms: Millis


class ConversationReopened(EventBody, frozen=True, kw_only=True):
    """The customer says it is not solved."""

    by: PersonRef


class ContentErased(EventBody, frozen=True, kw_only=True):
    """What was said before this was taken out of the record, in both streams: the files, the words as well, or
    everything that was typed and every name of the customer. Whoever holds older events takes the same out of them."""

    what: Literal["files", "words", "everything"]
    why: Literal["retention", "asked"]


# Events of the internal stream


class NoteAdded(EventBody, frozen=True, kw_only=True):
    """An internal note."""

    client_id: Id
    author: PersonRef
    text: ChatText


class OfferMade(EventBody, frozen=True, kw_only=True):
    """Routing proposes the conversation to one agent, and why."""

    agent: PersonRef
    deadline_ms: Millis
    why: Code = "free_member"
    waited_s: Seconds = 0


class OfferEnded(EventBody, frozen=True, kw_only=True):
    """What became of an offer."""

    agent: PersonRef
    outcome: Literal["accepted", "declined", "timed_out", "withdrawn"]
    reason: Line = ""


# Replies


class EventRecord(Value, frozen=True, kw_only=True):
    """One event on the wire and in a page: `body` is the event's own JSON, so an unknown kind can be carried."""

    stream: StreamName
    seq: Seq
    order: Seq
    at_ms: Millis
    kind: Code
    body: Annotated[str, Meta(max_length=65536)]


class StreamPage(Result, frozen=True, kw_only=True):
    """Events after the asked `seq`, oldest first; ask again from the last one while `more`."""

    stream: StreamName
    events: Annotated[tuple[EventRecord, ...], Meta(max_length=200)]
    head: Seq
    more: bool = False


class ConversationRow(Value, frozen=True, kw_only=True):
    """A conversation in a list."""

    conversation_id: Id
    customer: PersonRef
    vip_level: int = 0
    subject: Line
    state: ConversationState
    group_id: Id
    owner: PersonRef | None = None
    opened_ms: Millis
    since_ms: Millis
    last_text: Line = ""
    last_at_ms: Millis
    last_by: Literal["customer", "agent", "system"] = "customer"
    unread: int = 0
    ticket_id: Line = ""
    ticket_number: Line = ""
    ended_ms: int = 0


# Pushes


class TypingNow(PushBody, frozen=True, kw_only=True):
    """Somebody is typing; forget it after five seconds."""

    conversation_id: Id
    person: PersonRef


class PresenceChanged(PushBody, frozen=True, kw_only=True):
    """Whether somebody's program is connected now."""

    conversation_id: Id
    person: PersonRef
    online: bool


class ConversationChanged(PushBody, frozen=True, kw_only=True):
    """A row of this agent's lists as it stands now."""

    row: ConversationRow


class QueuePlace(PushBody, frozen=True, kw_only=True):
    """Where a waiting customer stands. No `wait_low_s` and `wait_high_s`: there is no honest estimate."""

    conversation_id: Id
    place: Annotated[int, Meta(ge=1)]
    on_duty: Annotated[int, Meta(ge=0)]
    at_ms: Millis
    wait_low_s: Seconds | None = None
    wait_high_s: Seconds | None = None


class ServiceStatus(PushBody, frozen=True, kw_only=True):
    """Whether somebody can be asked now, for one group."""

    group_id: Id
    on_duty: Annotated[int, Meta(ge=0)]
    waiting: Annotated[int, Meta(ge=0)]
    wait_low_s: Seconds | None = None
    wait_high_s: Seconds | None = None
