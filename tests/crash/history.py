"""What each person wanted, asked, was told and saw, in the order in which it happened to them.

Written by `voice` while a plan runs, read by `checker` afterwards. Nothing in here knows how a relay works inside.
"""

from dataclasses import dataclass, field
from typing import Literal

from shared.protocol.frames import Refused
from shared.protocol.messages.base import Command, Result
from shared.protocol.messages.conversations import EventRecord

Where = Literal["public", "internal"]


@dataclass(frozen=True, slots=True)
class Line:
    """A line of chat (`public`) or a note (`internal`), by what makes it the same line when it is sent again."""

    conversation_id: str
    client_id: str
    where: Where


@dataclass(frozen=True, slots=True)
class Wanted:
    """The person pressed Enter: from now on the line is in their program's outbox."""

    line: Line
    text: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A request was handed to a connection. Whether it arrived nobody knows until it is answered."""

    link: int
    number: int
    body: Command


@dataclass(frozen=True, slots=True)
class Answered:
    """The relay's answer to a request of the same connection."""

    link: int
    number: int
    body: Result | Refused


@dataclass(frozen=True, slots=True)
class Heard:
    """An event as it came over the wire, pushed or in a page."""

    link: int
    record: EventRecord


@dataclass(frozen=True, slots=True)
class Took:
    """An event as the person's program folded it. A `life` ends when the program is killed."""

    life: int
    record: EventRecord


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who the relay says this is."""

    person_id: str


@dataclass(frozen=True, slots=True)
class Leaked:
    """A frame reached a customer that holds what only agents may read."""

    what: str


Moment = Wanted | Asked | Answered | Heard | Took | SignedIn | Leaked


@dataclass(slots=True)
class History:
    """One person's; `moments` only grows."""

    name: str
    audience: Literal["customer", "agent"]
    moments: list[Moment] = field(default_factory=list[Moment])


@dataclass(frozen=True, slots=True)
class Standing:
    """A conversation's row in the store."""

    conversation_id: str
    state: str
    owner_id: str
    offered_to: str


@dataclass(frozen=True, slots=True)
class Store:
    """Everything durable after the last restart: all events in the global order, and the rows made from them."""

    events: tuple[EventRecord, ...]
    standings: tuple[Standing, ...]
    capacity: dict[str, int]
    """How many conversations each agent may hold, by id."""
