"""Refusals as HTTP tells them: `application/problem+json` (RFC 9457) with the code that links use as well."""

from collections.abc import Mapping
from typing import Final, Literal

import msgspec
from aiohttp import web
from msgspec import Struct

from shared.protocol.codes import RefusalCode
from shared.protocol.frames import Refused
from shared.strings import text_in

ApiCode = (
    RefusalCode
    | Literal[
        "no_such_route",
        "method_not_allowed",
        "media_type_refused",
        "version_needed",
        "idempotency_key_used",
    ]
)
"""What HTTP adds to the refusals of services."""
STATUS: Final[Mapping[str, int]] = {
    "malformed": 400,
    "sign_in_first": 401,
    "token_expired": 401,
    "token_revoked": 401,
    "not_allowed": 403,
    "no_such_route": 404,
    "not_found": 404,
    "method_not_allowed": 405,
    "already_exists": 409,
    "wrong_state": 409,
    "conversation_ended": 409,
    "changed_meanwhile": 412,
    "too_large": 413,
    "media_type_refused": 415,
    "form_incomplete": 422,
    "form_invalid": 422,
    "ticket_needs": 422,
    "idempotency_key_used": 422,
    "version_needed": 428,
    "rate_limited": 429,
    "internal": 500,
    "busy": 503,
    "shutting_down": 503,
    "store_full": 507,
}
MEDIA_TYPE: Final = "application/problem+json"
_TITLES: Final[Mapping[str, str]] = {
    "no_such_route": "There is nothing at this address.",
    "method_not_allowed": "This address does not know this method.",
    "media_type_refused": "The body must be of another media type.",
    "version_needed": "If-Match is needed, with the ETag that was read.",
    "idempotency_key_used": "This Idempotency-Key came with another request before.",
}
_AGAIN_S: Final[Mapping[str, str]] = {"rate_limited": "1", "busy": "1", "shutting_down": "5"}


class Problem(Struct, frozen=True, kw_only=True):
    """Why not. `code` is for programs, `title` for people; `params` say what it is about."""

    type: str
    title: str
    status: int
    code: str
    detail: str = ""
    params: dict[str, str] = {}


def problem(code: ApiCode, *, detail: str = "", params: Mapping[str, str] | None = None) -> web.Response:
    """The response; a code without a status of its own is the asker's fault (400)."""
    status = STATUS.get(code, 400)
    told = Problem(
        type=f"urn:threeline:problem:{code}",
        title=_title(code),
        status=status,
        code=code,
        detail=detail[:500],
        params=dict(params or {}),
    )
    response = web.Response(status=status, body=msgspec.json.encode(told), content_type=MEDIA_TYPE)
    response.headers["Cache-Control"] = "no-store"
    if again_s := told.params.get("retry_s") or _AGAIN_S.get(code):
        response.headers["Retry-After"] = again_s
    if status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def refusal(refused: Refused) -> web.Response:
    """A service's refusal."""
    return problem(refused.code, params=refused.params)


def _title(code: str) -> str:
    return _TITLES.get(code) or text_in("en", f"error.{code}").split(". ")[0].rstrip(".") + "."
