"""The way back from the system's browser: a listener on this computer's own loopback address (RFC 8252, 7.3).

It lives for one sign-in, takes one kind of request, and believes nothing that does not bring the expected state.
"""

import asyncio
import hmac
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from html import escape
from typing import Final
from urllib.parse import parse_qs, urlsplit

PATH: Final = "/signed-in"
MAX_REQUEST: Final = 16 * 1024
READ_S: Final = 5.0
AT_ONCE: Final = 16
_HEAD: Final = (
    "HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {length}\r\n"
    "Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'\r\nReferrer-Policy: no-referrer\r\n"
    "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n"
)
_PAGE: Final = (
    "<!doctype html><meta charset=utf-8><title>Threeline</title>"
    "<body style='font:18px sans-serif;max-width:30em;margin:15vh auto;padding:0 1em'><p>{words}</p>"
)


@dataclass(frozen=True, slots=True)
class Words:
    """What the browser shows at the end."""

    done: str
    refused: str


class BrowserReturn:
    """`port` is where the browser comes back to; `code` waits for it."""

    def __init__(self, words: Words) -> None:
        self._words = words
        self._state = ""
        self._code: asyncio.Future[str | None] = asyncio.get_running_loop().create_future()
        self._open = 0
        self.port = 0

    async def code(self, state: str) -> str | None:
        """The code that came back with this state; None when the provider refused."""
        self._state = state
        return await self._code

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        if self._open >= AT_ONCE:
            writer.close()
            return
        self._open += 1
        try:
            async with asyncio.timeout(READ_S):
                head = await reader.readuntil(b"\r\n\r\n")
                status, words = self._judge(head.decode("latin-1"))
                body = _PAGE.format(words=escape(words)).encode()
                writer.write(_HEAD.format(status=status, length=len(body)).encode() + body)
                await writer.drain()
        except (TimeoutError, ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass
        finally:
            self._open -= 1
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()

    def _judge(self, head: str) -> tuple[str, str]:
        lines = head.split("\r\n")
        method, _, rest = lines[0].partition(" ")
        parts = urlsplit(rest.partition(" ")[0])
        hosts = [line.split(":", 1)[1].strip() for line in lines[1:] if line.lower().startswith("host:")]
        if method != "GET" or parts.path != PATH or hosts != [f"127.0.0.1:{self.port}"]:
            return "404 Not Found", ""
        query = parse_qs(parts.query)
        state, code = query.get("state", [""])[0], query.get("code", [""])[0]
        fits = bool(self._state) and hmac.compare_digest(state.encode(), self._state.encode())
        if not fits or self._code.done():
            return "400 Bad Request", self._words.refused
        self._code.set_result(code or None)
        return "200 OK", self._words.done if code else self._words.refused


@asynccontextmanager
async def browser_return(words: Words) -> AsyncGenerator[BrowserReturn]:
    """Listens while the block runs. Raises OSError."""
    made = BrowserReturn(words)
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0, limit=MAX_REQUEST)
    made.port = server.sockets[0].getsockname()[1]
    try:
        yield made
    finally:
        server.close()
