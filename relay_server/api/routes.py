"""What a route is: its words for the description, its types, and a function over the store."""

import base64
import binascii
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final, Generic, Literal, TypeVar

import msgspec
from msgspec import Meta, Struct

from relay_server.engine.journal import Transaction
from relay_server.engine.raw import Rows
from relay_server.identity.actors import KeyActor
from relay_server.identity.scopes import Scope
from shared.protocol.frames import Refused

Q = TypeVar("Q")
B = TypeVar("B")
Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
Cursor = Annotated[str, Meta(max_length=120)]
Limit = Annotated[int, Meta(ge=1, le=200)]
PREFIX: Final = "/api/v1"


class Nothing(Struct, frozen=True, forbid_unknown_fields=True):
    """No parameters."""


class Pages(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`cursor` is the former page's `next_cursor`; empty for the first page."""

    cursor: Cursor = ""
    limit: Limit = 50


@dataclass(frozen=True, slots=True)
class Call(Generic[Q, B]):
    """One request that has been let in and understood."""

    actor: KeyActor
    path: dict[str, str]
    query: Q
    body: B
    if_match: str

    def current(self, document: Struct) -> Refused | None:
        """Refused: `changed_meanwhile`, when the asker has not seen this very state."""
        fits = self.if_match == "*" or etag(document) in {each.strip() for each in self.if_match.split(",")}
        return None if fits else Refused(code="changed_meanwhile")


Answer = Struct | Refused | None
Read = Callable[[Rows, Call[Any, Any]], Answer]
Write = Callable[[Transaction, Call[Any, Any]], Answer]


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """A row of the table. Exactly one of `read` (from a snapshot) and `write` (a unit of work) carries it out.

    `etag`: the answer has one. `matches`: If-Match is needed. `repeats`: an Idempotency-Key is honoured.
    """

    method: Method
    path: str
    name: str
    summary: str
    scope: Scope
    answer: type[Struct] | None
    status: int = 200
    query: type[Struct] = Nothing
    body: type[Struct] | None = None
    etag: bool = False
    matches: bool = False
    repeats: bool = False
    read: Read | None = None
    write: Write | None = None
    refusals: Sequence[str] = ()


def etag(document: Struct) -> str:
    """A strong one: the same state has the same, another has another."""
    return etag_of(msgspec.json.encode(document))


def etag_of(body: bytes) -> str:
    """The same, for a document that is encoded already."""
    return f'"{hashlib.sha256(body).hexdigest()[:32]}"'


def cursor_of(last: str | int) -> str:
    """Where the next page begins; nobody needs to understand it."""
    return base64.urlsafe_b64encode(str(last).encode()).decode().rstrip("=")


def after_id(cursor: str) -> str | Refused:
    """The id that a cursor stands for. Refused: `malformed`."""
    try:
        found = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode("ascii")
    except (binascii.Error, ValueError):
        return Refused(code="malformed", params={"fields": "cursor"})
    plain = not found or (len(found) <= 40 and found.replace("-", "").replace("_", "").isalnum())
    return found if plain else Refused(code="malformed", params={"fields": "cursor"})


def after_number(cursor: str) -> int | Refused:
    """As `after_id`, for what is numbered."""
    found = after_id(cursor)
    if isinstance(found, Refused):
        return found
    if not found:
        return 0
    return (
        int(found) if found.isdecimal() and len(found) <= 15 else Refused(code="malformed", params={"fields": "cursor"})
    )
