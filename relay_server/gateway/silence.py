"""Connections that never get as far as a request are ended: a socket that is only held open costs a place."""

import asyncio
from collections.abc import Callable
from typing import Final

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

REQUEST_S: Final = 10.0
"""From the connection to the end of its first request's headers."""


class Silence:
    """Wraps the server's protocol factory; its middleware hears who has spoken."""

    def __init__(self, request_s: float = REQUEST_S) -> None:
        self._request_s = request_s
        self._silent: set[web.RequestHandler] = set()

    def watched(self, server: web.Server) -> Callable[[], web.RequestHandler]:
        """The factory for `create_server`."""

        def make() -> web.RequestHandler:
            handler = server()
            self._silent.add(handler)
            asyncio.get_running_loop().call_later(self._request_s, self._look, handler)
            return handler

        return make

    @property
    def middleware(self) -> Middleware:
        """Goes before every other."""

        @web.middleware
        async def hear(request: web.Request, handler: Handler) -> web.StreamResponse:
            self._silent.discard(request.protocol)
            return await handler(request)

        return hear

    def _look(self, handler: web.RequestHandler) -> None:
        if handler in self._silent:
            self._silent.discard(handler)
            handler.force_close()
