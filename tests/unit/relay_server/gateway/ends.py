"""A link whose wire keeps what was written."""

import asyncio

import msgspec
from aiohttp import web

from relay_server.gateway.connection import Connection
from relay_server.gateway.ratelimit import Bucket
from relay_server.identity.actors import Actor, CustomerActor
from shared.protocol.types import PersonRef


class Wire(asyncio.Transport):
    """Keeps what was written; holds as much back as it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.written = b""
        self.writes = 0
        self.backlog = 0
        self.aborted = False

    def abort(self) -> None:
        self.aborted = True

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written += bytes(data)
        self.writes += 1

    def is_closing(self) -> bool:
        return False

    def get_write_buffer_size(self) -> int:
        return self.backlog


class Socket(web.WebSocketResponse):
    """Keeps how it was closed."""

    def __init__(self) -> None:
        super().__init__()
        self.closed_with = 0
        self.gone = asyncio.Event()

    async def close(self, *, code: int = 1000, message: bytes = b"", drain: bool = True) -> bool:
        self.closed_with = code
        self.gone.set()
        return True


def read_frames(data: bytes) -> list[dict[str, object]]:
    """What a peer reads from these bytes."""
    found: list[dict[str, object]] = []
    while data:
        assert data[0] == 0x81
        assert data[1] < 0x80
        wide = {126: 2, 127: 8}.get(data[1], 0)
        begin = 2 + wide
        end = begin + (int.from_bytes(data[2:begin]) if wide else data[1])
        found.append(msgspec.json.decode(data[begin:end]))
        data = data[end:]
    return found


class End:
    """A link and its wire."""

    def __init__(self, actor: Actor, room_bytes: int = 100_000) -> None:
        self.wire = Wire()
        self.socket = Socket()
        self.link = Connection(actor, self.socket, self.wire, Bucket(1, 1, 1, 0), room_bytes, 0)

    async def sent(self) -> list[dict[str, object]]:
        self.link.end(1000)
        await self.socket.gone.wait()
        return read_frames(self.wire.written)


def customer(name: str = "amy") -> CustomerActor:
    return CustomerActor(PersonRef(id=name, name=name, kind="customer"), "key")
