"""A relay that lies, between two real session processes and the window-side code that signs and checks for them."""

from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from agent_app.remote.introduction import Introduction as AgentsEnd
from customer_client.sharing.introductions import Introductions as CustomersEnd
from customer_client.sharing.introductions import Reaction
from shared.net.keybook import KeyBook
from shared.protocol.messages.remote import Signal
from shared.protocol.types import PersonRef
from shared.rules.certificates import Fault
from shared.rules.introduction import Between, Device
from shared.session import channel as m
from tests.control.test_session import AGENT, Pair, grant, pair_on
from tests.trusted import DAY_MS, ORGANISATION, START_MS, device_of

LIN = PersonRef(id=AGENT, name="Lin Wei", kind="agent", tier=2)
BETWEEN = Between(session_id="s1", conversation_id="c1", customer_id="maya", agent_id=AGENT)
MAYAS_KEY = bytes([1]) * 32
NOW = START_MS + DAY_MS
Carry = Callable[[Signal], Iterable[Signal]]


def as_it_is(signal: Signal) -> Iterable[Signal]:
    """An honest relay."""
    return (signal,)


@dataclass
class Relay:
    """What it does to signals on their way; `name` is what it calls the engineer."""

    to_agent: Carry = as_it_is
    to_customer: Carry = as_it_is
    name: PersonRef = LIN


@dataclass
class Scene:
    """Both ends with their session processes. `faults` are those that either end has found."""

    pair: Pair
    customer: CustomersEnd
    agent: AgentsEnd
    relay: Relay = field(default_factory=lambda: Relay())
    here: list[Fault] = field(default_factory=list[Fault])
    there: list[Fault] = field(default_factory=list[Fault])

    @property
    def state(self) -> str:
        """What the customer's computer makes of the engineer."""
        shown = self.customer.shown(AGENT)
        return shown.state if shown else ""

    async def grant(self) -> None:
        """The customer grants everything."""
        await self.pair.start()
        self.pair.customer.send(m.GiveGrants(grants=(grant("view"), grant("control"))))
        self.pair.agent.send(m.StartViewing(session_id="s1"))

    def begin(self, relay: Relay, device: Device | None = None) -> None:
        """Both windows anew, over this relay. Lin is certified unless `device` is something else."""
        self.relay = relay
        self.here, self.there = [], []
        self.customer, self.agent = ends(device or device_of(LIN))

    def connect(self) -> None:
        self.pair.customer.send(m.AddViewer(agent_id=AGENT))

    def nothing_was_seen(self) -> bool:
        """No connection was ever made: no picture went out, no input could come in."""
        states = [one.state for one in self.pair.here.of(m.ViewerChanged)]
        return "connected" not in states and not self.pair.there.of(m.FrameShown)

    async def until(self, true: Callable[[], object], what: str) -> None:
        """Either side has moved."""
        await self.pair.here.until(true, what)

    # What windows and relay do

    def from_customer(self, said: Any) -> None:
        if isinstance(said, m.SignalOut):
            self.send_to_agent(self.customer.offer(LIN, said))

    def from_agent(self, said: Any) -> None:
        if isinstance(said, m.SignalOut) and said.signal.kind == "answer":
            answer = self.agent.answer(said, BETWEEN)
            if answer is not None:
                self.send_to_customer(answer)
        self.pair.here.heard.set()

    def send_to_agent(self, signal: Signal) -> None:
        for one in self.relay.to_agent(signal):
            found: object = None
            match one.kind:
                case "offer":
                    found = self.agent.offer(one, BETWEEN, ())
                case "reveal":
                    found = self.agent.revealed(one)
                case "confirm":
                    found = self.agent.confirmed(one)
                case _:
                    pass
            if isinstance(found, m.SignalIn):
                self.pair.agent.send(found)
            elif isinstance(found, str):
                self.there.append(found)

    def send_to_customer(self, signal: Signal) -> None:
        for one in self.relay.to_customer(signal):
            self.react(self.customer.take(self.relay.name, one))

    def react(self, reaction: Reaction) -> None:
        """As the sharing presenter does."""
        for order in reaction.orders:
            self.pair.customer.send(order)
        for signal in reaction.signals:
            self.send_to_agent(signal)
        if reaction.connect:
            self.connect()
        if reaction.fault is not None:
            self.here.append(reaction.fault)


@asynccontextmanager
async def scene(desk: Any) -> AsyncIterator[Scene]:
    """Everything is granted; nobody has been offered a connection yet."""
    async with pair_on(desk) as pair:
        made = Scene(pair, *ends(device_of(LIN)))
        pair.here.also, pair.there.also = made.from_customer, made.from_agent
        await made.grant()
        yield made


def ends(device: Device) -> tuple[CustomersEnd, AgentsEnd]:
    """Both windows as they are at the beginning of a session; the customer's pins the organisation's key."""
    customer = CustomersEnd(KeyBook(None, ORGANISATION.public), lambda: MAYAS_KEY, lambda: NOW)
    customer.begin("s1", "c1", "maya")
    return customer, AgentsEnd(KeyBook(None), lambda: device, lambda: NOW)
