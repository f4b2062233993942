"""What may be told to whom, when to try again, and how a message is signed."""

import base64
import hashlib
import hmac
from collections.abc import Sequence
from typing import Any, Final, get_args

from msgspec import Raw, Struct

from relay_server.identity.scopes import Scope
from shared.protocol.frames import PublicEventBody, TicketEventBody
from shared.protocol.messages.base import snake

RETRY_FIRST_MS: Final = 5_000
RETRY_MAX_MS: Final = 3_600_000
NOTE: Final = "note_added"

SCOPE_OF: Final[dict[str, Scope]] = {
    **{snake(each.__name__): "read:conversations" for each in get_args(PublicEventBody)},
    **{snake(each.__name__): "read:tickets" for each in get_args(TicketEventBody)},
    NOTE: "read:notes",
}
"""What can be told, and the scope that whoever asks for it must hold. Routing's own events are not told."""
KINDS: Final = frozenset(SCOPE_OF)


class Told(Struct, frozen=True, kw_only=True):
    """The body of a message. `id` is the same at every try; `object` is `c/<id>` or `t/<id>`."""

    id: str
    type: str
    at_ms: int
    object: str
    data: Raw


def missing_scopes(kinds: Sequence[str], held: Sequence[str]) -> list[str]:
    """The scopes that the asker would need and has not, in order."""
    return sorted({SCOPE_OF[each] for each in kinds} - set(held))


def object_of(stream: str) -> str:
    """What order is kept for: a conversation with both its streams, or a ticket."""
    return "/".join(stream.split("/")[:2])


def retry_at(attempts: int, now_ms: int, until_ms: int, chance: float) -> int | None:
    """When to try again after so many attempts: twice as late each time, an hour at most, between half and all of it
    (`chance` is 0 to 1). None: it is given up."""
    step = min(RETRY_FIRST_MS * 2 ** min(attempts - 1, 20), RETRY_MAX_MS)
    due_ms = now_ms + int(step * (0.5 + chance / 2))
    return due_ms if due_ms <= until_ms else None


def event_id(position: int) -> str:
    """What a receiver knows a message by."""
    return f"evt_{position}"


def signatures(secrets: Sequence[bytes], message_id: str, at_s: int, body: bytes) -> str:
    """The `webhook-signature` header: one `v1,<base64>` a secret, over `id.timestamp.body` (Standard Webhooks)."""
    signed = f"{message_id}.{at_s}.".encode() + body
    made = (base64.b64encode(hmac.digest(each, signed, hashlib.sha256)).decode() for each in secrets)
    return " ".join(f"v1,{each}" for each in made)


def headers(secrets: Sequence[bytes], message_id: str, at_s: int, body: bytes) -> dict[str, Any]:
    """Everything a receiver needs to believe the body."""
    return {
        "Content-Type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": str(at_s),
        "webhook-signature": signatures(secrets, message_id, at_s, body),
    }
