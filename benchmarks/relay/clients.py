"""People without windows: raw links that sign in and say only what they are told to."""

import base64
import ssl
import time
from dataclasses import dataclass, field
from typing import Final

import aiohttp
import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from shared.common.ids import new_id
from shared.net.signin import public_key64
from shared.protocol import codec, frames, version
from shared.protocol.messages import conversations as c
from shared.protocol.messages import identity as i
from shared.protocol.messages import organisation as o
from shared.protocol.messages import routing as q
from shared.protocol.messages.base import Result

TEXT: Final = "The export stops at 90 % and the file stays empty."
WAIT_S: Final = 30


class RefusedError(RuntimeError):
    """The relay refused what the bench needs."""


@dataclass
class Customer:
    """One signed-in customer in a conversation of their own; `sent` holds when each open request left."""

    socket: aiohttp.ClientWebSocketResponse
    conversation_id: str = ""
    last_id: int = 0
    sent: dict[int, float] = field(default_factory=dict)

    async def ask(self, command: frames.CustomerCommand) -> Result:
        """One command and its answer. Raises RefusedError."""
        self.last_id += 1
        frame = codec.encode_from_customer(frames.Request(id=self.last_id, body=command))
        await self.socket.send_str(frame.decode())
        while True:
            answer = codec.decode_to_customer(await self.socket.receive_str(timeout=WAIT_S))
            if isinstance(answer, frames.Refused):
                raise RefusedError(answer.code)
            if isinstance(answer, frames.Reply) and answer.id == self.last_id:
                return answer.body

    async def open_conversation(self) -> None:
        """Asks the first public group for a person, with its form filled in."""
        home = await self.ask(o.GetHome())
        assert isinstance(home, o.Home)
        group = home.groups[0]
        form = next(form for form in home.forms if form.group_id == group.group_id)
        self.conversation_id = new_id()
        answers = {each.key: _answer(each) for each in form.fields}
        await self.ask(
            c.OpenConversation(
                conversation_id=self.conversation_id, group_id=group.group_id, subject="bench", answers=answers
            )
        )

    def chat_frame(self) -> str:
        """The next line of chat, with the moment kept at which it leaves."""
        self.last_id += 1
        self.sent[self.last_id] = time.perf_counter()
        command = c.SendChat(conversation_id=self.conversation_id, client_id=new_id(), text=TEXT)
        return codec.encode_from_customer(frames.Request(id=self.last_id, body=command)).decode()

    async def acknowledged_ms(self) -> float:
        """The delay in ms of the next acknowledgement. Raises RefusedError."""
        while True:
            frame = codec.decode_to_customer(await self.socket.receive_str(timeout=WAIT_S))
            match frame:
                case frames.Refused():
                    raise RefusedError(frame.code)
                case frames.Reply(body=c.ChatAccepted()):
                    return (time.perf_counter() - self.sent.pop(frame.id)) * 1000
                case frames.Ping():
                    pong = frames.Request(id=0, body=i.Pong())
                    await self.socket.send_str(codec.encode_from_customer(pong).decode())
                case _:
                    continue


def _answer(question: o.FormField) -> str:
    if question.kind == "choice":
        return question.choices[0].value
    return "bench@example.com" if question.kind == "email" else TEXT


async def connect_customer(session: aiohttp.ClientSession, url: str, tls: ssl.SSLContext) -> Customer:
    """Signs in with a device key made now."""
    key = Ed25519PrivateKey.generate()
    socket = await session.ws_connect(url, ssl=tls, compress=0)
    customer = Customer(socket)
    await _open(customer, _hello("customer"))
    challenge = await _open(customer, i.AskChallenge(device_key=public_key64(key)))
    assert isinstance(challenge, i.Challenge)
    signature = key.sign(i.CHALLENGE_PREFIX + base64.b64decode(challenge.nonce))
    proof = i.ProveDevice(
        device_key=public_key64(key),
        nonce=challenge.nonce,
        signature=base64.b64encode(signature).decode(),
        name="Bench",
    )
    await _open(customer, proof)
    return customer


async def _open(customer: Customer, command: i.Opening) -> Result:
    customer.last_id += 1
    frame = codec.encode_from_opening(frames.Request(id=customer.last_id, body=command))
    await customer.socket.send_str(frame.decode())
    answer = codec.decode_to_customer(await customer.socket.receive_str(timeout=WAIT_S))
    if not isinstance(answer, frames.Reply):
        raise RefusedError(str(answer))
    return answer.body


async def stay_on_duty(socket: aiohttp.ClientWebSocketResponse) -> None:
    """Answers the relay's pings until cancelled; who is silent is taken for gone."""
    pong = msgspec.json.encode(frames.Request[frames.AgentCommand](id=0, body=i.Pong())).decode()
    while True:
        if isinstance(codec.decode_to_agent(await socket.receive_str()), frames.Ping):
            await socket.send_str(pong)


async def put_on_duty(
    session: aiohttp.ClientSession, url: str, tls: ssl.SSLContext, user: str, password: str
) -> aiohttp.ClientWebSocketResponse:
    """Signs an agent in and leaves them busy: somebody is on duty, and nothing is offered. `stay_on_duty` goes on."""
    socket = await session.ws_connect(url, ssl=tls, compress=0)
    commands: list[frames.Request[i.Opening] | frames.FromAgent] = [
        frames.Request(id=1, body=_hello("agent")),
        frames.Request(id=2, body=i.SignInWithPassword(username=user, password=password)),
        frames.Request(id=3, body=q.SetState(state="busy", now=True)),
    ]
    for command in commands:
        await socket.send_str(msgspec.json.encode(command).decode())
        while True:
            answer = codec.decode_to_agent(await socket.receive_str(timeout=WAIT_S))
            if isinstance(answer, frames.Refused):
                raise RefusedError(answer.code)
            if isinstance(answer, frames.Reply):
                break
    return socket


def _hello(program: i.Program) -> i.Hello:
    return i.Hello(program=program, protocol=version.CURRENT, oldest=version.OLDEST, version="bench")
