"""What is left of an event once its content was erased: its kind, its place and whatever the fold needs; no words.

The relay rewrites the bodies it keeps with this, and whoever holds an older copy of the same events applies the same
to them when `ContentErased` arrives, so that an old snapshot and a fresh one are equal again. Erasing twice is erasing
once, and more includes less.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final, Literal, TypeVar

import msgspec
from msgspec import structs

from shared.protocol.messages import conversations as c
from shared.protocol.messages import insight as m
from shared.protocol.messages import recordings as r
from shared.protocol.messages import remote as x
from shared.protocol.messages import tickets as t
from shared.protocol.messages.base import EventBody
from shared.protocol.types import PersonRef

What = Literal["files", "words", "everything"]
E = TypeVar("E", bound=EventBody)

DEPTH: Final[Mapping[What, int]] = {"files": 1, "words": 2, "everything": 3}
NO_NAME: Final = "\N{EM DASH}"
"""Stands where a customer's name was."""


def erased(event: E, what: What) -> E:
    """The event without its files, without its words, or without anything typed and any customer's name."""
    depth = DEPTH[what]
    changes: dict[str, Any] = {}
    for needed, change in _CONTENT.get(type(event), ()):
        if depth >= needed:
            changes |= change(event)
    if depth >= DEPTH["everything"]:
        changes |= {name: nameless(each) for name, each in _people(event) if each.kind == "customer"}
    return structs.replace(event, **changes) if changes else event


def nameless(person: PersonRef) -> PersonRef:
    """A customer by their id alone."""
    return PersonRef(id=person.id, name=NO_NAME, kind=person.kind)


def is_erased(event: c.ChatPosted | c.NoteAdded) -> bool:
    """Whether this line once said something: nobody can send an empty one."""
    return not event.text.strip() and not (isinstance(event, c.ChatPosted) and event.attachments)


def _people(event: EventBody) -> list[tuple[str, PersonRef]]:
    named = ((field.name, getattr(event, field.name)) for field in structs.fields(event))
    return [(name, value) for name, value in named if isinstance(value, PersonRef)]


def _to(**values: object) -> Callable[[EventBody], dict[str, Any]]:
    return lambda _: dict(values)


_CODES: Final = frozenset(
    [
        "capabilities",
        "granted",
        "agent",
        "capability",
        "why",
        "mode",
        "category",
        "result",
        "lines",
        "digest",
        "days",
        "length_ms",
        "end",
        "solved",
        "easy",
        "in_control",
        "size",
        "way",
        "reason",
    ]
)
"""Parameters of steps that are codes, counts and engineers' names; whatever else there is was typed or names a thing of
the customer's."""


def _step(event: t.SessionStep) -> dict[str, Any]:
    codes = _CODES - {"reason"} if event.what == "capability_asked" else _CODES
    return {"params": {key: value if key in codes else "" for key, value in event.params.items()}}


def _field(event: t.TicketFieldChanged) -> dict[str, Any]:
    return {"old": "", "new": ""} if event.field == "subject" else {}


_FILES, _WORDS, _ALL = DEPTH["files"], DEPTH["words"], DEPTH["everything"]
_CONTENT: Final[Mapping[type[EventBody], tuple[tuple[int, Callable[..., dict[str, Any]]], ...]]] = {
    c.ConversationOpened: ((_WORDS, _to(answers={}, system=None)), (_ALL, _to(subject=""))),
    c.MessageLeft: ((_WORDS, _to(answers={})),),
    c.ChatPosted: ((_FILES, _to(attachments=())), (_WORDS, _to(text=""))),
    c.NoteAdded: ((_WORDS, _to(text="")),),
    c.OfferEnded: ((_WORDS, _to(reason="")),),
    x.CapabilityAsked: ((_WORDS, _to(reason="")), (_ALL, _to(proof=None))),
    x.ConsentAnswered: ((_WORDS, _to(source="")),),
    m.RatingGiven: ((_WORDS, _to(comment="")),),
    t.TicketOpened: ((_ALL, _to(subject="")),),
    t.TicketStateChanged: ((_WORDS, _to(note="")),),
    t.TicketFieldChanged: ((_ALL, _field),),
    t.SessionStep: ((_WORDS, _step),),
}
NOTHING_TYPED: Final[frozenset[type[EventBody]]] = frozenset(
    {
        c.ConversationQueued,
        c.ConversationAbandoned,
        c.ParticipantJoined,
        c.ParticipantLeft,
        c.MessagesDelivered,
        c.MessagesRead,
        c.ConversationEnded,
        c.ConversationClosed,
        c.ConversationReopened,
        c.ContentErased,
        c.OfferMade,
        x.AskWithdrawn,
        x.RemoteStarted,
        x.GrantEnded,
        x.RemoteEnded,
        x.ReceiptStored,
        r.RecordingStarted,
        r.RecordingEnded,
        r.RecordingDeleted,
        t.TicketAssigned,
    }
)
"""Ids, codes, times and people only. A test walks all events: each is here or in the table above."""
TYPED: Final = frozenset(_CONTENT)


def erased_body(kind: type[EventBody], body: str, what: What) -> str:
    """The same for an event as it is kept. Raises msgspec.DecodeError."""
    return msgspec.json.encode(erased(msgspec.json.decode(body, type=kind), what)).decode()
