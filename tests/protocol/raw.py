"""Bytes into the relay's port, as nobody's library would send them."""

import asyncio
from dataclasses import dataclass, field

from tests.protocol.wire import WAIT_S, Relay


@dataclass
class Answer:
    """One HTTP answer; header names in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes


@dataclass
class Raw:
    """One TLS connection."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    answers: list[Answer] = field(default_factory=list[Answer])

    async def answer(self) -> Answer | None:
        """The next answer; None when the connection ends instead."""
        async with asyncio.timeout(WAIT_S):
            try:
                head = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            except (asyncio.IncompleteReadError, ConnectionError):
                return None
            first, *lines = head.split("\r\n")
            headers = {
                name.lower(): value.strip() for name, _, value in (each.partition(":") for each in lines if each)
            }
            body = await self.reader.readexactly(int(headers.get("content-length", "0")))
        return Answer(int(first.split(" ")[1]), headers, body)

    async def all(self) -> list[Answer]:
        """Every answer until the connection ends."""
        found: list[Answer] = []
        while (answer := await self.answer()) is not None:
            found.append(answer)
        return found

    def send(self, words: bytes) -> None:
        """Anything at all."""
        self.writer.write(words)

    def close(self) -> None:
        """Hangs up."""
        self.writer.transport.abort()


async def connected(relay: Relay) -> Raw:
    """A connection that has said nothing."""
    reader, writer = await asyncio.open_connection(
        "127.0.0.1", relay.port, ssl=relay.tls(), server_hostname="127.0.0.1"
    )
    return Raw(reader, writer)


async def said(relay: Relay, words: bytes) -> list[Answer]:
    """All answers to some bytes, until the relay hangs up."""
    raw = await connected(relay)
    raw.send(words)
    try:
        return await raw.all()
    finally:
        raw.close()
