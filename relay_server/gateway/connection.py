"""One signed-in link: what waits to be sent, what it follows, when it was last heard."""

import asyncio
from typing import Final

from aiohttp import web

from relay_server.gateway.ratelimit import Bucket
from relay_server.identity.actors import Actor, AgentActor
from shared.protocol.messages.conversations import EventRecord

RESYNC: Final = 4008
"""Close code: the link could not keep up; connect again and resume."""
GOING_AWAY: Final = 1001
POLICY: Final = 1008
SIGNED_OUT: Final = 4001
"""Close code: the sign-in ended."""
FOLLOWED_AT_MOST: Final = 500
HELD_AT_MOST: Final = 1_000
AHEAD: Final = 32
"""Lines of chat of one link that may be on their way to the store at a time."""
_FULL_BYTES: Final = 64 * 1024
"""What the transport may hold before we wait for the peer to take it."""
_AT_ONCE_BYTES: Final = 256 * 1024
_LATER_S: Final = 0.02
"""Between two looks whether a slow peer has taken something."""


class Connection:
    """Frames are queued here and leave together when the loop comes round: many answers and pushes, one write. A peer
    that does not take them is ended, its neighbours are not."""

    __slots__ = (
        "_busy",
        "_closing",
        "_end_after",
        "_flushing",
        "_loop",
        "_queue",
        "_queued_bytes",
        "_room",
        "_room_bytes",
        "actor",
        "bucket",
        "close_code",
        "closing_since_s",
        "following",
        "heard_s",
        "lines",
        "pinged_s",
        "socket",
        "strikes",
        "transport",
    )

    def __init__(
        self,
        actor: Actor,
        socket: web.WebSocketResponse,
        transport: asyncio.Transport | None,
        bucket: Bucket,
        room_bytes: int,
        now_s: float,
    ) -> None:
        self.actor = actor
        self.socket = socket
        self.transport = transport
        self.bucket = bucket
        self.following: dict[str, list[EventRecord] | None] = {}
        """By stream: None when events go out as they come, a list while the first page is on its way."""
        self.heard_s = self.pinged_s = now_s
        self.close_code = 0
        self.closing_since_s = 0.0
        self.strikes = 0
        self.lines = 0
        """Lines of chat that have no answer yet."""
        self._busy = False
        self._end_after = 0
        self._queue: list[bytes] = []
        self._queued_bytes = 0
        self._room_bytes = room_bytes
        self._room: asyncio.Future[None] | None = None
        self._loop = asyncio.get_running_loop()
        self._flushing = False
        self._closing: asyncio.Task[bool] | None = None

    @property
    def is_agent(self) -> bool:
        """Whether internal streams may go this way at all."""
        return isinstance(self.actor, AgentActor)

    def send(self, frame: bytes) -> None:
        """Queues an encoded frame; ends the link for a resync when the peer does not keep up."""
        if self.close_code:
            return
        if self._queued_bytes + len(frame) > self._room_bytes:
            self._queue.clear()
            self._queued_bytes = 0
            self.end(RESYNC)
            return
        self._queue.append(frame)
        self._queued_bytes += len(frame)
        self._flush_soon()

    def end(self, code: int) -> None:
        """Sends what is queued, then closes; the sweeper aborts a link that cannot even do that."""
        if not self.close_code:
            self.close_code = code
            self.closing_since_s = self._loop.time()
            self._flush_soon()

    # Commands in hand

    @property
    def answering(self) -> bool:
        """Whether a command has no answer yet."""
        return self._busy or self.lines > 0

    def begin(self) -> None:
        """A command is being answered."""
        self._busy = True

    def answered(self) -> None:
        """The command in hand has its answer."""
        self._busy = False
        self._end_if_asked()

    def line_answered(self) -> None:
        """One of the lines on their way has its answer."""
        self.lines -= 1
        if self._room is not None and not self._room.done():
            self._room.set_result(None)
        self._end_if_asked()

    async def lines_below(self, limit: int) -> None:
        """Waits until fewer lines than this are without an answer."""
        while self.lines >= limit:
            self._room = self._loop.create_future()
            await self._room
        self._room = None

    def end_politely(self, code: int) -> None:
        """As `end`, but commands that are being answered get their answers first."""
        self._end_after = code
        self._end_if_asked()

    def _end_if_asked(self) -> None:
        if self._end_after and not self.answering:
            self.end(self._end_after)

    # The wire

    def abort(self) -> None:
        """Ends the link without another word."""
        if self.transport is not None:
            self.transport.abort()

    async def closed(self) -> None:
        """Waits for the close that `end` began, if it did."""
        if self._closing is not None:
            await self._closing

    def _flush_soon(self) -> None:
        if not self._flushing:
            self._flushing = True
            self._loop.call_soon(self._flush)

    def _flush(self) -> None:
        self._flushing = False
        transport = self.transport
        if transport is None or transport.is_closing():
            self._queue.clear()
            self._queued_bytes = 0
            return
        if self._queue:
            if transport.get_write_buffer_size() > _FULL_BYTES:
                self._flushing = True
                self._loop.call_later(_LATER_S, self._flush)
                return
            transport.write(self._taken())
        if self._queue:
            self._flush_soon()
        elif self.close_code and self._closing is None:
            self._closing = self._loop.create_task(self.socket.close(code=self.close_code))

    def _taken(self) -> bytes:
        """What leaves now, as frames of RFC 6455; only whole ones, so aiohttp's own may stand between two writes."""
        parts: list[bytes] = []
        count = taken = 0
        for frame in self._queue:
            parts += (_text_header(len(frame)), frame)
            count += 1
            taken += len(frame)
            if taken >= _AT_ONCE_BYTES:
                break
        del self._queue[:count]
        self._queued_bytes -= taken
        return b"".join(parts)


def _text_header(length: int) -> bytes:
    """Of an unmasked, final text frame."""
    if length < 126:
        return bytes((0x81, length))
    if length < 1 << 16:
        return b"\x81\x7e" + length.to_bytes(2)
    return b"\x81\x7f" + length.to_bytes(8)
