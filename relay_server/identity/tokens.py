"""Token families in the store. A token is 32 random bytes; only its SHA-256 is kept."""

import hashlib
import secrets
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection
from sqlalchemy import text as statement

from relay_server.engine.bus import Wake
from relay_server.engine.journal import Transaction
from relay_server.identity.rules import ACCESS_MS, REFRESH_MS, TokenKind, TokenState
from shared.common.ids import new_id
from shared.protocol.messages.identity import TokenPair

FAMILY_ENDED: Final = "token_family_ended"
"""Topic of the wake-up that ends the family's links."""

_FIND: Final = statement(
    "SELECT t.kind, t.generation, t.expires_ms, f.confirmed, f.revoked_ms, f.id AS family, f.agent_id"
    " FROM tokens t JOIN token_families f ON f.id = t.family_id WHERE t.digest = :digest"
)


@dataclass(frozen=True, slots=True)
class FoundToken:
    """A token that was once given out."""

    family: str
    agent_id: str
    state: TokenState


def find(sql: Connection, token: str) -> FoundToken | None:
    """What the store knows of a token."""
    row = sql.execute(_FIND, {"digest": _digest(token)}).first()
    if row is None:
        return None
    state = TokenState(
        kind=row.kind,
        generation=row.generation,
        expires_ms=row.expires_ms,
        confirmed=row.confirmed,
        revoked=row.revoked_ms is not None,
    )
    return FoundToken(row.family, row.agent_id, state)


def start_family(tx: Transaction, agent_id: str, device: str) -> tuple[str, TokenPair]:
    """A new sign-in: a family and its first pair. Tokens that ended long ago are taken out on the way."""
    family = new_id()
    tx.run("DELETE FROM tokens WHERE expires_ms < ?", (tx.now_ms,))
    tx.run(
        "INSERT INTO token_families (id, agent_id, device, created_ms, confirmed, revoked_why) VALUES (?,?,?,?,1,'')",
        (family, agent_id, device, tx.now_ms),
    )
    return family, make_pair(tx, family, 1)


def make_pair(tx: Transaction, family: str, generation: int) -> TokenPair:
    """A fresh pair of a generation."""
    expires_ms = tx.now_ms + ACCESS_MS
    return TokenPair(
        access_token=_make(tx, family, "access", generation, expires_ms),
        refresh_token=_make(tx, family, "refresh", generation, tx.now_ms + REFRESH_MS),
        expires_ms=expires_ms,
    )


def confirm(tx: Transaction, found: FoundToken) -> None:
    """A token of this generation was used: earlier refresh tokens are worth nothing from now on."""
    generation = found.state.generation
    tx.run(
        "UPDATE token_families SET confirmed = ? WHERE id = ? AND confirmed < ?",
        (generation, found.family, generation),
    )


def revoke(tx: Transaction, family: str, why: str) -> None:
    """Ends every token of a sign-in."""
    tx.run(
        "UPDATE token_families SET revoked_ms = ?, revoked_why = ? WHERE id = ? AND revoked_ms IS NULL",
        (tx.now_ms, why, family),
    )
    tx.after_commit(Wake(FAMILY_ENDED, family, everywhere=True))


def _make(tx: Transaction, family: str, kind: TokenKind, generation: int, expires_ms: int) -> str:
    token = secrets.token_urlsafe(32)
    tx.run(
        "INSERT INTO tokens (digest, family_id, kind, generation, expires_ms) VALUES (?,?,?,?,?)",
        (_digest(token), family, kind, generation, expires_ms),
    )
    return token


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
