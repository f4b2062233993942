"""The writing end of a channel: bounded, never blocks, and the newest of what ages fast instead of all of it."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Final, Protocol

from shared.session.channel import FrameShown, Order, Report, encode
from shared.session.frames import MAX_DIRTY, FrameReady

MAX_BACKLOG_BYTES: Final = 16 * 1024 * 1024


class Pipe(Protocol):
    """What an outlet writes to: asyncio.StreamWriter, or the like."""

    def write(self, data: bytes, /) -> None: ...
    def drain(self) -> Awaitable[None]: ...


class Outlet:
    """`on_stuck` is called once when the other side has not read for so long that the backlog is full."""

    def __init__(self, pipe: Pipe, on_stuck: Callable[[], None]) -> None:
        self._pipe = pipe
        self._on_stuck = on_stuck
        self._queue: deque[bytes] = deque()
        self._bytes = 0
        self._latest: dict[type[Order | Report], Order | Report] = {}
        self._wake = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._closed = False

    def send(self, message: Order | Report) -> None:
        """Every one of these arrives, in order. After the end: nothing."""
        frame = encode(message)
        if self._closed:
            return
        if self._bytes + len(frame) > MAX_BACKLOG_BYTES:
            self.close()
            self._on_stuck()
            return
        self._queue.append(frame)
        self._bytes += len(frame)
        self._stir()

    def send_latest(self, message: Order | Report) -> None:
        """Only the newest of its type, once the other side reads; what pictures changed is joined."""
        if self._closed:
            return
        waiting = self._latest.get(type(message))
        if isinstance(waiting, FrameShown) and isinstance(message, FrameShown):
            message = FrameShown(frame=joined(waiting.frame, message.frame))
        self._latest[type(message)] = message
        self._stir()

    async def run(self) -> None:
        """Writes until the pipe breaks (then returns) or the task is cancelled."""
        try:
            while not self._closed:
                await self._wake.wait()
                self._wake.clear()
                while frame := self._next():
                    self._pipe.write(frame)
                    await self._pipe.drain()
                self._idle.set()
        except (ConnectionError, RuntimeError):
            self.close()

    async def flush(self) -> None:
        """Waits until everything has gone to the pipe, or never will."""
        await self._idle.wait()

    def close(self) -> None:
        """Drops what waits and takes no more."""
        self._closed = True
        self._queue.clear()
        self._latest.clear()
        self._bytes = 0
        self._idle.set()
        self._wake.set()

    def _stir(self) -> None:
        self._idle.clear()
        self._wake.set()

    def _next(self) -> bytes | None:
        if self._queue:
            frame = self._queue.popleft()
            self._bytes -= len(frame)
            return frame
        if self._latest:
            return encode(self._latest.pop(next(iter(self._latest))))
        return None


def joined(old: FrameReady, new: FrameReady) -> FrameReady:
    """The newer picture with all that changed since before the older one."""
    same = (old.path, old.generation) == (new.path, new.generation)
    dirty = old.dirty + new.dirty
    if not same or not old.dirty or not new.dirty or len(dirty) > MAX_DIRTY:
        dirty = ()
    return FrameReady(new.path, new.generation, new.number, new.width, new.height, dirty)
