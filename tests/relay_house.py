"""The relay's real services over a real store, a SQLite file or a PostgreSQL database, with a clock that tests turn."""

import asyncio
import os
import tempfile
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TypeVar

from relay_server.conversations.access import relations_by_key
from relay_server.conversations.service import Conversations
from relay_server.customers.service import Customers
from relay_server.engine.bus import Committed, ToPerson
from relay_server.engine.bus_local import LocalBus
from relay_server.engine.create import create_all
from relay_server.engine.fold import FoldRunner
from relay_server.engine.journal import Journal, Transaction
from relay_server.engine.leases import ThisNode
from relay_server.engine.postgres_link import PostgresAddress
from relay_server.files.service import Files
from relay_server.identity import agents
from relay_server.identity.actors import AgentActor, CustomerActor
from relay_server.insight.service import Insight
from relay_server.knowledge import sample as articles
from relay_server.knowledge.service import Knowledge
from relay_server.organisation import sample
from relay_server.organisation.store import membership
from relay_server.recordings.service import Recordings
from relay_server.remote.service import Remote
from relay_server.routing.service import Routing
from relay_server.tickets.service import Tickets
from shared.protocol.codec import UnknownEvent, decode_event
from shared.protocol.frames import Refused
from shared.protocol.messages import conversations as c
from shared.protocol.messages.base import EventBody, PushBody
from shared.protocol.messages.routing import AcceptOffer, SetState
from shared.protocol.types import AgentState
from tests import pg
from tests.relay_store import Place

T = TypeVar("T")
ENGINE = os.environ.get("THREELINE_TEST_STORE", "sqlite")
"""What houses are built on unless a test says so: with `postgres`, every test of the services runs over PostgreSQL."""
START_MS = 1_790_000_000_000
ANSWERS = {"category": "software", "product": "labdesk", "problem": "It stops at start."}
MESSAGE = {"name": "Li", "email": "li@example.com", "message": "Please write."}


_databases: dict[Path, PostgresAddress] = {}


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
    journal: Journal
    conversations: Conversations
    customers: Customers
    routing: Routing
    files: Files
    knowledge: Knowledge
    remote: Remote
    tickets: Tickets
    recordings: Recordings
    insight: Insight
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

    async def served(self, customer: CustomerActor, conversation_id: str, username: str = "lin") -> AgentActor:
        """The customer asks and that agent, the only one on duty, accepts."""
        agent = await self.on_duty(username)
        await self.ask(customer, conversation_id)
        ok(await self.routing.accept_offer(agent, AcceptOffer(conversation_id=conversation_id)))
        await self.fold()
        return agent

    async def fold(self) -> None:
        """What the folds would do by themselves."""
        for fold in (self.remote.fold, self.tickets.fold):
            assert await FoldRunner(self.journal, self.bus, fold).catch_up()

    async def pass_time(self, seconds: float) -> None:
        """The clock moves on and routing looks."""
        self.clock.at_ms += int(seconds * 1000)
        await self.routing.tick()

    async def events(self, stream: str) -> list[tuple[c.EventRecord, EventBody | UnknownEvent]]:
        """A whole stream."""
        found: list[c.EventRecord] = []
        while (page := await self.journal.page(stream, len(found))).events:
            found += page.events
        return [(record, decode_event(record)) for record in found]


@asynccontextmanager
async def open_house(
    path: Path, clock: Clock | None = None, engine: str = ENGINE, node: str = ""
) -> AsyncGenerator[House]:
    """The sample organisation in a fresh store, or the store that is there; nobody is connected to this node.

    With PostgreSQL the path stands for a database of its own; files lie beside it as ever.
    """
    place = await asyncio.to_thread(_furnish, path, engine)
    clock, bus = clock or Clock(), LocalBus()
    async with place.open(bus, clock) as journal:
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
            routing=Routing(journal, bus, clock, ThisNode(node, host=node)),
            files=Files(journal, path.parent / "blobs", relations_by_key),
            knowledge=Knowledge(journal),
            remote=Remote(journal, bus, clock),
            tickets=Tickets(journal),
            recordings=Recordings(journal, path.parent / "recordings", clock),
            insight=Insight(journal),
            agents={profile.username: AgentActor(profile) for profile in people},
        )
        bus.subscribe(house.hear)
        ok(await house.routing.begin())
        yield house


async def crash_image(house: House, image: Path) -> Path:
    """What is left when the relay dies at this very moment; the path under which to open it.

    A file is copied as it lies. In PostgreSQL the relay's connections are cut, in the middle of whatever they do.
    """
    if house.path in _databases:
        await asyncio.to_thread(pg.cut, pg.shared_server(), _databases[house.path])
        _databases[image] = _databases[house.path]
        return image
    for suffix in ("", "-wal"):
        source = house.path.with_name(house.path.name + suffix)
        if source.exists():
            image.with_name(image.name + suffix).write_bytes(source.read_bytes())
    return image


def adopt(path: Path, address: PostgresAddress) -> None:
    """From now on the path stands for this database."""
    _databases[path] = address


def _furnish(path: Path, engine: str) -> Place:
    """A copy of the sample store, unless there is a store already."""
    if engine != "sqlite":
        if path not in _databases:
            _databases[path] = pg.copy_database(pg.shared_server(), pg.name_of(_furnished_database()))
        return Place(_databases[path])
    if not path.exists():
        path.write_bytes(_furnished_file())
    return Place(path)


@cache
def _furnished_file() -> bytes:
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "sample.db"
        create_all(path)
        asyncio.run(_load(Place(path)))
        return path.read_bytes()


@cache
def _furnished_database() -> PostgresAddress:
    address = pg.fresh_database()
    asyncio.run(_load(Place(address)))
    return address


async def _load(place: Place) -> None:
    async with place.open(LocalBus(), Clock()) as journal:
        ok(await journal.write(_write_sample))


def _write_sample(tx: Transaction) -> None:
    sample.load(tx, lambda agent: agents.insert_agent(tx, agent))
    articles.load(tx)
