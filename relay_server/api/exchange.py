"""Whole tables over HTTP: streamed both ways, two at a time on a node."""

import asyncio
from collections.abc import AsyncIterator
from typing import Final, Literal, cast

import msgspec
from aiohttp import web
from msgspec import Struct

from relay_server.api.http import Api, query_of
from relay_server.api.problems import problem, refusal
from relay_server.engine import audit
from relay_server.engine.journal import Journal
from relay_server.exchange import outward
from relay_server.exchange.inward import Inward
from relay_server.exchange.reading import Format
from relay_server.exchange.tables import Kind
from relay_server.identity.actors import KeyActor
from relay_server.identity.permissions import refuse
from relay_server.identity.scopes import Scope
from shared.protocol.frames import Refused

TAKE_S: Final = 80.0
"""Within what the port gives any request with a body; larger files go in by the command."""
_AT_ONCE: Final = 2
MEDIA_TYPES: Final[dict[Format, str]] = {"csv": "text/csv", "json": "application/x-ndjson"}
_FORMS: Final[dict[str, Format]] = {media_type: form for form, media_type in MEDIA_TYPES.items()}
EXPORTS: Final[dict[str, Scope]] = {
    "customers": "read:customers",
    "tickets": "read:tickets",
    "articles": "read:articles",
    "conversations": "read:conversations",
}
IMPORTS: Final[dict[str, Scope]] = {
    "customers": "write:customers",
    "tickets": "write:tickets",
    "articles": "write:articles",
}
_Flag = Literal["true", "false"]


class ExportQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`json` is one document a line."""

    format: Format = "json"


class ConversationsExportQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`notes` adds internal notes and needs `read:notes`."""

    format: Format = "json"
    notes: _Flag = "false"


class ImportQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """With `dry_run` everything is tried and nothing kept. The body's media type says which form it has."""

    dry_run: _Flag = "false"


class Exchange:
    """Handlers."""

    def __init__(self, api: Api, journal: Journal) -> None:
        self._api = api
        self._journal = journal
        self._room = asyncio.Semaphore(_AT_ONCE)

    async def export(self, request: web.Request, kind: str) -> web.StreamResponse:
        """`GET /export/{kind}`."""
        actor = await self._api.admitted(request, EXPORTS[kind])
        if isinstance(actor, web.Response):
            return actor
        talks = kind == "conversations"
        query = query_of(request, ConversationsExportQuery if talks else ExportQuery)
        if isinstance(query, web.Response):
            return query
        notes = isinstance(query, ConversationsExportQuery) and query.notes == "true"
        if notes and refuse(actor, "conversation.read_internal"):
            return problem("not_allowed", params={"scope": "read:notes"})
        if self._room.locked():
            return problem("busy")
        form = cast("ExportQuery | ConversationsExportQuery", query).format
        async with self._room:
            written = await self._journal.write(
                lambda tx: audit.record(tx, actor.id, "exported", kind, "with notes" if notes else "")
            )
            if isinstance(written, Refused):
                return refusal(written)
            if talks:
                return await _stream(request, outward.export_conversations(self._journal, form, notes=notes), form)
            return await _stream(request, outward.export(self._journal, cast("Kind", kind), form), form)

    async def take(self, request: web.Request, kind: str) -> web.StreamResponse:
        """`POST /import/{kind}`."""
        actor = await self._api.admitted(request, IMPORTS[kind])
        if isinstance(actor, web.Response):
            return actor
        query = query_of(request, ImportQuery)
        if isinstance(query, web.Response):
            return query
        form = _FORMS.get(request.content_type)
        if form is None:
            return problem("media_type_refused", params={"media_type": ", ".join(MEDIA_TYPES.values())})
        if self._room.locked():
            return problem("busy")
        async with self._room:
            return await self._taken(request, actor, cast("Kind", kind), form, cast("ImportQuery", query))

    async def _taken(
        self, request: web.Request, actor: KeyActor, kind: Kind, form: Format, query: ImportQuery
    ) -> web.Response:
        inward = Inward(self._journal, kind, actor.person, dry_run=query.dry_run == "true")
        try:
            async with asyncio.timeout(TAKE_S):
                report = await inward.take(request.content.iter_chunked(64 * 1024), form)
        except (TimeoutError, web.PayloadAccessError):
            return problem("malformed", detail="the body did not come whole")
        if isinstance(report, Refused):
            return refusal(report)
        return web.Response(
            body=msgspec.json.encode(report),
            content_type="application/json",
            headers={"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"},
        )


async def _stream(request: web.Request, pieces: AsyncIterator[bytes], form: Format) -> web.StreamResponse:
    response = web.StreamResponse(
        headers={
            "Content-Type": MEDIA_TYPES[form] + "; charset=utf-8",
            "Content-Disposition": "attachment",
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
        }
    )
    await response.prepare(request)
    async for piece in pieces:
        await response.write(piece)
    await response.write_eof()
    return response
