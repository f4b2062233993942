"""Customers and agents who live through a plan. They know only what their own programs know."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from shared.net.endpoint import Endpoint
from shared.net.link import AGENT, CUSTOMER
from shared.net.signin import AgentCredentials, DeviceCredentials
from shared.protocol import frames
from shared.protocol.messages import conversations as c
from shared.protocol.messages import organisation as o
from shared.protocol.messages import routing as q
from tests.crash.history import History, Line
from tests.crash.plan import Deed, DieAndReturn, Read, Say, SayAgain, Work
from tests.crash.voice import NOTE_MARK, RETRY_S, Voice, outbox_of

ANSWERS: Final = {"category": "device", "product": "printer", "problem": "It beeps."}
_IDLE_S: Final = 0.5
_UNSENT: Final = 4
"""Who sees that so many lines have not gone out waits before writing more. Without that a short outage at the right
moment would put a whole run's lines into a conversation that ended meanwhile, where each is refused."""


@dataclass
class Signal:
    """Something changed somewhere: whoever waits for a condition looks again."""

    _waiting: set[asyncio.Future[None]] = field(default_factory=set[asyncio.Future[None]])

    def __call__(self) -> None:
        waiting, self._waiting = self._waiting, set()
        for each in waiting:
            if not each.done():
                each.set_result(None)

    async def until(self, holds: Callable[[], bool], what: str, timeout_s: float) -> None:
        """Waits for a condition. Raises TimeoutError that says for what."""
        try:
            async with asyncio.timeout(timeout_s):
                while not holds():
                    await self.changed()
        except TimeoutError:
            raise TimeoutError(f"waited {timeout_s} s for {what}") from None

    async def changed(self) -> None:
        """The next change."""
        future = asyncio.get_running_loop().create_future()
        self._waiting.add(future)
        await future


class Customer:
    """Writes line after line; asks for a person again when the last conversation was closed."""

    def __init__(self, name: str, deeds: tuple[Deed, ...], endpoint: Endpoint, room: Path, changed: Signal) -> None:
        self.history = History(name, "customer")
        self._deeds = deeds
        self._changed = changed
        self._asked = 0
        self._said = 0
        self._conversation_id = ""
        self._texts: dict[str, tuple[str, str]] = {}
        self.voice = Voice(
            self.history,
            endpoint,
            CUSTOMER,
            DeviceCredentials(Ed25519PrivateKey.generate(), name),
            (room / f"{name}.sqlite", outbox_of(frames.CustomerCommand)),
            changed,
        )

    async def live(self) -> None:
        """To the end of the plan."""
        self.voice.start()
        for deed in self._deeds:
            await asyncio.sleep(deed.pause_ms / 1000)
            match deed:
                case Say(_, length):
                    await self._say(length)
                case SayAgain():
                    await self._say_again()
                case DieAndReturn():
                    await self._return()
                case Read():
                    self._read()

    async def _say(self, length: int) -> None:
        while len(self.voice.unsent) >= _UNSENT:
            await self._changed.changed()
        if not self._conversation_id or self._closed():
            await self._open()
        client_id = f"{self.history.name}-{self._said}"
        self._said += 1
        text = f"{client_id} ".ljust(length, "x")
        self._texts[client_id] = (self._conversation_id, text)
        command = c.SendChat(conversation_id=self._conversation_id, client_id=client_id, text=text)
        self.voice.want(Line(self._conversation_id, client_id, "public"), text, command)

    async def _say_again(self) -> None:
        if self.voice.accepted:
            client_id = self.voice.accepted[-1]
            conversation_id, text = self._texts[client_id]
            command = c.SendChat(conversation_id=conversation_id, client_id=client_id, text=text)
            await self.voice.ask(command, c.ChatAccepted)

    async def _return(self) -> None:
        await self.voice.die()
        self.voice.start()
        self._follow()

    def _read(self) -> None:
        seen = self.voice.seen.get(c.public_stream(self._conversation_id))
        if seen:
            self.voice.link.tell(c.MarkRead(conversation_id=self._conversation_id, seq=seen[-1][0].seq))

    async def _open(self) -> None:
        self._asked += 1
        self._conversation_id = f"{self.history.name}-c{self._asked}"
        command = c.OpenConversation(
            conversation_id=self._conversation_id, group_id="desk", subject="It beeps", answers=ANSWERS
        )
        await self.voice.insist(command, c.ConversationOpen)
        self._follow()

    def _follow(self) -> None:
        if self._conversation_id:
            self.voice.link.follow(c.public_stream(self._conversation_id))

    def _closed(self) -> bool:
        seen = self.voice.seen.get(c.public_stream(self._conversation_id), [])
        return any(isinstance(body, c.ConversationEnded | c.ConversationClosed) for _, body in seen)


class Agent:
    """Takes what is offered, answers, writes notes, ends and closes; begins again wherever a restart left things."""

    def __init__(
        self, name: str, password: str, works: tuple[Work, ...], endpoint: Endpoint, room: Path, changed: Signal
    ) -> None:
        self.history = History(name, "agent")
        self._works = works
        self._changed = asyncio.Event()
        self._told = changed
        self._busy: dict[str, asyncio.Task[None]] = {}
        self._served = 0
        self._said = 0
        self.voice = Voice(
            self.history,
            endpoint,
            AGENT,
            AgentCredentials(lambda _: None, username=name, password=password),
            (room / f"{name}.sqlite", outbox_of(frames.AgentCommand)),
            self._heard,
        )

    def _heard(self) -> None:
        self._changed.set()
        self._told()

    async def live(self) -> None:
        """Until cancelled."""
        self.voice.start()
        async with asyncio.TaskGroup() as tasks:
            while True:
                await self._look(tasks)
                self._changed.clear()
                try:
                    async with asyncio.timeout(_IDLE_S):
                        await self._changed.wait()
                except TimeoutError:
                    pass

    async def _look(self, tasks: asyncio.TaskGroup) -> None:
        desk = await self.voice.ask(o.GetDesk(), o.Desk)
        if not isinstance(desk, o.Desk):
            await asyncio.sleep(RETRY_S)
            return
        if desk.state.state != "available":
            await self.voice.ask(q.SetState(state="available", now=True), c.Done)
        for offer in desk.offers:
            await self.voice.ask(q.AcceptOffer(conversation_id=offer.row.conversation_id), c.Done)
        for row in desk.conversations:
            if row.conversation_id not in self._busy and row.state in ("active", "wrap_up"):
                self._served += 1
                work = self._works[self._served % len(self._works)]
                self._busy[row.conversation_id] = tasks.create_task(self._serve(row.conversation_id, work))

    async def _serve(self, conversation_id: str, work: Work) -> None:
        try:
            await self._work(conversation_id, work)
        finally:
            del self._busy[conversation_id]  # when it is lost and offered again, it is served again

    async def _work(self, conversation_id: str, work: Work) -> None:
        self.voice.link.follow(c.public_stream(conversation_id))
        self.voice.link.follow(c.internal_stream(conversation_id))
        for number in range(work.lines):
            await asyncio.sleep(work.pause_ms / 1000)
            await self._sent(_UNSENT)
            self._say(conversation_id)
            if number < work.notes:
                self._note(conversation_id)
        await self._sent(1)
        await self.voice.insist(c.EndConversation(conversation_id=conversation_id), c.Done)
        closing = c.CloseConversation(conversation_id=conversation_id, category="device", result="solved")
        await self.voice.insist(closing, c.Done)

    async def _sent(self, fewer_than: int) -> None:
        """So few lines have not gone out yet."""
        while len(self.voice.unsent) >= fewer_than:
            await self._told.changed()

    def _say(self, conversation_id: str) -> None:
        client_id, text = self._next("Let us see.")
        command = c.SendChat(conversation_id=conversation_id, client_id=client_id, text=text)
        self.voice.want(Line(conversation_id, client_id, "public"), text, command)

    def _note(self, conversation_id: str) -> None:
        client_id, text = self._next(NOTE_MARK)
        command = c.AddNote(conversation_id=conversation_id, client_id=client_id, text=text)
        self.voice.want(Line(conversation_id, client_id, "internal"), text, command)

    def _next(self, words: str) -> tuple[str, str]:
        self._said += 1
        client_id = f"{self.history.name}-{self._said}"
        return client_id, f"{words} {client_id}"
