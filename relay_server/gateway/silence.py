"""Connections that never get as far as a request are ended: a socket that is only held open costs a place."""

import asyncio
import logging
from collections.abc import Callable
from typing import Final

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler, Middleware

from relay_server.gateway.wall import HEADERS

REQUEST_S: Final = 10.0
"""From the connection to the end of its first request's headers."""
KEEPALIVE_S: Final = 30.0
"""From an answer to the end of the next request's headers."""

_NO_ACCESS_LOG: Final = logging.getLogger(f"{__name__}.access")
_NO_ACCESS_LOG.disabled = True


class Terse(web.RequestHandler):
    """What is no HTTP gets a bare answer: no banner, no echo of what was sent, no line in the log for each."""

    __slots__ = ()

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Only what goes wrong on our side is logged."""
        if status >= 500:
            return super().handle_error(request, status, exc, message)
        answer = web.Response(status=status, headers={**HEADERS, hdrs.SERVER: "-"})
        answer.force_close()
        return answer


class Silence:
    """Makes the server's protocols; its middleware hears who has spoken. At most `room` have not: then the one that
    has been silent longest is ended."""

    def __init__(self, request_s: float = REQUEST_S, room: int = 20_000) -> None:
        self._request_s = request_s
        self._room = room
        self._silent: dict[web.RequestHandler, None] = {}

    def watched(self, server: web.Server) -> Callable[[], web.RequestHandler]:
        """The factory for `create_server`."""

        def make() -> web.RequestHandler:
            loop = asyncio.get_running_loop()
            handler = Terse(server, loop=loop, access_log=_NO_ACCESS_LOG, keepalive_timeout=KEEPALIVE_S)
            if len(self._silent) >= self._room:
                self._end(next(iter(self._silent)))
            self._silent[handler] = None
            loop.call_later(self._request_s, self._end, handler)
            return handler

        return make

    @property
    def middleware(self) -> Middleware:
        """Goes before every other."""

        @web.middleware
        async def hear(request: web.Request, handler: Handler) -> web.StreamResponse:
            self._silent.pop(request.protocol, None)
            return await handler(request)

        return hear

    def _end(self, handler: web.RequestHandler) -> None:
        if handler in self._silent:
            del self._silent[handler]
            handler.force_close()
