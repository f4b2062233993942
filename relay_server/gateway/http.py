"""The little HTTP there is: health, readiness, metrics, and files in and out with a bearer token."""

import asyncio
import hmac
import logging
from typing import Final
from urllib.parse import quote, unquote

import msgspec
from aiohttp import web

from relay_server.gateway.answers import refusal
from relay_server.gateway.bearer import Bearer
from relay_server.gateway.metrics import CONTENT_TYPE, Metrics
from relay_server.gateway.readiness import Readiness
from relay_server.gateway.services import Services
from relay_server.gateway.wall import Wall
from relay_server.settings import Settings
from shared.protocol.frames import Refused

UPLOAD_S: Final = 60.0
_CHUNK: Final = 64 * 1024
_log = logging.getLogger(__name__)


class Http:
    """Handlers; every refusal is the same JSON as on a link."""

    def __init__(
        self, settings: Settings, services: Services, readiness: Readiness, bearer: Bearer, metrics: Metrics, wall: Wall
    ) -> None:
        self._token = settings.metrics_secret()
        self._services = services
        self._readiness = readiness
        self._bearer = bearer
        self._metrics = metrics
        self._wall = wall

    async def healthz(self, request: web.Request) -> web.Response:
        """The process runs its loop."""
        if not self._wall.monitors(request):
            return refusal(Refused(code="not_allowed"))
        return web.Response(text="ok\n")

    async def readyz(self, request: web.Request) -> web.Response:
        """The store takes writes."""
        if not self._wall.monitors(request):
            return refusal(Refused(code="not_allowed"))
        problem = await self._readiness.problem()
        if problem:
            return web.Response(status=503, text=f"not ready: {problem}\n")
        return web.Response(text="ready\n")

    async def metrics(self, request: web.Request) -> web.Response:
        """For Prometheus: with the token of the settings or, when there is none, from the addresses that may look."""
        token = self._token
        given = request.headers.get("Authorization", "").encode(errors="replace")
        allowed = hmac.compare_digest(given, f"Bearer {token}".encode()) if token else self._wall.monitors(request)
        if not allowed:
            return refusal(Refused(code="not_allowed"))
        return web.Response(body=self._metrics.text(), headers={"Content-Type": CONTENT_TYPE})

    async def put_blob(self, request: web.Request) -> web.Response:
        """`POST /blobs`: the body is the file, `X-File-Name` its name in percent-encoding."""
        actor = await self._bearer.actor(request.headers.get("Authorization", ""))
        if isinstance(actor, Refused):
            return refusal(actor)
        if refused := self._wall.account("upload", actor):
            return refusal(refused)
        name = unquote(request.headers.get("X-File-Name", ""))[:200]
        try:
            async with asyncio.timeout(UPLOAD_S):
                stored = await self._services.files.store(
                    actor, request.content.iter_chunked(_CHUNK), name, request.content_type
                )
        except (TimeoutError, ConnectionError, web.PayloadAccessError):
            return refusal(Refused(code="blob_damaged"))
        if isinstance(stored, Refused):
            return refusal(stored)
        return web.Response(status=201, body=msgspec.json.encode(stored), content_type="application/json")

    async def get_blob(self, request: web.Request) -> web.StreamResponse:
        """`GET /blobs/{id}`, as a download of its fixed type: no browser shows it in our name."""
        actor = await self._bearer.actor(request.headers.get("Authorization", ""))
        if isinstance(actor, Refused):
            return refusal(actor)
        if refused := self._wall.account("download", actor):
            return refusal(refused)
        found = await self._services.files.open(actor, request.match_info["blob_id"])
        if isinstance(found, Refused):
            return refusal(found)
        headers = {
            "Content-Type": found.media_type,
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(found.name)}",
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "private, no-store",
        }
        return web.FileResponse(found.path, headers=headers)

    def routes(self) -> list[web.RouteDef]:
        """What `app` adds to the server."""
        return [
            web.get("/healthz", self.healthz),
            web.get("/readyz", self.readyz),
            web.get("/metrics", self.metrics),
            web.post("/blobs", self.put_blob),
            web.get("/blobs/{blob_id:[0-9A-Za-z_-]{1,40}}", self.get_blob),
        ]
