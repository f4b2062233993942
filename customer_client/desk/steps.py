"""Where a request stands, in the four steps that its customer understands."""

from collections.abc import Mapping
from typing import Final

from msgspec import Struct

from customer_client.desk.words import Named, Words
from shared.protocol.messages.organisation import RequestView
from shared.protocol.types import TicketState
from shared.strings import Phrase, phrase

STEP_KEYS: Final = ("requests.received", "requests.understood", "requests.fixing", "requests.solved")

_REACHED: Final[Mapping[TicketState, int]] = {
    "new": 1,
    "reopened": 1,
    "assigned": 2,
    "in_progress": 3,
    "waiting_customer": 3,
    "waiting_third_party": 3,
    "resolved": 4,
    "closed": 4,
}


class RequestLine(Struct, frozen=True):
    """One request in a list."""

    conversation_id: str
    subject: str
    number: str
    reached: int
    step: Phrase
    who: Words
    waiting_for_you: bool
    over: bool


def request_line(request: RequestView) -> RequestLine:
    """A request as its customer sees it."""
    reached = _REACHED[request.state]
    return RequestLine(
        conversation_id=request.conversation_id,
        subject=request.subject,
        number=request.number,
        reached=reached,
        step=phrase(STEP_KEYS[reached - 1]),
        who=_who(request),
        waiting_for_you=request.state == "waiting_customer",
        over=request.state in ("resolved", "closed"),
    )


def _who(request: RequestView) -> Words:
    if request.state == "waiting_customer":
        return phrase("requests.answer_us")
    if request.conversation_state in ("queued", "offered"):
        return phrase("requests.in_line")
    if request.conversation_state == "abandoned":
        return phrase("requests.cancelled")
    if request.with_person is not None:
        return Named("requests.with", request.with_person)
    return phrase("requests.nobody_yet")
