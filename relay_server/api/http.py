"""Carries a request of the table out: let in, understood, done by the services' own rules, answered."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any, Final

import msgspec
from aiohttp import web
from aiohttp.typedefs import Handler
from msgspec import Struct

from relay_server.api import repeats
from relay_server.api.door import Door
from relay_server.api.problems import problem, refusal
from relay_server.api.repeats import Kept, Mismatch
from relay_server.api.routes import PREFIX, Call, Route, etag_of
from relay_server.engine.journal import Journal, Transaction
from relay_server.engine.outages import STORE_OUT
from relay_server.engine.raw import rows_of
from relay_server.identity.actors import KeyActor
from relay_server.identity.permissions import roles_of
from shared.protocol.frames import Refused

BODY_MAX: Final = 512 * 1024
BODY_S: Final = 20.0
_log = logging.getLogger(__name__)
_PATTERNS: Final = {"delivery_id": "[1-9][0-9]{0,14}"}
_ID: Final = "[0-9A-Za-z_-]{1,40}"


class Api:
    """The routes as handlers."""

    def __init__(self, journal: Journal, door: Door) -> None:
        self._journal = journal
        self._door = door

    async def carry_out(self, route: Route, request: web.Request) -> web.StreamResponse:
        """One request, whatever it is."""
        actor = await self.admitted(request, route.scope)
        if isinstance(actor, web.Response):
            return actor
        raw = await _body(request) if route.body is not None else b""
        if isinstance(raw, web.Response):
            return raw
        call = _understood(route, request, actor, raw)
        if isinstance(call, web.Response):
            return call
        given = request.headers.get("Idempotency-Key") if route.repeats else None
        key = given or ""
        if given is not None and not repeats.is_key(given):
            return problem("malformed", params={"fields": "Idempotency-Key"})
        answer = await self._run(route, call, key, repeats.digest_of(route.method, request.path, raw))
        return _response(route, answer)

    async def admitted(self, request: web.Request, scope: str) -> KeyActor | web.Response:
        """Whose key it is, when it has the scope; else the refusal."""
        actor = await self._door.let_in(request)
        if isinstance(actor, Refused):
            return refusal(actor)
        if scope not in roles_of(actor):
            return problem("not_allowed", params={"scope": scope})
        return actor

    async def _run(
        self, route: Route, call: Call[Any, Any], key: str, request: str
    ) -> Struct | Kept | Mismatch | Refused | None:
        read, write = route.read, route.write
        if read is not None:
            return await self._journal.read(lambda sql: read(rows_of(sql), call))
        if write is None:
            raise LookupError(route.name)

        def work(tx: Transaction) -> Struct | Refused | None:
            return write(tx, call)

        if not key:
            return await self._journal.write(work)
        return await self._journal.write(lambda tx: repeats.once(tx, call.actor, key, request, route.status, work))


def handling(api: Api, route: Route) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """What aiohttp calls."""

    async def handle(request: web.Request) -> web.StreamResponse:
        return await api.carry_out(route, request)

    return handle


def address(path: str) -> str:
    """A route's path as aiohttp matches it: ids of our own form only."""
    parts = path.split("/")
    return "/".join(_matching(part) for part in parts)


@web.middleware
async def as_problems(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Whatever ends a request early is told in the one form too."""
    try:
        return await handler(request)
    except web.HTTPMethodNotAllowed as error:
        response = problem("method_not_allowed")
        response.headers["Allow"] = ", ".join(sorted(error.allowed_methods))
        return response
    except web.HTTPNotFound:
        return problem("no_such_route")
    except web.HTTPRequestEntityTooLarge:
        return problem("too_large")
    except web.HTTPException:
        return problem("malformed")
    except STORE_OUT:
        return problem("busy")
    except (ConnectionError, asyncio.CancelledError):
        raise
    except Exception:
        _log.exception("a request to %s%s failed", PREFIX, request.match_info.route.name or "")
        return problem("internal")


def query_of(request: web.Request, kind: type[Struct]) -> Struct | web.Response:
    """The parameters, each given once and known."""
    given = dict(request.query)
    if len(given) != len(request.query):
        return problem("malformed", detail="a parameter is given twice")
    try:
        return msgspec.convert(given, kind, strict=False)
    except msgspec.ValidationError as error:
        return problem("malformed", detail=str(error))


def _understood(route: Route, request: web.Request, actor: KeyActor, raw: bytes) -> Call[Any, Any] | web.Response:
    query = query_of(request, route.query)
    if isinstance(query, web.Response):
        return query
    if_match = request.headers.get("If-Match", "")
    if route.matches and not if_match:
        return problem("version_needed")
    body: Struct | None = None
    if route.body is not None:
        try:
            body = msgspec.json.decode(raw, type=route.body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            return problem("malformed", detail=str(error))
    return Call(actor, dict(request.match_info), query, body, if_match)


async def _body(request: web.Request) -> bytes | web.Response:
    if request.content_type != "application/json":
        return problem("media_type_refused", params={"media_type": "application/json"})
    parts = bytearray()
    try:
        async with asyncio.timeout(BODY_S):
            async for part in request.content.iter_chunked(64 * 1024):
                parts += part
                if len(parts) > BODY_MAX:
                    return problem("too_large")
    except (TimeoutError, web.PayloadAccessError):
        return problem("malformed", detail="the body did not come whole")
    return bytes(parts)


def _response(route: Route, answer: Struct | Kept | Mismatch | Refused | None) -> web.Response:
    if isinstance(answer, Refused):
        return refusal(answer)
    if isinstance(answer, Mismatch):
        return problem("idempotency_key_used")
    headers = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
    if answer is None:
        return web.Response(status=route.status, headers=headers)
    if isinstance(answer, Kept):
        status, body = answer.status, answer.body
        headers["Idempotency-Replayed"] = "true"
    else:
        status, body = route.status, msgspec.json.encode(answer)
    if route.etag:
        headers["ETag"] = etag_of(body)
    return web.Response(status=status, body=body, content_type="application/json", headers=headers)


def _matching(part: str) -> str:
    if not part.startswith("{"):
        return part
    name = part.strip("{}")
    return f"{{{name}:{_PATTERNS.get(name, _ID)}}}"
