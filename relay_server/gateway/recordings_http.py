"""Recordings over HTTP: chunks in, bytes out, with a bearer token."""

import asyncio
from typing import Final

import msgspec
from aiohttp import web

from relay_server.gateway.answers import refusal
from relay_server.gateway.bearer import Bearer
from relay_server.gateway.http import UPLOAD_S
from relay_server.gateway.wall import Wall
from relay_server.recordings.service import Recordings
from shared.common.sealed.heads import HEAD, MAX_BODY
from shared.protocol.frames import Refused
from shared.protocol.messages.recordings import RecordingStored

MAX_CHUNK: Final = HEAD.size + MAX_BODY
_AT_ONCE: Final = 4
"""Chunks that are held in memory at a time."""
_PLACE: Final = "/recordings/{recording_id:[0-9A-Za-z_-]{1,40}}"


class RecordingsHttp:
    """Handlers; every refusal is the same JSON as on a link."""

    def __init__(self, recordings: Recordings, bearer: Bearer, wall: Wall) -> None:
        self._recordings = recordings
        self._bearer = bearer
        self._wall = wall
        self._room = asyncio.Semaphore(_AT_ONCE)

    async def put_chunk(self, request: web.Request) -> web.Response:
        """`PUT /recordings/{id}/{sequence}`: the body is the chunk."""
        actor = await self._bearer.actor(request.headers.get("Authorization", ""))
        if isinstance(actor, Refused):
            return refusal(actor)
        if refused := self._wall.account("upload", actor):
            return refusal(refused)
        async with self._room:
            chunk = await _body(request)
            if isinstance(chunk, Refused):
                return refusal(chunk)
            sequence = int(request.match_info["sequence"])
            return _answer(await self._recordings.put_chunk(actor, request.match_info["recording_id"], sequence, chunk))

    async def close(self, request: web.Request) -> web.Response:
        """`POST /recordings/{id}/close`: nothing more comes."""
        actor = await self._bearer.actor(request.headers.get("Authorization", ""))
        if isinstance(actor, Refused):
            return refusal(actor)
        return _answer(await self._recordings.close(actor, request.match_info["recording_id"]))

    async def read(self, request: web.Request) -> web.Response:
        """`GET /recordings/{id}?opening=...&at=...`: encrypted bytes from `at` on, none at the end."""
        actor = await self._bearer.actor(request.headers.get("Authorization", ""))
        if isinstance(actor, Refused):
            return refusal(actor)
        if refused := self._wall.account("download", actor):
            return refusal(refused)
        at = request.query.get("at", "0")
        if not at.isascii() or not at.isdecimal() or len(at) > 15:
            return refusal(Refused(code="malformed"))
        opening = request.query.get("opening", "")[:40]
        data = await self._recordings.read(actor, request.match_info["recording_id"], opening, int(at))
        if isinstance(data, Refused):
            return refusal(data)
        headers = {"Cache-Control": "private, no-store", "X-Content-Type-Options": "nosniff"}
        return web.Response(body=data, content_type="application/octet-stream", headers=headers)

    def routes(self) -> list[web.RouteDef]:
        """What `app` adds to the server."""
        return [
            web.put(_PLACE + "/{sequence:[0-9]{1,7}}", self.put_chunk),
            web.post(_PLACE + "/close", self.close),
            web.get(_PLACE, self.read),
        ]


async def _body(request: web.Request) -> bytes | Refused:
    parts = bytearray()
    try:
        async with asyncio.timeout(UPLOAD_S):
            async for part in request.content.iter_chunked(256 * 1024):
                parts += part
                if len(parts) > MAX_CHUNK:
                    return Refused(code="blob_too_large", params={"max_mb": str(MAX_CHUNK // 2**20)})
    except (TimeoutError, ConnectionError, web.PayloadAccessError):
        return Refused(code="blob_damaged")
    return bytes(parts)


def _answer(stored: RecordingStored | Refused) -> web.Response:
    if isinstance(stored, Refused):
        return refusal(stored)
    return web.Response(body=msgspec.json.encode(stored), content_type="application/json")
