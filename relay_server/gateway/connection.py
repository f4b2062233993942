"""One signed-in link: what waits to be sent, what it follows, when it was last heard."""

import asyncio
from collections import deque
from typing import Final

from aiohttp import WSMsgType, web

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


class Connection:
    """Frames are queued here and sent by `pump`; a peer that does not take them is ended, its neighbours are not."""

    __slots__ = (
        "_end_after",
        "_queue",
        "_queued_bytes",
        "_room_bytes",
        "_wake",
        "actor",
        "answering",
        "bucket",
        "close_code",
        "closing_since_s",
        "following",
        "heard_s",
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
        self.answering = False
        self._end_after = 0
        self._queue: deque[bytes] = deque()
        self._queued_bytes = 0
        self._room_bytes = room_bytes
        self._wake = asyncio.Event()

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
            self.end(RESYNC)
            return
        self._queue.append(frame)
        self._queued_bytes += len(frame)
        self._wake.set()

    def end(self, code: int) -> None:
        """Sends what is queued, then closes; the sweeper aborts a link that cannot even do that."""
        if not self.close_code:
            self.close_code = code
            self.closing_since_s = asyncio.get_running_loop().time()
            self._wake.set()

    def end_politely(self, code: int) -> None:
        """As `end`, but a command that is being answered gets its answer first."""
        if self.answering:
            self._end_after = code
        else:
            self.end(code)

    def answered(self) -> None:
        """The command in hand has its answer."""
        self.answering = False
        if self._end_after:
            self.end(self._end_after)

    def abort(self) -> None:
        """Ends the link without another word."""
        if self.transport is not None:
            self.transport.abort()

    async def pump(self) -> None:
        """Sends until the link ends. Raises ConnectionError when it breaks."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._queue:
                frame = self._queue.popleft()
                self._queued_bytes -= len(frame)
                await self.socket.send_frame(frame, WSMsgType.TEXT)
            if self.close_code:
                await self.socket.close(code=self.close_code)
                return
