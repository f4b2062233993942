"""A customer's program without windows, as it stands before a cluster: the product's own link and outbox."""

import asyncio
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
from tests.cluster.town import Node, Town

LONG_S = 40.0


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
