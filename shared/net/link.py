"""The link to the relay: connects, signs in, resumes followed streams by `seq`, empties the outbox, and does all of it
again for as long as `run` runs. Asyncio and aiohttp, no Qt."""

import asyncio
import logging
import secrets
from collections.abc import Callable
from contextlib import suppress
from typing import Final, Generic, Literal, TypeVar

import aiohttp
from msgspec import Struct, structs

from shared.common.clock import now_ms
from shared.common.errors import LinkLost, PeerBroken
from shared.net.backoff import asked_wait_s, delay_s
from shared.net.endpoint import Endpoint
from shared.net.outbox import Outbox
from shared.net.signin import Credentials
from shared.protocol import codec, frames, version
from shared.protocol.codes import RefusalCode
from shared.protocol.messages import conversations as c
from shared.protocol.messages import identity as i
from shared.protocol.messages.base import EventBody, Result

log = logging.getLogger(__name__)

CONNECT_TIMEOUT_S: Final = 10
CONNECT_NEXT_S: Final = 4
"""Where there are other addresses to try."""
SPREAD_S: Final = 0.5
"""Over which the clients of a node that is gone come to the others."""
SILENCE_LIMIT_S: Final = 50
"""The relay pings every 20 s; silence for longer means that the path is dead."""
MAX_OPEN_ASKS: Final = 256
MAX_TOLD: Final = 64
RETRY_CODES: Final[frozenset[RefusalCode]] = frozenset(
    {"busy", "rate_limited", "shutting_down", "store_full", "internal"}
)
"""Refusals that say nothing about the command itself: the outbox tries again."""
FINAL_CODES: Final[frozenset[RefusalCode]] = frozenset(
    {
        "protocol_too_old",
        "protocol_too_new",
        "sign_in_failed",
        "code_needed",
        "code_wrong",
        "enrolment_needed",
        "single_sign_on_off",
        "single_sign_on_failed",
        "single_sign_on_down",
        "single_sign_on_stranger",
        "token_revoked",
        "device_key_invalid",
        "origin_refused",
    }
)
"""Refusals of a sign-in that no repetition cures: the link waits for `try_now` or new credentials."""
TURNED_AWAY: Final = (429, 503)
"""What a relay that is too busy answers before there is a link."""

C = TypeVar("C")
R = TypeVar("R")
P = TypeVar("P")
T = TypeVar("T")
FromRelay = frames.Reply[R] | frames.Refused | frames.PublicEvent | frames.InternalEvent | frames.Push[P] | frames.Ping
Phase = Literal["connecting", "signing_in", "ready", "waiting", "refused"]


class LinkState(Struct, frozen=True):
    """`next_try_ms` (wall clock) while `waiting`; `refusal` while `refused`; `latency_ms` of the last answer."""

    phase: Phase
    attempt: int = 0
    next_try_ms: int = 0
    refusal: frames.Refused | None = None
    latency_ms: int = 0


class Audience(Struct, Generic[C, R, P], frozen=True):
    """The half of the protocol that one program speaks."""

    program: i.Program
    encode: Callable[[frames.Request[C]], bytes]
    decode: Callable[
        [bytes | str],
        FromRelay[R, P],
    ]
    pong: C
    follow: Callable[[str, int], C]
    unfollow: Callable[[str], C]


def _follow(stream: str, after: int) -> c.Follow:
    return c.Follow(stream=stream, after=after)


def _unfollow(stream: str) -> c.Unfollow:
    return c.Unfollow(stream=stream)


CUSTOMER: Final[Audience[frames.CustomerCommand, frames.CustomerResult, frames.CustomerPush]] = Audience(
    "customer", codec.encode_from_customer, codec.decode_to_customer, i.Pong(), _follow, _unfollow
)
AGENT: Final[Audience[frames.AgentCommand, frames.AgentResult, frames.AgentPush]] = Audience(
    "agent", codec.encode_from_agent, codec.decode_to_agent, i.Pong(), _follow, _unfollow
)
SignedIn = i.AgentSignedIn | i.CustomerSignedIn


class Listener(Struct, Generic[P], frozen=True):
    """Whom the link tells; all are called on the loop, in order, and must not block."""

    on_state: Callable[[LinkState], None]
    on_welcome: Callable[[i.Welcome], None]
    on_signed_in: Callable[[SignedIn], None]
    on_push: Callable[[P], None]
    on_event: Callable[[c.EventRecord, EventBody | codec.UnknownEvent], None]
    on_outcome: Callable[[str, Result | frames.Refused], None]


class _Connection(Generic[C]):
    """One WebSocket, from handshake to its end."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket
        self.asked: dict[int, asyncio.Future[object]] = {}
        self.told: asyncio.Queue[C] = asyncio.Queue(MAX_TOLD)
        self._last_id = 0

    def next_id(self) -> int:
        self._last_id += 1
        return self._last_id

    async def receive(self, timeout_s: float) -> str:
        try:
            message = await self.socket.receive(timeout_s)
        except TimeoutError as error:
            raise LinkLost("the relay fell silent") from error
        if message.type is not aiohttp.WSMsgType.TEXT:
            raise LinkLost(f"closed with {self.socket.close_code}")
        return str(message.data)

    async def send(self, data: bytes) -> None:
        try:
            await self.socket.send_str(data.decode())
        except (ConnectionError, aiohttp.ClientError) as error:
            raise LinkLost(str(error)) from error

    def answer(self, request_id: int, body: object) -> None:
        future = self.asked.pop(request_id, None)
        if future is not None and not future.done():
            future.set_result(body)

    def fail_all(self) -> None:
        for future in self.asked.values():
            if not future.done():
                future.set_exception(LinkLost("the connection ended before the answer"))
                future.exception()
        self.asked.clear()


class Link(Generic[C, R, P]):
    """One program's link. Build it on the loop that `run` will run on."""

    def __init__(
        self,
        endpoint: Endpoint,
        audience: Audience[C, R, P],
        credentials: Credentials,
        outbox: Outbox[C],
        listener: Listener[P],
        *,
        client_version: str = "",
        locale: str = "",
    ) -> None:
        self._endpoint = endpoint
        self._audience = audience
        self._credentials = credentials
        self._outbox = outbox
        self._listener = listener
        self._client_version, self._locale = client_version, locale
        self._state = LinkState("connecting")
        self._connection: _Connection[C] | None = None
        self._heads: dict[str, int] = {}
        self._behind: dict[str, None] = {}
        self._fell_behind = asyncio.Event()
        self._posted = asyncio.Event()
        self._wake = asyncio.Event()
        self._was_ready = False

    @property
    def state(self) -> LinkState:
        """How the link stands."""
        return self._state

    # What the program asks for

    async def ask(self, command: C, expect: type[T], timeout_s: float = 10) -> T | frames.Refused:
        """Sends a command now; one that came too fast is sent again when the relay says, if that is in time. Raises
        LinkLost when there is no connection or no answer in time."""
        loop = asyncio.get_running_loop()
        end_s = loop.time() + timeout_s
        while True:
            connection = self._connection
            if connection is None or self._state.phase != "ready":
                raise LinkLost("not connected")
            answer = await self._exchange(connection, command, timeout_s)
            wait_s = asked_wait_s(answer) if isinstance(answer, frames.Refused) else 0.0
            if not 0 < wait_s < end_s - loop.time():
                break
            await asyncio.sleep(wait_s)
        if not isinstance(answer, expect | frames.Refused):
            raise PeerBroken(f"{type(answer).__name__} instead of {expect.__name__}")
        return answer

    def post(self, key: str, command: C) -> None:
        """Keeps a command until the relay has answered it, over restarts of both; `on_outcome` tells the answer.

        Only for commands that are safe to repeat. Raises OutboxFull.
        """
        self._outbox.put(key, command)
        self._posted.set()

    def tell(self, command: C) -> None:
        """Sends a command whose answer nobody waits for and whose loss nobody minds (typing, marks)."""
        if self._connection is not None and self._state.phase == "ready":
            with suppress(asyncio.QueueFull):
                self._connection.told.put_nowait(command)

    def follow(self, stream: str, after: int = 0) -> None:
        """Delivers the stream's events after `after`, in order, each once, whatever happens to connections."""
        if stream not in self._heads:
            self._heads[stream] = after
            self._catch_up(stream)

    def unfollow(self, stream: str) -> None:
        """No more of this stream; an event that is still on its way is dropped."""
        if self._heads.pop(stream, None) is not None:
            self._behind.pop(stream, None)
            self.tell(self._audience.unfollow(stream))

    def try_now(self, credentials: Credentials | None = None) -> None:
        """Ends the wait for the next try, with other credentials if given."""
        if credentials is not None:
            self._credentials = credentials
        self._wake.set()

    async def run(self) -> None:
        """Connects and reconnects until cancelled. Raises ConfigError when the endpoint cannot be used at all."""
        tls = self._endpoint.tls()
        attempt = 0
        connector = aiohttp.TCPConnector(ssl=tls, limit=4)
        timeout = aiohttp.ClientTimeout(total=None, connect=CONNECT_TIMEOUT_S, sock_connect=CONNECT_TIMEOUT_S)
        async with aiohttp.ClientSession(connector=connector, timeout=timeout) as session:
            while True:
                self._wake.clear()
                self._set_state(LinkState("connecting", attempt))
                refusal = await self._connect_once(session)
                attempt = 1 if self._was_ready else attempt + 1
                if self._tries_elsewhere(attempt, refusal):
                    await asyncio.sleep(_chance() * SPREAD_S)
                else:
                    await self._rest(attempt, refusal)

    # One connection

    async def _connect_once(self, session: aiohttp.ClientSession) -> frames.Refused | None:
        """Runs one connection to its end; returns the refusal that ended it, if one did."""
        self._was_ready = False
        try:
            async with await self._open(session) as socket:
                return await self._converse(_Connection(socket))
        except aiohttp.WSServerHandshakeError as error:
            log.info("no link: status %d", error.status)
            wait = {"retry_s": error.headers.get("Retry-After", "")} if error.headers else {}
            return frames.Refused(code="busy", params=wait) if error.status in TURNED_AWAY else None
        except (aiohttp.ClientError, OSError, TimeoutError, LinkLost, PeerBroken) as error:
            log.info("link lost: %s", type(error).__name__)
            return None

    async def _open(self, session: aiohttp.ClientSession) -> aiohttp.ClientWebSocketResponse:
        """A node that takes the connection and then says nothing is given up as one that is not there."""
        async with asyncio.timeout(CONNECT_TIMEOUT_S if len(self._endpoint.urls) == 1 else CONNECT_NEXT_S):
            return await session.ws_connect(
                self._endpoint.url, max_msg_size=codec.MAX_FRAME_BYTES, compress=0, autoping=True
            )

    async def _converse(self, connection: _Connection[C]) -> frames.Refused | None:
        refusal = await self._sign_in(connection)
        if refusal is not None:
            return refusal
        self._connection = connection
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._read(connection))
                tasks.create_task(self._send_told(connection))
                tasks.create_task(self._empty_outbox(connection))
                tasks.create_task(self._resume(connection))
                self._was_ready = True
                self._behind.update(dict.fromkeys(self._heads))
                self._fell_behind.set()
                self._posted.set()
                self._set_state(LinkState("ready", latency_ms=self._state.latency_ms))
        except* (LinkLost, PeerBroken) as group:
            log.info("link lost: %s", "; ".join(str(e) for e in group.exceptions))
        finally:
            self._connection = None
            connection.fail_all()
        return None

    async def _sign_in(self, connection: _Connection[C]) -> frames.Refused | None:
        hello = i.Hello(
            program=self._audience.program,
            protocol=version.CURRENT,
            oldest=version.OLDEST,
            version=self._client_version,
            locale=self._locale,
        )
        started = now_ms()
        welcome = await self._say(connection, hello)
        if isinstance(welcome, frames.Refused):
            return welcome
        if not isinstance(welcome, i.Welcome):
            raise PeerBroken("expected a welcome")
        self._listener.on_welcome(welcome)
        self._set_state(LinkState("signing_in", self._state.attempt, latency_ms=now_ms() - started))

        async def ask(command: i.Opening) -> Result | frames.Refused:
            return await self._say(connection, command)

        signed_in = await self._credentials.sign_in(ask)
        if isinstance(signed_in, frames.Refused):
            return signed_in
        self._listener.on_signed_in(signed_in)
        return None

    async def _say(self, connection: _Connection[C], command: i.Opening) -> Result | frames.Refused:
        """One question and its answer, before the reader runs."""
        request_id = connection.next_id()
        await connection.send(codec.encode_from_opening(frames.Request(id=request_id, body=command)))
        while True:
            frame = self._audience.decode(await connection.receive(CONNECT_TIMEOUT_S))
            if isinstance(frame, frames.Refused):
                return frame
            if isinstance(frame, frames.Reply) and frame.id == request_id:
                return frame.body if isinstance(frame.body, Result) else _not_a_result()

    async def _exchange(self, connection: _Connection[C], command: C, timeout_s: float) -> object:
        if len(connection.asked) >= MAX_OPEN_ASKS:
            return frames.Refused(code="busy")
        request_id = connection.next_id()
        future: asyncio.Future[object] = asyncio.get_running_loop().create_future()
        connection.asked[request_id] = future
        started = now_ms()
        try:
            await connection.send(self._audience.encode(frames.Request(id=request_id, body=command)))
            async with asyncio.timeout(timeout_s):
                answer = await future
        except TimeoutError as error:
            raise LinkLost("no answer in time") from error
        finally:
            connection.asked.pop(request_id, None)
        self._state = structs.replace(self._state, latency_ms=now_ms() - started)
        return answer

    async def _read(self, connection: _Connection[C]) -> None:
        while True:
            await self._take(connection, self._audience.decode(await connection.receive(SILENCE_LIMIT_S)))

    async def _take(
        self,
        connection: _Connection[C],
        frame: frames.Reply[R]
        | frames.Refused
        | frames.PublicEvent
        | frames.InternalEvent
        | frames.Push[P]
        | frames.Ping,
    ) -> None:
        match frame:
            case frames.Reply():
                connection.answer(frame.id, frame.body)
            case frames.Refused():
                connection.answer(frame.id, frame)
            case frames.PublicEvent() | frames.InternalEvent():
                self._event(frame.record)
            case frames.Push():
                self._listener.on_push(frame.body)
            case frames.Ping():
                await connection.send(self._audience.encode(frames.Request(id=0, body=self._audience.pong)))
                for stream, head in frame.heads.items():
                    if head > self._heads.get(stream, head):
                        self._catch_up(stream)

    # Streams

    def _event(self, record: c.EventRecord) -> None:
        known = self._heads.get(record.stream)
        if known is None or record.seq <= known:
            return
        if record.seq > known + 1:
            self._catch_up(record.stream)
            return
        self._heads[record.stream] = record.seq
        self._listener.on_event(record, codec.decode_event(record))

    def _catch_up(self, stream: str) -> None:
        self._behind[stream] = None
        self._fell_behind.set()

    async def _resume(self, connection: _Connection[C]) -> None:
        while True:
            await self._fell_behind.wait()
            self._fell_behind.clear()
            while self._behind:
                stream = next(iter(self._behind))
                del self._behind[stream]  # before the fetch: what falls behind during it must be fetched again
                await self._fetch(connection, stream)

    async def _fetch(self, connection: _Connection[C], stream: str) -> None:
        attempt = 0
        while stream in self._heads:
            before = self._heads[stream]
            page = await self._exchange(connection, self._audience.follow(stream, before), 10)
            if isinstance(page, frames.Refused) and page.code in RETRY_CODES:
                attempt += 1
                await asyncio.sleep(max(delay_s(attempt, _chance()), asked_wait_s(page)))
                continue
            if isinstance(page, frames.Refused):
                log.warning("following %s was refused: %s", stream.split("/")[0], page.code)
                return
            if not isinstance(page, c.StreamPage):
                raise PeerBroken("expected a page")
            for record in page.events:
                self._event(record)
            if not page.more or self._heads.get(stream, 0) <= before:
                return

    # Sending

    async def _send_told(self, connection: _Connection[C]) -> None:
        while True:
            command = await connection.told.get()
            await connection.send(self._audience.encode(frames.Request(id=connection.next_id(), body=command)))

    async def _empty_outbox(self, connection: _Connection[C]) -> None:
        attempt = 0
        while True:
            await self._posted.wait()
            self._posted.clear()
            while (found := self._outbox.first()) is not None:
                key, command = found
                answer = await self._exchange(connection, command, 10)
                if isinstance(answer, frames.Refused) and answer.code in RETRY_CODES:
                    attempt += 1
                    await asyncio.sleep(max(delay_s(attempt, _chance()), asked_wait_s(answer)))
                    continue
                attempt = 0
                self._outbox.remove(key)
                if isinstance(answer, Result | frames.Refused):
                    self._listener.on_outcome(key, answer)

    # Between connections

    def _tries_elsewhere(self, attempt: int, refusal: frames.Refused | None) -> bool:
        """Goes on to the next address; whether at once, because it has not been tried since the link was lost."""
        if refusal is not None and refusal.code in FINAL_CODES:
            return False
        self._endpoint.advance()
        return attempt % len(self._endpoint.urls) != 0

    async def _rest(self, attempt: int, refusal: frames.Refused | None) -> None:
        if refusal is not None and refusal.code in FINAL_CODES:
            self._set_state(LinkState("refused", attempt, refusal=refusal))
            await self._wake.wait()
            return
        wait_s = delay_s(max(attempt, 1), _chance())
        if refusal is not None:
            wait_s = max(wait_s, asked_wait_s(refusal))
        self._set_state(LinkState("waiting", attempt, now_ms() + round(wait_s * 1000), refusal))
        with suppress(TimeoutError):
            async with asyncio.timeout(wait_s):
                await self._wake.wait()

    def _set_state(self, state: LinkState) -> None:
        self._state = state
        self._listener.on_state(state)


def _chance() -> float:
    return secrets.randbelow(1 << 30) / (1 << 30)


def _not_a_result() -> Result:
    raise PeerBroken("an answer that is no result")
