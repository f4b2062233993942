"""One person's program without its window: the product's own link and outbox, with everything noted in a history."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Generic, TypeVar

import msgspec
from msgspec import structs

from shared.common.errors import LinkLost
from shared.net.endpoint import Endpoint
from shared.net.link import Audience, Link, LinkState, Listener
from shared.net.outbox import Outbox
from shared.net.signin import Credentials
from shared.protocol import frames
from shared.protocol.codec import UnknownEvent
from shared.protocol.frames import Refused
from shared.protocol.messages import conversations as c
from shared.protocol.messages import identity as i
from shared.protocol.messages.base import Command, EventBody, PushBody, Result
from tests.crash.history import Answered, Asked, Heard, History, Leaked, Line, SignedIn, Took, Wanted

C = TypeVar("C", bound=Command)
R = TypeVar("R", bound=Result)
P = TypeVar("P", bound=PushBody)
T = TypeVar("T", bound=Result)

NOTE_MARK = "for-agents-only"
"""In every note and in nothing else, so that it is found wherever it may turn up."""
RETRY_S = 0.2


class Voice(Generic[C, R, P]):
    """Belongs to the loop on which `start` was called. `on_change` hears that anything at all has come in."""

    def __init__(
        self,
        history: History,
        endpoint: Endpoint,
        audience: Audience[C, R, P],
        credentials: Credentials,
        outbox: tuple[Path, Callable[[bytes], C]],
        on_change: Callable[[], None],
    ) -> None:
        self.history = history
        self.life = 0
        self.person_id = ""
        self.seen: dict[str, list[tuple[c.EventRecord, EventBody | UnknownEvent]]] = {}
        """What this life has folded, by stream."""
        self.accepted: list[str] = []
        """Client ids of the lines of chat that were acknowledged, each time anew."""
        self.unsent: set[str] = set()
        """Lines and notes that nobody has answered yet, by their keys in the outbox."""
        self._endpoint = endpoint
        self._audience = structs.replace(audience, encode=self._encode, decode=self._decode)
        self._plain = audience
        self._credentials = credentials
        self._outbox_file, self._read_outbox = outbox
        self._on_change = on_change
        self._connection = 0

    def start(self) -> None:
        """A new life: only the outbox file is left of the one before."""
        self.life += 1
        self.seen = {}
        self.outbox: Outbox[C] = Outbox(self._outbox_file, self._read_outbox)
        listener: Listener[P] = Listener(
            on_state=self._state,
            on_welcome=lambda _: None,
            on_signed_in=self._signed_in,
            on_push=lambda _: self._on_change(),
            on_event=self._event,
            on_outcome=self._outcome,
        )
        self.link = Link(self._endpoint, self._audience, self._credentials, self.outbox, listener)
        self._running = asyncio.create_task(self.link.run())

    async def die(self) -> None:
        """As when the program is killed; what it had sent may still arrive."""
        self._running.cancel()
        with suppress(asyncio.CancelledError):
            await self._running
        self.outbox.close()

    @property
    def ready(self) -> bool:
        """Signed in now."""
        return self.link.state.phase == "ready"

    @property
    def quiet(self) -> bool:
        """Signed in, and nothing waits to be sent."""
        return self.ready and self.outbox.first() is None

    def words(self) -> str:
        """How it stands, for whoever wonders why nothing happens."""
        state, waiting = self.link.state, self.outbox.pending()
        last = self.history.moments[-3:]
        return f"{state.phase} ({state.refusal}), {len(waiting)} wait, first {waiting[:1]}, last {last}"

    def want(self, line: Line, text: str, command: C) -> None:
        """The person pressed Enter."""
        self.history.moments.append(Wanted(line, text))
        key = f"{line.where}/{line.client_id}"
        self.unsent.add(key)
        self.link.post(key, command)

    def try_now(self) -> None:
        """Presses the button of a window that waits for its next try."""
        if self.link.state.phase == "waiting":
            self.link.try_now()

    async def ask(self, command: C, expect: type[T]) -> T | Refused | None:
        """The answer, or None when the link broke: then nobody knows whether it was carried out."""
        try:
            return await self.link.ask(command, expect, timeout_s=30)
        except LinkLost:
            return None

    async def insist(self, command: C, expect: type[T]) -> T | Refused:
        """Asks again for as long as there is no answer, or one that only says "later"."""
        while True:
            answer = await self.ask(command, expect)
            if answer is not None and not (isinstance(answer, Refused) and answer.code in LATER):
                return answer
            await asyncio.sleep(RETRY_S)

    # What the link tells

    def _state(self, state: LinkState) -> None:
        if state.phase == "connecting":
            self._connection += 1
        self._on_change()

    def _signed_in(self, answer: i.AgentSignedIn | i.CustomerSignedIn) -> None:
        person = answer.agent.person if isinstance(answer, i.AgentSignedIn) else answer.customer
        self.person_id = person.id
        self.history.moments.append(SignedIn(person.id))

    def _outcome(self, key: str, outcome: Result | Refused) -> None:
        del outcome
        self.unsent.discard(key)
        self._on_change()

    def _event(self, record: c.EventRecord, body: EventBody | UnknownEvent) -> None:
        self.history.moments.append(Took(self.life, record))
        self.seen.setdefault(record.stream, []).append((record, body))
        self._on_change()

    # What goes over the wire

    def _encode(self, request: frames.Request[C]) -> bytes:
        if not isinstance(request.body, i.Pong | c.Follow):
            self.history.moments.append(Asked(self._connection, request.id, request.body))
        return self._plain.encode(request)

    def _decode(
        self, data: bytes | str
    ) -> frames.Reply[R] | frames.Refused | frames.PublicEvent | frames.InternalEvent | frames.Push[P] | frames.Ping:
        frame = self._plain.decode(data)
        if self.history.audience == "customer" and NOTE_MARK in str(data):
            self.history.moments.append(Leaked(type(frame).__name__))
        match frame:
            case frames.Reply():
                self._answer(frame.id, frame.body)
            case frames.Refused():
                self._answer(frame.id, frame)
            case frames.PublicEvent() | frames.InternalEvent():
                self.history.moments.append(Heard(self._connection, frame.record))
            case _:
                pass
        return frame

    def _answer(self, number: int, body: Result | Refused) -> None:
        if isinstance(body, c.StreamPage):
            self.history.moments.extend(Heard(self._connection, record) for record in body.events)
            return
        self.history.moments.append(Answered(self._connection, number, body))
        if isinstance(body, c.ChatAccepted):
            self.accepted.append(body.client_id)
            self._on_change()


LATER = frozenset({"busy", "rate_limited", "shutting_down", "store_full", "internal", "nobody_on_duty"})


def outbox_of(command: object) -> Callable[[bytes], C]:
    """How an outbox reads its commands back."""
    return msgspec.json.Decoder(command).decode
