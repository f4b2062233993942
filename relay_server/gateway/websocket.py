"""Links: upgrade, sign-in, then one command after the other, each answered before the next is read.

Serial on purpose: whoever sends faster than we answer waits in their own socket, not in our memory. Only lines of chat
go ahead of their answers, a few at a time and in their order, so that one commit takes many.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from typing import Final, Generic, TypeVar

from aiohttp import WSMsgType, web
from msgspec import structs

from relay_server.engine.journal import StoreAway
from relay_server.gateway.answers import refusal
from relay_server.gateway.connection import AHEAD, POLICY, RESYNC, Connection
from relay_server.gateway.connections import Connections
from relay_server.gateway.dispatch import Dispatch
from relay_server.gateway.draining import send_away, tell
from relay_server.gateway.metrics import Metrics
from relay_server.gateway.opening import FRAMES, SIGN_IN_S, Answer, Opening
from relay_server.gateway.presence import Presence
from relay_server.gateway.ratelimit import Bucket
from relay_server.gateway.rights import Rights
from relay_server.gateway.services import Services
from relay_server.gateway.socket import Socket
from relay_server.gateway.wall import Wall
from relay_server.identity.actors import Actor, AgentActor, CustomerActor
from relay_server.settings import Settings
from shared.common.clock import now_ms
from shared.common.errors import LinkLost
from shared.protocol import codec, frames
from shared.protocol.frames import Refused, Request
from shared.protocol.messages import identity
from shared.protocol.messages.conversations import ChatAccepted, SendChat, StreamPage
from shared.protocol.messages.identity import AgentSignedIn, SingleSignOnBegun, TotpOffer
from shared.protocol.messages.tickets import TicketDetail

_log = logging.getLogger(__name__)

STRIKES: Final = 10
"""Frames that are none of ours before the link ends."""
PATIENCE: Final = 60
"""Refusals for speed before the link ends; one a second is forgotten."""
_BREATH_S: Final = 0.02
_SLACK_BYTES: Final = 64 * 1024
"""Frames a little too large are refused by name; still larger ones end the link as well."""

A = TypeVar("A", CustomerActor, AgentActor)
C = TypeVar("C")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class _Side(Generic[A, C, R]):
    """The half of the protocol that one kind of actor speaks."""

    decode: Callable[[bytes | str], Request[C]]
    encode: Callable[[int, R], bytes]
    answer: Callable[[Connection, A, C], Awaitable[R | Refused | None]]


class WebSockets:
    """The handler of `/ws`."""

    def __init__(
        self,
        settings: Settings,
        services: Services,
        connections: Connections,
        presence: Presence,
        rights: Rights,
        metrics: Metrics,
        wall: Wall,
    ) -> None:
        self._settings = settings
        self._services = services
        self._connections = connections
        self._presence = presence
        self._rights = rights
        self._metrics = metrics
        self._wall = wall
        self._limits = wall.limits
        self._openings = 0
        self._opened = asyncio.Event()
        """Nobody is between upgrade and sign-in."""
        self._opened.set()
        self.draining = False
        self.fenced = False
        """This node has lost its lease: it takes no links until it has begun anew."""
        dispatch = Dispatch(services, connections)
        self._customer = _Side(codec.decode_from_customer, _to_customer, dispatch.customer)
        self._agent = _Side(codec.decode_from_agent, _to_agent, dispatch.agent)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """One link, from upgrade to its end."""
        address = self._wall.address(request)
        refused = self._refuse(request, address)
        if refused is not None:
            self._metrics.refused.labels(refused.code).inc()
            return refusal(refused)
        socket = Socket(codec.MAX_FRAME_BYTES + _SLACK_BYTES)
        try:
            with self._opening():
                await socket.take(request)
                actor = await self._open(socket, Opening(self._services, address, now_ms), address)
            await self._converse(socket, request.transport, actor)
        except (ConnectionError, TimeoutError) as lost:
            _log.debug("link lost: %s", lost)
        return socket

    async def drain(self) -> None:
        """Takes no more links, sends those there are away, and waits until they are gone or the time is over."""
        self.draining = True
        await send_away(self._connections, self._settings.drain_spread_s)
        with suppress(TimeoutError):
            async with asyncio.timeout(self._settings.drain_s):
                await self._opened.wait()
                await self._connections.emptied.wait()

    def _refuse(self, request: web.Request, address: str) -> Refused | None:
        origin = request.headers.getall("Origin", ())
        if any(each not in self._settings.allowed_origins for each in origin):
            return Refused(code="origin_refused")
        if self.draining or self.fenced:
            return Refused(code="shutting_down" if self.draining else "busy")
        if refused := self._limits.by_address("connect", address, asyncio.get_running_loop().time()):
            return refused
        full = len(self._connections.all) >= self._settings.max_links
        return Refused(code="busy") if full or self._openings >= self._settings.max_openings else None

    @contextmanager
    def _opening(self) -> Generator[None]:
        self._openings += 1
        self._opened.clear()
        self._metrics.openings.set(self._openings)
        try:
            yield
        finally:
            self._openings -= 1
            if not self._openings:
                self._opened.set()
            self._metrics.openings.set(self._openings)

    async def _converse(
        self, socket: web.WebSocketResponse, transport: asyncio.Transport | None, actor: Actor | None
    ) -> None:
        if actor is None:
            await socket.close(code=POLICY)
            return
        now_s = asyncio.get_running_loop().time()
        bucket = self._limits.commands(actor.id, now_s)
        link = Connection(actor, socket, transport, bucket, self._settings.link_queue_kib * 1024, now_s)
        await self._serve(link, actor)

    # Sign-in

    async def _open(self, socket: web.WebSocketResponse, opening: Opening, address: str) -> Actor | None:
        try:
            async with asyncio.timeout(SIGN_IN_S):
                for _ in range(FRAMES):
                    if not await self._open_step(socket, opening, address) or opening.actor is not None:
                        return opening.actor
        except TimeoutError:
            await socket.send_frame(codec.encode_to_customer(Refused(code="sign_in_first")), WSMsgType.TEXT)
        return None

    async def _open_step(self, socket: web.WebSocketResponse, opening: Opening, address: str) -> bool:
        """False when the link should end."""
        message = await socket.receive()
        if message.type is not WSMsgType.TEXT:
            if message.type is WSMsgType.BINARY:
                await socket.send_frame(codec.encode_to_customer(Refused(code="malformed")), WSMsgType.TEXT)
            return False
        try:
            request = codec.decode_opening(message.data)
        except codec.Malformed as error:
            await socket.send_frame(_malformed(error, self._metrics), WSMsgType.TEXT)
            return False
        limited = self._limits.opening(request.body, address, asyncio.get_running_loop().time())
        answer = limited or await _opened(opening, request.body)
        if isinstance(answer, Refused):
            self._metrics.refused.labels(answer.code).inc()
        await socket.send_frame(_opening_frame(request.id, answer), WSMsgType.TEXT)
        return opening.stage != "refused"

    # After sign-in

    async def _serve(self, link: Connection, actor: Actor) -> None:
        audience = "agent" if link.is_agent else "customer"
        self._connections.add(link)
        if self.draining:  # it signed in while the others were told
            tell(link)
        self._metrics.links.labels(audience).inc()
        try:
            await self._connections.settled()
            await self._rights.check(link)  # what changed between sign-in and here was told to nobody
            if not await self._presence.connected(actor):
                link.end(RESYNC)
            elif isinstance(actor, CustomerActor):
                await self._read(link, actor, self._customer)
            else:
                await self._read(link, actor, self._agent)
            await link.closed()
        finally:
            if link.close_code == RESYNC:
                self._metrics.resyncs.inc()
            self._metrics.links.labels(audience).dec()
            self._connections.remove(link)
            self._presence.disconnected(actor)

    async def _read(self, link: Connection, actor: A, side: _Side[A, C, R]) -> None:
        time_s = asyncio.get_running_loop().time
        patience = Bucket(1, PATIENCE, PATIENCE, time_s())
        while True:
            message = await link.socket.receive()
            if message.type is not WSMsgType.TEXT:
                if message.type is WSMsgType.BINARY:
                    await link.lines_below(1)
                    link.send(codec.encode_to_customer(Refused(code="malformed")))
                    link.end(POLICY)
                    continue
                return
            link.heard_s = time_s()
            try:
                request = side.decode(message.data)
            except codec.Malformed as error:
                await link.lines_below(1)
                self._strike(link, error)
                continue
            refused = self._limits.command(link.bucket, request.body, actor.id, link.heard_s)
            if refused is None:
                if isinstance(request.body, SendChat):
                    self._post(link, actor, request.id, request.body)
                    if link.lines >= AHEAD:
                        await link.lines_below(AHEAD // 2)
                    continue
                if link.lines:
                    await link.lines_below(1)
                link.begin()
                await self._answer(link, actor, side, request)
                link.answered()
                continue
            await link.lines_below(1)
            self._metrics.refused.labels("rate_limited").inc()
            link.send(codec.encode_to_customer(structs.replace(refused, id=request.id)))
            if not patience.take(link.heard_s):
                link.end(POLICY)
            await asyncio.sleep(_BREATH_S)

    def _post(self, link: Connection, actor: Actor, request_id: int, command: SendChat) -> None:
        """A line of chat does not wait for the one before it: both go into the same commit, in their order."""
        link.lines += 1
        self._services.conversations.post_chat(
            actor, command, partial(self._posted, link, request_id, command, link.heard_s)
        )

    def _posted(
        self, link: Connection, request_id: int, command: SendChat, started_s: float, answer: ChatAccepted | Refused
    ) -> None:
        self._metrics.took(command, asyncio.get_running_loop().time() - started_s)
        if isinstance(answer, Refused):
            self._refused(link, request_id, answer)
        else:
            link.send(codec.encode_to_customer(frames.Reply(id=request_id, body=answer)))
        link.line_answered()

    async def _answer(self, link: Connection, actor: A, side: _Side[A, C, R], request: Request[C]) -> None:
        started_s = link.heard_s
        try:
            answer = await side.answer(link, actor, request.body)
        except StoreAway:
            answer = Refused(code="busy")
        except LinkLost:
            link.end(RESYNC)  # nobody knows whether it was stored: the client comes back and asks again
            return
        except Exception:
            _log.exception("%s failed", type(request.body).__name__)
            answer = Refused(code="internal")
        self._metrics.took(request.body, asyncio.get_running_loop().time() - started_s)
        if answer is None:
            return
        if isinstance(answer, Refused):
            self._refused(link, request.id, answer)
            return
        link.send(side.encode(request.id, answer))
        if isinstance(answer, StreamPage):
            self._connections.release(link, answer)
        elif isinstance(answer, TicketDetail):
            self._connections.release(link, answer.steps)

    def _refused(self, link: Connection, request_id: int, refused: Refused) -> None:
        self._metrics.refused.labels(refused.code).inc()
        link.send(codec.encode_to_customer(structs.replace(refused, id=request_id)))

    def _strike(self, link: Connection, error: codec.Malformed) -> None:
        link.strikes += 1
        link.send(_malformed(error, self._metrics))
        if link.strikes >= STRIKES:
            link.end(POLICY)


async def _opened(opening: Opening, body: identity.Opening) -> Answer:
    try:
        return await opening.answer(body)
    except (StoreAway, LinkLost):
        return Refused(code="busy")


def _malformed(error: codec.Malformed, metrics: Metrics) -> bytes:
    metrics.refused.labels(error.refusal).inc()
    return codec.encode_to_customer(Refused(code=error.refusal, id=error.request_id))


def _opening_frame(request_id: int, answer: Answer) -> bytes:
    if isinstance(answer, Refused):
        return codec.encode_to_customer(structs.replace(answer, id=request_id))
    if isinstance(answer, AgentSignedIn | TotpOffer | SingleSignOnBegun):
        return codec.encode_to_agent(frames.Reply(id=request_id, body=answer))
    return codec.encode_to_customer(frames.Reply(id=request_id, body=answer))


def _to_customer(request_id: int, body: frames.CustomerResult) -> bytes:
    return codec.encode_to_customer(frames.Reply(id=request_id, body=body))


def _to_agent(request_id: int, body: frames.AgentResult) -> bytes:
    return codec.encode_to_agent(frames.Reply(id=request_id, body=body))
