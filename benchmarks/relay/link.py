"""A WebSocket client that costs as little as it can: the load must not be what is measured. Text frames only."""

import asyncio
import base64
import os
import ssl
from collections import deque
from collections.abc import Callable, Iterable
from typing import cast
from urllib.parse import urlsplit

_MASK = b"\0\0\0\0"
"""A mask that changes nothing; who receives does the same work as with any other."""
CONNECT_S = 30.0

OnFrames = Callable[[list[bytes]], None]


class Gone(ConnectionError):
    """The other end closed the link."""


class Link(asyncio.Protocol):
    """Made by `connect`. Frames are kept until somebody asks, or go to `on_frames` as they come, many at once."""

    def __init__(self, head: bytes) -> None:
        loop = asyncio.get_running_loop()
        self._head = head
        self._data = b""
        self._open = False
        self._kept: deque[bytes] = deque()
        self._changed = asyncio.Event()
        self.opened: asyncio.Future[None] = loop.create_future()
        self.transport: asyncio.WriteTransport | None = None
        self.on_frames: OnFrames | None = None
        self.is_gone = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.WriteTransport, transport)  # uvloop's are not of asyncio's classes
        self.transport.write(self._head)

    def connection_lost(self, exc: Exception | None) -> None:
        self._end()

    def _end(self) -> None:
        self.is_gone = True
        self._changed.set()
        if not self.opened.done():
            self.opened.set_exception(Gone("before it was open"))

    def data_received(self, data: bytes) -> None:
        self._data += data
        if not self._open and not self._opens():
            return
        found = self._frames()
        if not found:
            return
        if self.on_frames is not None:
            self.on_frames(found)
        else:
            self._kept += found
            self._changed.set()

    def _opens(self) -> bool:
        head, end, rest = self._data.partition(b"\r\n\r\n")
        if not end:
            return False
        if b" 101 " not in head.split(b"\r\n", 1)[0]:
            self.opened.set_exception(Gone(head.decode("latin-1")[:200]))
            return False
        self._open, self._data = True, rest
        self.opened.set_result(None)
        return True

    def _frames(self) -> list[bytes]:
        data, at, found = self._data, 0, list[bytes]()
        while len(data) - at >= 2:
            length, begin = data[at + 1] & 127, at + 2
            if length == 126:
                length, begin = int.from_bytes(data[at + 2 : at + 4]), at + 4
            elif length == 127:
                length, begin = int.from_bytes(data[at + 2 : at + 10]), at + 10
            if len(data) < begin + length:
                break
            kind = data[at] & 15
            if kind in (1, 2):
                found.append(data[begin : begin + length])
            elif kind == 8:
                self._end()
            elif kind == 9:
                self._write(bytes((0x8A, 0x80 | length)) + _MASK + data[begin : begin + length])
            at = begin + length
        self._data = data[at:]
        return found

    def send(self, payloads: Iterable[bytes]) -> None:
        """All of them in one write."""
        self._write(b"".join(_header(len(each)) + each for each in payloads))

    async def next(self) -> bytes:
        """The next frame. Raises Gone."""
        while not self._kept:
            if self.is_gone:
                raise Gone("while a frame was awaited")
            self._changed.clear()
            await self._changed.wait()
        return self._kept.popleft()

    def close(self) -> None:
        """Without a word, as a broken network would."""
        if self.transport is not None:
            self.transport.abort()

    def _write(self, data: bytes) -> None:
        if self.transport is not None and not self.is_gone:
            self.transport.write(data)


def _header(length: int) -> bytes:
    if length < 126:
        return bytes((0x81, 0x80 | length)) + _MASK
    if length < 1 << 16:
        return b"\x81\xfe" + length.to_bytes(2) + _MASK
    return b"\x81\xff" + length.to_bytes(8) + _MASK


async def connect(url: str, tls: ssl.SSLContext | None, headers: Iterable[tuple[str, str]] = ()) -> Link:
    """A link to `ws://` or `wss://`. Raises OSError, TimeoutError."""
    parts = urlsplit(url)
    key = base64.b64encode(os.urandom(16)).decode()
    lines = [
        f"GET {parts.path}{'?' + parts.query if parts.query else ''} HTTP/1.1",
        f"Host: {parts.netloc}",
        "Connection: Upgrade",
        "Upgrade: websocket",
        "Sec-WebSocket-Version: 13",
        f"Sec-WebSocket-Key: {key}",
        *(f"{name}: {value}" for name, value in headers),
    ]
    head = ("\r\n".join(lines) + "\r\n\r\n").encode()
    async with asyncio.timeout(CONNECT_S):
        _, link = await asyncio.get_running_loop().create_connection(
            lambda: Link(head), parts.hostname or "", parts.port or 0, ssl=tls if parts.scheme == "wss" else None
        )
        await link.opened
    return link
