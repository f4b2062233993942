"""What the organisation shows its customers and asks of them: home page, forms, profile."""

from typing import Annotated, Literal

from msgspec import Meta

from shared.protocol.messages.base import Command, PushBody, Result
from shared.protocol.messages.conversations import ConversationRow, ServiceStatus
from shared.protocol.types import Id, Line, Millis, Name, Paragraph, PersonRef, Seq, TicketState, Tier, Value

Language = Literal["en", "zh_CN"]
Texts = Annotated[dict[Language, Paragraph], Meta(min_length=1)]
"""The same words in each language; readers fall back to `en`."""


class FormChoice(Value, frozen=True, kw_only=True):
    """One answer that can be chosen."""

    value: Line
    label: Texts


class FormField(Value, frozen=True, kw_only=True):
    """One question. `max_length` bounds the answer in characters."""

    key: Line
    label: Texts
    kind: Literal["line", "paragraph", "choice", "email"]
    required: bool = True
    choices: tuple[FormChoice, ...] = ()
    max_length: int = 2000


class IntakeForm(Value, frozen=True, kw_only=True):
    """The questions of a group; `message_fields` are asked instead when nobody is on duty."""

    group_id: Id
    fields: tuple[FormField, ...]
    message_fields: tuple[FormField, ...] = ()


class GroupView(Value, frozen=True, kw_only=True):
    """A team as others see it."""

    group_id: Id
    name: Name
    tier: Tier
    branch: Line
    public: bool = False
    """Customers may ask this group directly."""


class Notice(Value, frozen=True, kw_only=True):
    """A line the organisation shows on the first page."""

    notice_id: Id
    text: Texts


class GetHome(Command, frozen=True, kw_only=True):
    """Everything the customer's first page shows; `RequestChanged` and `ServiceStatus` follow by push."""


class RequestView(Value, frozen=True, kw_only=True):
    """One request as its customer sees it. `rated` and `reopen_until_ms` say what may still be done."""

    conversation_id: Id
    ticket_id: Line = ""
    number: Line = ""
    subject: Line
    state: TicketState
    with_person: PersonRef | None = None
    updated_ms: Millis
    conversation_state: Line = ""
    head: Seq = 0
    rated: bool = False
    reopen_until_ms: Millis = 0


class Home(Result, frozen=True, kw_only=True):
    """The first page."""

    requests: Annotated[tuple[RequestView, ...], Meta(max_length=100)]
    groups: tuple[GroupView, ...]
    forms: tuple[IntakeForm, ...]
    status: tuple[ServiceStatus, ...]
    notices: tuple[Notice, ...] = ()


class RequestChanged(PushBody, frozen=True, kw_only=True):
    """One request as it stands now."""

    request: RequestView


class GetDesk(Command, frozen=True, kw_only=True):
    """Everything an agent's window shows at the start; pushes keep it fresh."""


class Desk(Result, frozen=True, kw_only=True):
    """`conversations` are this agent's own, `queue` what waits in their groups."""

    state: "AgentStateView"
    groups: tuple[GroupView, ...]
    conversations: tuple[ConversationRow, ...]
    queue: tuple[ConversationRow, ...]
    offers: "tuple[OfferView, ...]"
    colleagues: tuple[PersonRef, ...] = ()
    categories: tuple[FormChoice, ...] = ()
    forms: tuple[IntakeForm, ...] = ()
    """Of every group, so that answers can be read under their questions."""


class AgentStateView(Value, frozen=True, kw_only=True):
    """This agent's state, since when, and what it becomes after the current work."""

    state: Literal["available", "busy", "break", "offline"]
    since_ms: Millis
    reason: Line = ""
    after: Literal["", "busy", "break", "offline"] = ""
    used_units: int = 0
    max_units: int = 0


class OfferView(Value, frozen=True, kw_only=True):
    """An offer with its screen pop: who, what, and why this agent."""

    row: ConversationRow
    deadline_ms: Millis
    window_s: int
    answers: dict[str, str]
    system: dict[str, str]
    fields: tuple[FormField, ...] = ()
    earlier: tuple[RequestView, ...] = ()
    why: Line = ""
    why_params: dict[str, str] = {}


class GetCustomer(Command, frozen=True, kw_only=True):
    """An agent opens the customer's card; only of customers they serve or served."""

    customer_id: Id


class CustomerCard(Result, frozen=True, kw_only=True):
    """Who the customer is and what happened before."""

    customer: PersonRef
    email: Line = ""
    phone: Line = ""
    vip_level: int = 0
    organisation: Line = ""
    first_seen_ms: Millis = 0
    requests: tuple[RequestView, ...] = ()
