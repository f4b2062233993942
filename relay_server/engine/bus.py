"""The port of the bus: what was committed, told to whoever listens, in this process and on other nodes. A hint; the
store is the truth."""

from collections.abc import Callable
from typing import Protocol

from msgspec import Struct

from shared.protocol.frames import AgentPush, CustomerPush
from shared.protocol.messages.conversations import EventRecord

LOOK = "look"
"""Topic of the wake that says: something was not told. The key is a stream, or empty for all of them."""

NODE_LOST = "node_lost"
"""Topic of the wake after a node was declared dead: what it had begun, others go on with."""


class ToPerson(Struct, frozen=True, tag="person", array_like=True):
    """A push for every link of one person, customer or agent."""

    person_id: str
    push: CustomerPush | AgentPush


class ToGroupAgents(Struct, frozen=True, tag="group", array_like=True):
    """A push for every connected agent of a group."""

    group_id: str
    push: CustomerPush | AgentPush


class ToStream(Struct, frozen=True, tag="stream", array_like=True):
    """A push for every link that follows a stream, but none of `but_not` (a person's id)."""

    stream: str
    push: CustomerPush | AgentPush
    but_not: str = ""


class Wake(Struct, frozen=True, tag="wake", array_like=True):
    """Something of `topic` changed: whoever keeps a timer or a list of it should look again, on every node or here."""

    topic: str
    key: str = ""
    everywhere: bool = False


Note = ToPerson | ToGroupAgents | ToStream | Wake


class Committed(Struct, frozen=True):
    """What one unit of work left behind, in the order in which it was written. `here`: not from another node."""

    events: tuple[EventRecord, ...] = ()
    notes: tuple[Note, ...] = ()
    here: bool = True


Listener = Callable[[Committed], None]


class Bus(Protocol):
    """Listeners are called on the event loop, in the order of commits; they return at once and never raise."""

    def publish(self, committed: Committed) -> None:
        """Tells every listener here at once, and other nodes what their links want. Only on the event loop."""
        ...

    def publish_here(self, committed: Committed) -> None:
        """Tells the listeners of this process only."""
        ...

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Adds a listener; the returned function takes it away again."""
        ...

    def want(self, key: str) -> None:
        """A link here is concerned with a `person_key`, `group_key` or `stream_key`; once for each `unwant`."""
        ...

    def unwant(self, key: str) -> None:
        """One link less."""
        ...

    async def settled(self) -> None:
        """Returns once other nodes know what is wanted here, or after a short while without their answer."""
        ...

    def counts(self) -> dict[str, int]:
        """For metrics: what went to other nodes and came from them; empty for a bus that stays in the process."""
        ...


def person_key(person_id: str) -> str:
    """What a link of this person wants."""
    return f"p/{person_id}"


def group_key(group_id: str) -> str:
    """What a link of a member wants."""
    return f"g/{group_id}"


def stream_key(stream: str) -> str:
    """What a link that follows the stream wants."""
    return f"s/{stream}"


def keys_of(committed: Committed) -> set[str] | None:
    """Whose links are concerned; None when every node is."""
    keys = {stream_key(record.stream) for record in committed.events}
    for note in committed.notes:
        match note:
            case ToPerson(person_id):
                keys.add(person_key(person_id))
            case ToGroupAgents(group_id):
                keys.add(group_key(group_id))
            case ToStream(stream):
                keys.add(stream_key(stream))
            case Wake(everywhere=everywhere):
                if everywhere:
                    return None
    return keys
