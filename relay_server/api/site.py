"""The outside interface as a part of the server."""

import time

import msgspec
from aiohttp import web
from aiohttp.typedefs import Handler

from relay_server import VERSION
from relay_server.api import openapi
from relay_server.api.door import Door
from relay_server.api.exchange import EXPORTS, IMPORTS, Exchange
from relay_server.api.http import Api, address, as_problems, handling
from relay_server.api.table import Means, routes
from relay_server.engine.journal import Journal
from relay_server.settings import Settings
from shared.common.clock import now_ms


def site(settings: Settings, journal: Journal, means: Means) -> web.Application:
    """To be put under `/api/v1`. No cross-origin reads: a browser gets no CORS header from here."""
    app = web.Application(middlewares=[as_problems])
    table = routes(means)
    api = Api(journal, Door(settings, journal, now_ms, time.monotonic))
    for route in table:
        app.router.add_route(route.method, address(route.path), handling(api, route))
    exchange = Exchange(api, journal)
    for kind in EXPORTS:
        app.router.add_route("GET", f"/export/{kind}", _export(exchange, kind))
    for kind in IMPORTS:
        app.router.add_route("POST", f"/import/{kind}", _import(exchange, kind))
    described = msgspec.json.encode(openapi.document(table, VERSION))

    async def description(request: web.Request) -> web.Response:
        del request
        return web.Response(body=described, content_type="application/json")

    app.router.add_route("GET", "/openapi.json", description)
    return app


def _export(exchange: Exchange, kind: str) -> Handler:
    async def handle(request: web.Request) -> web.StreamResponse:
        return await exchange.export(request, kind)

    return handle


def _import(exchange: Exchange, kind: str) -> Handler:
    async def handle(request: web.Request) -> web.StreamResponse:
        return await exchange.take(request, kind)

    return handle
