"""People without windows: links that sign in to our relay and say only what they are told to."""

import asyncio
import base64
import itertools
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from benchmarks.relay.link import Link, connect
from shared.common.ids import new_id
from shared.net.signin import public_key64
from shared.protocol import codec, frames, version
from shared.protocol.messages import conversations as c
from shared.protocol.messages import identity as i
from shared.protocol.messages import organisation as o
from shared.protocol.messages import routing as q
from shared.protocol.messages.base import Command, Result

TEXT: Final = "The export stops at 90 % and the file stays empty."
WAIT_S: Final = 60
_REPLY: Final = b'{"f":"reply","id":'
_PONG: Final = codec.encode_from_customer(frames.Request(id=0, body=i.Pong()))
_numbers = itertools.count()


class RefusedError(RuntimeError):
    """The relay refused what the bench needs."""


@dataclass(eq=False)
class Person:
    """One link to the relay."""

    link: Link
    decode: Callable[[bytes], frames.ToCustomer | frames.ToAgent]
    last_id: int = 0

    async def ask(self, command: Command) -> Result:
        """One command and its answer. Raises RefusedError, Gone, TimeoutError."""
        self.last_id += 1
        self.link.send((msgspec.json.encode(frames.Request(id=self.last_id, body=command)),))
        async with asyncio.timeout(WAIT_S):
            while True:
                answer = self.decode(await self.link.next())
                match answer:
                    case frames.Refused(code=code):
                        raise RefusedError(code)
                    case frames.Reply(id=self.last_id, body=body):
                        return body
                    case frames.Ping():
                        self.link.send((_PONG,))
                    case _:
                        pass

    def close(self) -> None:
        """Ends the link without a word."""
        self.link.close()

    def rest(self) -> None:
        """From now on only pings are answered, which keeps the link."""
        self.link.on_frames = self._only_pings

    def _only_pings(self, found: list[bytes]) -> None:
        if any(each.startswith(b'{"f":"ping"') for each in found):
            self.link.send((_PONG,))


@dataclass(eq=False)
class Customer(Person):
    """A signed-in customer; `key` signs them in again."""

    key: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)
    conversation_id: str = ""

    async def open_conversation(self) -> None:
        """Asks the first public group for a person, with its form filled in."""
        home = await self.ask(o.GetHome())
        assert isinstance(home, o.Home)
        group = home.groups[0]
        form = next(form for form in home.forms if form.group_id == group.group_id)
        self.conversation_id = new_id()
        answers = {each.key: answer(each) for each in form.fields}
        await self.ask(
            c.OpenConversation(
                conversation_id=self.conversation_id, group_id=group.group_id, subject="bench", answers=answers
            )
        )


class Talker:
    """Sends lines of chat in one conversation and counts their acknowledgements.

    With `until`, a line is sent for every one acknowledged, so that the same number is always open. `delays` is filled
    in ms.
    """

    def __init__(self, customer: Customer) -> None:
        self.delays: list[float] = []
        self.refused: list[str] = []
        self.done = asyncio.Event()
        self._link = customer.link
        self._first = self._next = customer.last_id + 1
        self._sent: list[float] = []
        self._until = 0.0
        self._customer = customer
        head = '","client_id":"'
        self._before = f',"body":{{"do":"send_chat","conversation_id":"{customer.conversation_id}{head}'.encode()
        self._after = f'","text":"{TEXT}"}}}}'.encode()
        customer.link.on_frames = self._hear

    def say(self, count: int) -> None:
        """So many lines in one write."""
        now, first = time.perf_counter(), self._next
        self._next += count
        self._sent += [now] * count
        self._link.send(
            b'{"f":"request","id":%d%b%026d%b' % (number, self._before, next(_numbers), self._after)
            for number in range(first, first + count)
        )

    def flood(self, window: int, until: float) -> None:
        """Keeps `window` lines open until that moment; `done` is set when the last is acknowledged."""
        self._until = until
        self.say(window)

    def _hear(self, found: list[bytes]) -> None:
        now, heard = time.perf_counter(), 0
        for frame in found:
            if frame.startswith(_REPLY):
                number = int(frame[len(_REPLY) : frame.index(b",", len(_REPLY))])
                self.delays.append((now - self._sent[number - self._first]) * 1000)
                heard += 1
            elif frame.startswith(b'{"f":"refused"'):
                self.refused.append(frame.decode())
                heard += 1
            elif frame.startswith(b'{"f":"ping"'):
                self._link.send((_PONG,))
        if now < self._until and not self.refused:
            if heard:
                self.say(heard)
        elif self.open_lines == 0:
            self._customer.last_id = self._next
            self.done.set()

    @property
    def open_lines(self) -> int:
        """Sent and not answered."""
        return len(self._sent) - len(self.delays) - len(self.refused)


def answer(question: o.FormField) -> str:
    if question.kind == "choice":
        return question.choices[0].value
    return "bench@example.com" if question.kind == "email" else TEXT


async def connect_customer(url: str, tls: ssl.SSLContext | None, key: Ed25519PrivateKey | None = None) -> Customer:
    """Signs in with a device key, made now when none is given."""
    customer = Customer(await connect(url, tls), codec.decode_to_customer, key=key or Ed25519PrivateKey.generate())
    await customer.ask(_hello("customer"))
    public = public_key64(customer.key)
    challenge = await customer.ask(i.AskChallenge(device_key=public))
    assert isinstance(challenge, i.Challenge)
    signature = customer.key.sign(i.CHALLENGE_PREFIX + base64.b64decode(challenge.nonce))
    await customer.ask(
        i.ProveDevice(
            device_key=public,
            nonce=challenge.nonce,
            signature=base64.b64encode(signature).decode(),
            name="Bench",
        )
    )
    return customer


async def put_on_duty(url: str, tls: ssl.SSLContext | None, user: str, password: str) -> Person:
    """Signs an agent in and leaves them busy: somebody is on duty, and nothing is offered."""
    agent = Person(await connect(url, tls), codec.decode_to_agent)
    await agent.ask(_hello("agent"))
    await agent.ask(i.SignInWithPassword(username=user, password=password))
    await agent.ask(q.SetState(state="busy", now=True))
    agent.rest()
    return agent


def _hello(program: i.Program) -> i.Hello:
    return i.Hello(program=program, protocol=version.CURRENT, oldest=version.OLDEST, version="bench")
