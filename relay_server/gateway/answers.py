"""Refusals over HTTP: the same JSON as on a link, with the status that fits."""

from typing import Final

import msgspec
from aiohttp import hdrs, web
from aiohttp.typedefs import Handler

from relay_server.engine.journal import StoreAway
from shared.common.errors import LinkLost
from shared.protocol.codes import RefusalCode
from shared.protocol.frames import Refused

_STATUS: Final[dict[RefusalCode, int]] = {
    "sign_in_first": 401,
    "token_expired": 401,
    "token_revoked": 401,
    "not_allowed": 403,
    "origin_refused": 403,
    "not_found": 404,
    "recording_gap": 409,
    "recording_too_large": 413,
    "blob_too_large": 413,
    "blob_type_refused": 415,
    "blob_missing": 503,
    "rate_limited": 429,
    "busy": 503,
    "shutting_down": 503,
    "internal": 500,
    "store_full": 507,
}


@web.middleware
async def busy_while_away(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Whoever asks while the store is away is told to come again."""
    try:
        return await handler(request)
    except (StoreAway, LinkLost):
        return refusal(Refused(code="busy"))


def refusal(refused: Refused) -> web.Response:
    """A refusal as JSON with its HTTP status, and how long to wait where it says so."""
    headers = {hdrs.RETRY_AFTER: refused.params["retry_s"]} if "retry_s" in refused.params else None
    body = msgspec.json.encode(refused)
    status = _STATUS.get(refused.code, 400)
    return web.Response(status=status, body=body, content_type="application/json", headers=headers)
