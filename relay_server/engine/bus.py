"""The port of the bus: what was committed, told to whoever listens in this process. A hint; the store is the truth."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from shared.protocol.messages.base import PushBody
from shared.protocol.messages.conversations import EventRecord


@dataclass(frozen=True, slots=True)
class ToPerson:
    """A push for every link of one person, customer or agent."""

    person_id: str
    push: PushBody


@dataclass(frozen=True, slots=True)
class ToGroupAgents:
    """A push for every connected agent of a group."""

    group_id: str
    push: PushBody


@dataclass(frozen=True, slots=True)
class ToStream:
    """A push for every link that follows a stream, but none of `but_not` (a person's id)."""

    stream: str
    push: PushBody
    but_not: str = ""


@dataclass(frozen=True, slots=True)
class Wake:
    """Something of `topic` changed: whoever keeps a timer or a list of it should look again."""

    topic: str
    key: str = ""


Note = ToPerson | ToGroupAgents | ToStream | Wake


@dataclass(frozen=True, slots=True)
class Committed:
    """What one unit of work left behind, in the order in which it was written."""

    events: tuple[EventRecord, ...] = ()
    notes: tuple[Note, ...] = ()


Listener = Callable[[Committed], None]


class Bus(Protocol):
    """Listeners are called on the event loop, in the order of commits; they return at once and never raise."""

    def publish(self, committed: Committed) -> None:
        """Tells every listener. Only from the event loop's thread."""
        ...

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Adds a listener; the returned function takes it away again."""
        ...
