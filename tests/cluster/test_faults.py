"""What is done to relays, PostgreSQL and NATS, and what clients see of it: nothing that was acknowledged is lost."""

import asyncio
import itertools
import logging
import signal
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from shared.common.ids import new_id
from shared.net import link as l
from shared.net.endpoint import Endpoint
from shared.net.outbox import Outbox
from shared.net.signin import DeviceCredentials
from shared.protocol import frames
from shared.protocol.messages import conversations as c
from tests.cluster.sample import Store
from tests.cluster.town import LEASE_S, Node, Town
from tests.protocol.talk import follow, on_duty, open_conversation, say, served
from tests.protocol.wire import WAIT_S, Frame, Wire

LONG_S = 40.0
log = logging.getLogger(__name__)


@dataclass
class Client:
    """A customer's program without windows, with the addresses of both nodes and an outbox."""

    endpoint: Endpoint
    key: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)
    accepted: dict[str, int] = field(default_factory=dict[str, int])
    seqs: list[int] = field(default_factory=list[int])
    lines: list[str] = field(default_factory=list[str])
    phases: list[tuple[float, str]] = field(default_factory=list[tuple[float, str]])
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.outbox = Outbox(None, msgspec.json.Decoder(frames.CustomerCommand).decode)
        listener: l.Listener[frames.CustomerPush] = l.Listener(
            on_state=lambda state: self._note_phase(state.phase),
            on_welcome=lambda _: None,
            on_signed_in=lambda _: None,
            on_push=lambda _: None,
            on_event=lambda record, event: self._note_event(record.seq, event),
            on_outcome=self._note_outcome,
        )
        self.link = l.Link(self.endpoint, l.CUSTOMER, DeviceCredentials(self.key, "Li"), self.outbox, listener)

    def say(self, conversation_id: str) -> None:
        client_id = new_id()
        command = c.SendChat(conversation_id=conversation_id, client_id=client_id, text="line")
        self.link.post(client_id, command)

    async def until(self, there: Callable[[], bool], seconds: float = LONG_S) -> None:
        async with asyncio.timeout(seconds):
            while not there():
                self.changed.clear()
                await self.changed.wait()

    @property
    def ready(self) -> bool:
        return self.link.state.phase == "ready"

    def _note_phase(self, phase: str) -> None:
        self.phases.append((asyncio.get_running_loop().time(), phase))
        self.changed.set()

    def _note_event(self, seq: int, event: object) -> None:
        self.seqs.append(seq)
        if isinstance(event, c.ChatPosted):
            self.lines.append(event.client_id)
        self.changed.set()

    def _note_outcome(self, key: str, answer: object) -> None:
        assert isinstance(answer, c.ChatAccepted), answer
        assert self.accepted.setdefault(key, answer.seq) == answer.seq
        self.changed.set()


@asynccontextmanager
async def client(built: Town, home: Node) -> AsyncGenerator[Client]:
    """A customer who waits in a line; connected to `home` at first."""
    addresses = " ".join(node.url for node in built.nodes)
    endpoint = Endpoint(addresses, home.data_dir / "tls" / "ca.pem")
    while endpoint.url != home.url:
        endpoint.advance()
    made = Client(endpoint)
    running = asyncio.create_task(made.link.run())
    try:
        await made.until(lambda: made.ready)
        yield made
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        made.outbox.close()


async def in_line(made: Client) -> str:
    """A conversation of the client's own, followed."""
    conversation_id = new_id()
    command = c.OpenConversation(
        conversation_id=conversation_id,
        group_id="desk",
        subject="It beeps",
        answers={"category": "device", "product": "printer", "problem": "It beeps."},
    )
    assert isinstance(await made.link.ask(command, c.ConversationOpen), c.ConversationOpen)
    made.link.follow(c.public_stream(conversation_id))
    return conversation_id


async def test_a_node_killed_under_load_costs_no_line_and_its_clients_go_on_at_the_other(built: Town) -> None:
    a, b = built.nodes
    agent = await on_duty(b.house)
    assert (await agent.ask({"do": "set_state", "state": "busy"}))["is"] == "done"
    async with client(built, a) as one, client(built, a) as two, client(built, b) as three:
        talks = [(each, await in_line(each)) for each in (one, two, three)]
        killed_s = 0.0
        for number in itertools.count():
            for each, conversation_id in talks:
                each.say(conversation_id)
            await asyncio.sleep(0.005)
            if number == 60:
                a.send(signal.SIGKILL)
                killed_s = asyncio.get_running_loop().time()
            if number >= 150 and one.ready and two.ready:
                break
        for each, conversation_id in talks:
            await each.until(lambda each=each: each.outbox.first() is None)
            head = max(each.accepted.values())
            await each.until(lambda each=each, head=head: bool(each.seqs) and each.seqs[-1] >= head)
            assert each.seqs == list(range(1, each.seqs[-1] + 1))
            assert len(each.lines) == len(set(each.lines))
            assert set(each.lines) == set(each.accepted)
            assert conversation_id
        back_s = [min(at for at, phase in each.phases if phase == "ready" and at > killed_s) for each in (one, two)]
        log.warning("resumed after %s s", [round(at - killed_s, 2) for at in back_s])
        assert all(at - killed_s < LONG_S for at in back_s)
        assert "waiting" not in {phase for _, phase in three.phases}


async def test_a_frozen_node_is_given_up_and_begins_anew_when_it_thaws(built: Town) -> None:
    a, b = built.nodes
    agent, customer = await on_duty(a.house), await b.house.customer()
    conversation_id = await served(b.house, customer, agent)
    waiting = await open_conversation(await b.house.customer())
    await agent.until("push", "offer_arrived")
    other = await on_duty(b.house, "chen")
    a.send(signal.SIGSTOP)
    offer, _ = await asyncio.gather(  # who is not read answers no ping
        other.until("push", "offer_arrived"), online(customer, wanted=False)
    )
    assert offer["body"]["offer"]["row"]["conversation_id"] == waiting
    assert (await say(customer, conversation_id, "are you there?"))["seq"]
    a.send(signal.SIGCONT)
    assert await agent.ended() in (4008, 1006)  # 1006: the heartbeat looks first, and ends it without a word
    back = await again(a, agent)
    await online(customer, wanted=True)
    assert (await back.ask({"do": "accept_offer", "conversation_id": waiting})).get("code") == "offer_gone"
    assert "are you there?" in str(await follow(back, f"c/{conversation_id}/public"))
    assert (await say(back, conversation_id, "yes"))["seq"]
    await heard_line(customer, "yes")


async def test_a_node_cut_off_from_nats_still_serves_and_its_lines_are_found(built: Town) -> None:
    a, b = built.nodes
    agent, customer = await on_duty(a.house), await b.house.customer()
    conversation_id = await served(b.house, customer, agent)
    a.bus.cut()
    assert (await say(agent, conversation_id, "cut off"))["seq"]
    seen = await behind(customer, conversation_id)
    assert "cut off" in str(await follow(customer, f"c/{conversation_id}/public", seen))
    a.bus.mend()
    await heard_soon(agent, customer, conversation_id)


async def test_nats_may_go_and_come_again(built: Town) -> None:
    a, b = built.nodes
    agent, customer = await on_duty(a.house), await b.house.customer()
    conversation_id = await served(b.house, customer, agent)
    built.nats.stop()
    assert (await say(agent, conversation_id, "without"))["seq"]
    seen = await behind(customer, conversation_id)
    assert "without" in str(await follow(customer, f"c/{conversation_id}/public", seen))
    await built.nats.start()
    await heard_soon(agent, customer, conversation_id)


async def test_a_node_cut_off_from_postgresql_lets_its_clients_go_and_takes_them_again(built: Town) -> None:
    a, b = built.nodes
    async with client(built, a) as made:
        agent = await on_duty(b.house)
        assert (await agent.ask({"do": "set_state", "state": "busy"}))["is"] == "done"
        conversation_id = await in_line(made)
        a.store.cut()
        made.say(conversation_id)
        await made.until(lambda: bool(made.accepted))
        assert made.endpoint.url == b.url
        await made.until(lambda: bool(made.lines))
        a.store.mend()
        await takes_links(a)


async def test_postgresql_may_go_and_come_again(built: Town, store: Store) -> None:
    a, b = built.nodes
    agent = await on_duty(b.house)
    assert (await agent.ask({"do": "set_state", "state": "busy"}))["is"] == "done"
    async with client(built, a) as made:
        conversation_id = await in_line(made)
        for number in range(40):
            made.say(conversation_id)
            await asyncio.sleep(0.01)
            if number == 20:
                await asyncio.to_thread(store.restart)
        await made.until(lambda: made.outbox.first() is None)
        await made.until(lambda: made.seqs[-1] >= max(made.accepted.values()))
        assert made.seqs == list(range(1, made.seqs[-1] + 1))
        assert len(made.lines) == len(set(made.lines)) == 40


async def online(wire: Wire, *, wanted: bool) -> None:
    while (await wire.until("push", "presence_changed"))["body"]["online"] is not wanted:
        continue


async def again(node: Node, agent: Wire) -> Wire:
    """The engineer comes back with their token, as soon as the node takes links."""
    await takes_links(node)
    wire = await node.house.hello("agent")
    token = agent.signed_in["tokens"]["access_token"]
    assert (await wire.ask({"do": "sign_in_with_token", "access_token": token}))["is"] == "agent_signed_in"
    return wire


async def takes_links(node: Node) -> None:
    async with asyncio.timeout(LONG_S):
        while True:
            async with node.session.get(node.house.relay.url("/readyz"), ssl=node.house.relay.tls()) as answer:
                if answer.status == 200:
                    return
            await asyncio.sleep(0.1)


async def behind(wire: Wire, conversation_id: str) -> int:
    """A ping says that there is more than was heard; how far was heard."""
    stream = f"c/{conversation_id}/public"
    while True:
        seen = max((seq_of(frame, stream) for frame in wire.heard), default=0)
        if (await wire.until("ping", ""))["heads"].get(stream, 0) > seen:
            return seen


def seq_of(frame: Frame, stream: str) -> int:
    return frame["record"]["seq"] if frame["f"] == "event" and frame["record"]["stream"] == stream else 0


async def heard_soon(speaker: Wire, listener: Wire, conversation_id: str) -> None:
    """Lines come by themselves again, sooner or later."""
    async with asyncio.timeout(LONG_S):
        for number in itertools.count():
            assert (await say(speaker, conversation_id, f"now {number}"))["seq"]
            ping = await listener.until("ping", "")
            assert ping["at_ms"]
            if any("now " in frame["record"]["body"] for frame in listener.heard if frame["f"] == "event"):
                return


async def heard_line(wire: Wire, text: str) -> None:
    async with asyncio.timeout(WAIT_S + LEASE_S):
        while text not in (await wire.until("event", "chat_posted"))["record"]["body"]:
            continue
