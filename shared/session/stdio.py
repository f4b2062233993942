"""The session process's own ends of the channel: what were its stdin and stdout."""

import asyncio
import os
import sys
from typing import Final

READ_BYTES: Final = 256 * 1024


def take_over() -> tuple[int, int]:
    """Moves the channel to descriptors of its own: a stray print goes to stderr, a stray read finds nothing."""
    incoming, outgoing = os.dup(0), os.dup(1)
    with open(os.devnull, "rb") as nothing:
        os.dup2(nothing.fileno(), 0)
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    return incoming, outgoing


class _Writing(asyncio.BaseProtocol):
    """Tells `drain` when the pipe is full, and when it is gone."""

    def __init__(self) -> None:
        self.flowing = asyncio.Event()
        self.flowing.set()
        self.lost = False

    def pause_writing(self) -> None:
        self.flowing.clear()

    def resume_writing(self) -> None:
        self.flowing.set()

    def connection_lost(self, exc: Exception | None) -> None:
        self.lost = True
        self.flowing.set()


class PipeWriter:
    """A pipe that is written without blocking (an `outlet.Pipe`)."""

    def __init__(self, transport: asyncio.WriteTransport, protocol: _Writing) -> None:
        self._transport = transport
        self._protocol = protocol

    def write(self, data: bytes, /) -> None:
        """Queues; raises BrokenPipeError when the reader is gone."""
        if self._protocol.lost:
            raise BrokenPipeError
        self._transport.write(data)

    async def drain(self) -> None:
        """Waits until the pipe takes more."""
        await self._protocol.flowing.wait()

    def close(self) -> None:
        """Sends what was queued, then closes; a reader that does not read does not hold us up."""
        if self._transport.get_write_buffer_size():
            self._transport.abort()
        else:
            self._transport.close()


async def open_channel(incoming: int, outgoing: int) -> tuple[asyncio.StreamReader, asyncio.ReadTransport, PipeWriter]:
    """Both ends as asyncio knows them; close the transport and the writer in the end."""
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader()
    reading, _ = await loop.connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(incoming, "rb", buffering=0)
    )
    writing, protocol = await loop.connect_write_pipe(_Writing, os.fdopen(outgoing, "wb", buffering=0))
    return reader, reading, PipeWriter(writing, protocol)
