"""Tickets: work that outlives a conversation. The step log on `t/<id>` is the truth, columns are projections."""

from typing import Annotated, Literal

from msgspec import Meta

from shared.protocol.messages.base import Command, EventBody, PushBody, Result
from shared.protocol.messages.conversations import StreamPage
from shared.protocol.types import (
    ChatText,
    Code,
    Id,
    Line,
    Millis,
    Params,
    PersonRef,
    Priority,
    TicketState,
    Value,
)


def ticket_stream(ticket_id: str) -> str:
    """The name of a ticket's step log."""
    return f"t/{ticket_id}"


class TicketRow(Value, frozen=True, kw_only=True):
    """A ticket in a list."""

    ticket_id: Id
    number: Line
    subject: Line
    category: Line = ""
    state: TicketState
    priority: Priority
    group_id: Id
    owner: PersonRef | None = None
    customer: PersonRef
    conversation_id: Line = ""
    opened_ms: Millis
    updated_ms: Millis


class ListTickets(Command, frozen=True, kw_only=True):
    """Tickets of this agent's groups, newest change first. `before_ms` pages on."""

    view: Literal["open", "mine", "all"] = "open"
    words: Line = ""
    before_ms: Millis = 0
    limit: Annotated[int, Meta(ge=1, le=200)] = 100


class TicketPage(Result, frozen=True, kw_only=True):
    """One page; `more` when there are older ones."""

    rows: Annotated[tuple[TicketRow, ...], Meta(max_length=200)]
    more: bool = False


class OpenTicket(Command, frozen=True, kw_only=True):
    """One ticket with its fields and its log; also follows it."""

    ticket_id: Id


class TicketDetail(Result, frozen=True, kw_only=True):
    """A ticket whole: `steps` is the first page of its log."""

    row: TicketRow
    answers: dict[str, str]
    system: dict[str, str]
    steps: StreamPage


class ChangeTicket(Command, frozen=True, kw_only=True):
    """Changes fields; what is left out stays. Resolving needs a category."""

    ticket_id: Id
    state: TicketState | None = None
    category: Line | None = None
    priority: Priority | None = None
    note: Annotated[str, Meta(max_length=2000)] = ""


class TicketChanged(PushBody, frozen=True, kw_only=True):
    """A row of this agent's list as it stands now."""

    row: TicketRow


# Events of a ticket's log


class TicketOpened(EventBody, frozen=True, kw_only=True):
    """The first step."""

    number: Line
    subject: Line
    customer: PersonRef
    group_id: Id
    priority: Priority
    conversation_id: Line = ""
    source: Line = "conversation"


class TicketAssigned(EventBody, frozen=True, kw_only=True):
    """Somebody owns it."""

    owner: PersonRef


class TicketStateChanged(EventBody, frozen=True, kw_only=True):
    """From one state to the next, and who did it."""

    old: TicketState
    new: TicketState
    by: PersonRef
    note: ChatText = ""


class TicketFieldChanged(EventBody, frozen=True, kw_only=True):
    """A field other than the state."""

    field: Literal["category", "priority", "group_id", "subject"]
    old: Line
    new: Line
    by: PersonRef


class SessionStep(EventBody, frozen=True, kw_only=True):
    """Something that happened in the conversation or a remote session, folded from its stream.

    `what` is the conversation event's kind; `params` fill the words that clients render for it.
    """

    what: Code
    by: PersonRef
    params: Params = {}
