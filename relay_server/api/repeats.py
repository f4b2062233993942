"""A resend answers the same: what a creation answered is kept for a day under the asker's own key.

After the manner of the IETF draft "The Idempotency-Key HTTP Header Field".
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import msgspec
from msgspec import Struct

from relay_server.engine.journal import Transaction
from relay_server.identity.actors import KeyActor
from shared.protocol.frames import Refused

KEEP_MS: Final = 24 * 3_600_000
KEY_MAX: Final = 100


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer as it went out before."""

    status: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Mismatch:
    """The same key came with another request."""


def is_key(text: str) -> bool:
    """Whether it can be one: letters, digits, `_` and `-`."""
    return len(text) <= KEY_MAX and text.isascii() and text.replace("_", "a").replace("-", "a").isalnum()


def digest_of(method: str, path: str, body: bytes) -> str:
    """What a request is known by."""
    return hashlib.sha256(b"\0".join((method.encode(), path.encode(), body))).hexdigest()


def once(
    tx: Transaction,
    actor: KeyActor,
    key: str,
    request: str,
    status: int,
    work: Callable[[Transaction], Struct | Refused | None],
) -> Struct | Kept | Mismatch | Refused | None:
    """Carries `work` out unless it was carried out before; refusals are not kept."""
    known = tx.row(
        "SELECT request, status, body FROM api_answers WHERE key_id = ? AND idempotency_key = ? AND at_ms > ?",
        (actor.id, key, tx.now_ms - KEEP_MS),
    )
    if known is not None:
        same = known[0] == request
        return Kept(known[1], known[2].encode()) if same else Mismatch()
    answer = work(tx)
    if isinstance(answer, Refused) or answer is None:
        return answer
    tx.run("DELETE FROM api_answers WHERE at_ms <= ?", (tx.now_ms - KEEP_MS,))
    tx.run(
        "INSERT INTO api_answers (key_id, idempotency_key, request, status, body, at_ms) VALUES (?,?,?,?,?,?)",
        (actor.id, key, request, status, msgspec.json.encode(answer).decode(), tx.now_ms),
    )
    return answer
