"""The relay's real services over a real SQLite file, with a clock that tests turn: what laws and unit tests stand on."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from relay_server.conversations.service import Conversations
from relay_server.customers.service import Customers
from relay_server.engine.bus import Committed, ToPerson
from relay_server.engine.bus_local import LocalBus
from relay_server.engine.create import create_all
from relay_server.engine.journal import Transaction
from relay_server.engine.journal_sqlite import SqliteJournal, open_journal
from relay_server.identity import agents
from relay_server.identity.actors import AgentActor, CustomerActor
from relay_server.organisation import sample
from relay_server.organisation.store import membership
from relay_server.routing.service import Routing
from shared.protocol.codec import UnknownEvent, decode_event
from shared.protocol.frames import Refused
from shared.protocol.messages import conversations as c
from shared.protocol.messages.base import EventBody, PushBody
from shared.protocol.messages.routing import SetState
from shared.protocol.types import AgentState

T = TypeVar("T")
START_MS = 1_790_000_000_000
ANSWERS = {"category": "software", "product": "labdesk", "problem": "It stops at start."}
MESSAGE = {"name": "Li", "email": "li@example.com", "message": "Please write."}


@dataclass
class Clock:
    """Milliseconds, moved by hand."""

    at_ms: int = START_MS

    def __call__(self) -> int:
        return self.at_ms


def ok(value: T | Refused) -> T:
    """The value, or a failure that names the refusal."""
    assert not isinstance(value, Refused), value
    return value


@dataclass
class House:
    """Everything between the gateway and the disk."""

    path: Path
    clock: Clock
    bus: LocalBus
    journal: SqliteJournal
    conversations: Conversations
    customers: Customers
    routing: Routing
    agents: dict[str, AgentActor]
    pushes: list[tuple[str, PushBody]] = field(default_factory=list[tuple[str, PushBody]])

    def hear(self, committed: Committed) -> None:
        """Keeps what people are told."""
        self.pushes += [(note.person_id, note.push) for note in committed.notes if isinstance(note, ToPerson)]

    def told(self, person_id: str, kind: type[T]) -> list[T]:
        """The pushes of a kind to one person, oldest first."""
        return [push for to, push in self.pushes if to == person_id and isinstance(push, kind)]

    async def customer(self, name: str = "Li", key: str = "") -> CustomerActor:
        """A customer by a device key of their own."""
        device_key = (key or name).ljust(43, "A")
        record = ok(await self.customers.customer_for_device(device_key, name))
        return CustomerActor(record.person, device_key)

    async def on_duty(self, username: str, state: AgentState = "available") -> AgentActor:
        """An agent with a link, in a state."""
        agent = self.agents[username]
        await self.routing.agent_connected(agent.profile)
        ok(await self.routing.set_state(agent, SetState(state=state)))
        return agent

    async def ask(self, customer: CustomerActor, conversation_id: str, group_id: str = "desk") -> c.ConversationOpen:
        """The customer asks for a person."""
        command = c.OpenConversation(
            conversation_id=conversation_id, group_id=group_id, subject="It stops", answers=ANSWERS
        )
        return ok(await self.routing.open_conversation(customer, command))

    async def events(self, stream: str) -> list[tuple[c.EventRecord, EventBody | UnknownEvent]]:
        """A whole stream."""
        found: list[c.EventRecord] = []
        while (page := await self.journal.page(stream, len(found))).events:
            found += page.events
        return [(record, decode_event(record)) for record in found]


@asynccontextmanager
async def open_house(path: Path, clock: Clock | None = None) -> AsyncGenerator[House]:
    """The sample organisation in a fresh store, or the store that is there; nobody is connected."""
    fresh = not path.exists()
    if fresh:
        create_all(path)
    clock, bus = clock or Clock(), LocalBus()
    async with open_journal(path, bus, clock) as journal:
        if fresh:
            await journal.write(_load)
        people = await journal.read(
            lambda sql: [
                agents.profile_of(row, membership(sql, row.agent_id))
                for username in ("lin", "chen", "maria", "wu", "han")
                if (row := agents.by_username(sql, username))
            ]
        )
        house = House(
            path=path,
            clock=clock,
            bus=bus,
            journal=journal,
            conversations=Conversations(journal, bus),
            customers=Customers(journal),
            routing=Routing(journal, bus, clock),
            agents={profile.username: AgentActor(profile) for profile in people},
        )
        bus.subscribe(house.hear)
        await house.routing.start()
        yield house


def _load(tx: Transaction) -> None:
    sample.load(tx, lambda agent: agents.insert_agent(tx, agent))
