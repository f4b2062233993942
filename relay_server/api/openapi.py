"""The description of the outside interface (OpenAPI 3.1), made of the table of routes and their types."""

from typing import Any, Final, cast

import msgspec
from msgspec import Struct

from relay_server.api.exchange import EXPORTS, IMPORTS, MEDIA_TYPES, ConversationsExportQuery, ExportQuery, ImportQuery
from relay_server.api.problems import MEDIA_TYPE, STATUS, Problem
from relay_server.api.repeats import KEY_MAX
from relay_server.api.routes import PREFIX, Route
from relay_server.exchange.inward import ImportReport
from relay_server.identity.scopes import SCOPES

Json = dict[str, Any]
_REF: Final = "#/components/schemas/{name}"
_ALWAYS: Final = (401, 403, 404, 405, 429, 500, 503)
_ID_PATTERN: Final = "^[0-9A-Za-z_-]{1,40}$"


def document(routes: tuple[Route, ...], version: str) -> Json:
    """The whole of it."""
    paths: dict[str, Json] = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route)
    for kind, scope in EXPORTS.items():
        paths[f"/export/{kind}"] = {"get": _export(kind, scope)}
    for kind, scope in IMPORTS.items():
        paths[f"/import/{kind}"] = {"post": _import(kind, scope)}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Threeline",
            "version": version,
            "description": "Times are milliseconds since 1970, UTC. Errors are application/problem+json (RFC 9457).",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": PREFIX}],
        "security": [{"key": []}],
        "paths": paths,
        "components": {
            "schemas": _schemas(routes),
            "securitySchemes": {
                "key": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "An API key. Scopes: " + ", ".join(SCOPES),
                }
            },
        },
    }


def _operation(route: Route) -> Json:
    told: Json = {
        "operationId": route.name,
        "summary": route.summary,
        "tags": [route.path.split("/")[1]],
        "description": f"Scope: `{route.scope}`.",
        "parameters": [*_path_parameters(route.path), *_query_parameters(route.query), *_headers(route)],
        "responses": {str(route.status): _answer(route), **_problems(route)},
    }
    if route.body is not None:
        told["requestBody"] = {"required": True, "content": {"application/json": {"schema": _ref(route.body)}}}
    return told


def _path_parameters(path: str) -> list[Json]:
    names = [part.strip("{}") for part in path.split("/") if part.startswith("{")]
    return [{"name": name, "in": "path", "required": True, "schema": _path_schema(name)} for name in names]


def _path_schema(name: str) -> Json:
    if name == "delivery_id":
        return {"type": "integer", "minimum": 1, "maximum": 10**15 - 1}
    return {"type": "string", "pattern": _ID_PATTERN, "minLength": 1, "maxLength": 40}


def _query_parameters(kind: type[Struct]) -> list[Json]:
    _, components = msgspec.json.schema_components([kind])
    properties = cast("dict[str, Json]", components[kind.__name__]["properties"])
    return [
        {"name": name, "in": "query", "required": False, "schema": _without_null(schema)}
        for name, schema in properties.items()
    ]


def _without_null(schema: Json) -> Json:
    """A parameter that is left out is no `null`."""
    given = cast("list[Json] | None", schema.get("anyOf"))
    if given is not None:
        (schema,) = [each for each in given if each != {"type": "null"}]
    return {
        key: [each for each in cast("list[object]", value) if each is not None] if key == "enum" else value
        for key, value in schema.items()
        if not (key == "default" and value is None)
    }


def _headers(route: Route) -> list[Json]:
    found: list[Json] = []
    if route.matches:
        found.append(
            {
                "name": "If-Match",
                "in": "header",
                "required": True,
                "description": "The ETag of the state that is changed, or `*`.",
                "schema": {"type": "string", "pattern": r'^(\*|"[0-9a-f]{32}")$'},
            }
        )
    if route.repeats:
        found.append(
            {
                "name": "Idempotency-Key",
                "in": "header",
                "required": False,
                "description": "The same key and request answer the same for a day, and make nothing twice.",
                "schema": {"type": "string", "pattern": "^[0-9A-Za-z_-]+$", "minLength": 1, "maxLength": KEY_MAX},
            }
        )
    return found


def _answer(route: Route) -> Json:
    if route.answer is None:
        return {"description": "Done"}
    told: Json = {"description": "Done", "content": {"application/json": {"schema": _ref(route.answer)}}}
    if route.etag:
        told["headers"] = {"ETag": {"schema": {"type": "string"}}}
    return told


def _problems(route: Route) -> Json:
    codes = {*_ALWAYS, 400}
    if route.body is not None:
        codes |= {409, 413, 415, 422, 507}
    if route.method == "POST":
        codes |= {409, 507}
    if route.matches:
        codes |= {412, 428}
    return {str(code): _problem(code) for code in sorted(codes)}


def _problem(status: int) -> Json:
    names = sorted(name for name, code in STATUS.items() if code == status)
    return {"description": ", ".join(names), "content": {MEDIA_TYPE: {"schema": _ref(Problem)}}}


def _export(kind: str, scope: str) -> Json:
    query = ConversationsExportQuery if kind == "conversations" else ExportQuery
    texts = {media_type: {"schema": {"type": "string"}} for media_type in MEDIA_TYPES.values()}
    return {
        "operationId": f"export_{kind}",
        "summary": f"All {kind}, streamed",
        "tags": ["export"],
        "description": f"Scope: `{scope}`.",
        "parameters": _query_parameters(query),
        "responses": {
            "200": {"description": "A line each", "content": texts},
            **{str(code): _problem(code) for code in (400, *_ALWAYS, 507)},
        },
    }


def _import(kind: str, scope: str) -> Json:
    texts = {media_type: {"schema": {"type": "string"}} for media_type in MEDIA_TYPES.values()}
    return {
        "operationId": f"import_{kind}",
        "summary": f"Takes {kind} in: what is new is made, what is known is changed",
        "tags": ["import"],
        "description": f"Scope: `{scope}`.",
        "parameters": _query_parameters(ImportQuery),
        "requestBody": {"required": True, "content": texts},
        "responses": {
            "200": {
                "description": "What became of it, with the lines that were wrong",
                "content": {"application/json": {"schema": _ref(ImportReport)}},
            },
            **{str(code): _problem(code) for code in (400, *_ALWAYS, 415, 507)},
        },
    }


def _schemas(routes: tuple[Route, ...]) -> Json:
    types: list[type[Struct]] = [Problem, ImportReport]
    for route in routes:
        types += [each for each in (route.body, route.answer) if each is not None]
    _, components = msgspec.json.schema_components(types, ref_template=_REF)
    return dict(sorted(components.items()))


def _ref(kind: type[Struct]) -> Json:
    return {"$ref": _REF.format(name=kind.__name__)}
