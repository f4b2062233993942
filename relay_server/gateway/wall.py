"""The outer wall of the port: which address a request counts for, how many it may make, what every answer carries."""

import asyncio
from typing import Final, Literal

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler, Middleware

from relay_server.gateway.addresses import Address, Proxies, line, networks, source
from relay_server.gateway.answers import refusal
from relay_server.gateway.limits import AccountKind, Limits
from relay_server.identity.actors import Actor
from relay_server.settings import Settings
from shared.protocol.frames import Refused

BODY_S: Final = 90.0
"""The longest that a request with a body may take."""
HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "private, no-store",
    "Strict-Transport-Security": "max-age=31536000",
}
"""On every answer that has no such header of its own. Nothing here is meant for a browser's window."""
_FORWARDING: Final = (hdrs.X_FORWARDED_FOR, hdrs.FORWARDED, "X-Real-IP", "Via")
_HEADER_OF: Final = {"x-forwarded-for": hdrs.X_FORWARDED_FOR, "forwarded": hdrs.FORWARDED}


class Wall:
    """Shared by all routes; one a relay."""

    def __init__(self, settings: Settings, limits: Limits) -> None:
        self.limits = limits
        self._proxies = Proxies(networks(settings.trusted_proxies, "trusted_proxies"), settings.forwarded_header)
        self._monitors = networks(settings.monitor_addresses, "monitor_addresses")
        self._header = _HEADER_OF[settings.forwarded_header]

    def address(self, request: web.BaseRequest) -> str:
        """What limits are counted on."""
        return line(self._source(request))

    def monitors(self, request: web.Request) -> bool:
        """Whether health and figures are for whoever asks. Behind a proxy that is not listed nobody is known."""
        address = self._source(request)
        if address is None or not any(address in network for network in self._monitors):
            return False
        return address != self._peer(request) or not any(each in request.headers for each in _FORWARDING)

    def account(self, kind: Literal["upload", "download"], actor: Actor) -> Refused | None:
        """One more transfer of somebody signed in."""
        known: AccountKind = kind
        return self.limits.by_account(known, actor.id, asyncio.get_running_loop().time())

    @property
    def middleware(self) -> Middleware:
        """Counts plain requests by address and bounds their time; links count for themselves."""

        @web.middleware
        async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
            if request.path == "/ws":
                return await handler(request)
            now_s = asyncio.get_running_loop().time()
            refused = self.limits.by_address("http", self.address(request), now_s)
            if refused is not None:
                return refusal(refused)
            if not request.body_exists:
                return await handler(request)
            try:
                async with asyncio.timeout(BODY_S):
                    return await handler(request)
            except TimeoutError:
                return refusal(Refused(code="blob_damaged"))

        return guard

    def _source(self, request: web.BaseRequest) -> Address | None:
        return source(request.remote or "", request.headers.getall(self._header, ()), self._proxies)

    def _peer(self, request: web.BaseRequest) -> Address | None:
        return source(request.remote or "", (), Proxies())


async def harden(request: web.BaseRequest, response: web.StreamResponse) -> None:
    """Signal `on_response_prepare`: nobody needs to know which versions run here."""
    del request
    response.headers.popall(hdrs.SERVER, None)
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
