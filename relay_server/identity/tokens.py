"""Token families in the store. A token is 32 random bytes; only its SHA-256 is kept."""

import hashlib
import secrets
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection
from sqlalchemy import text as statement

from relay_server.engine.journal import Transaction
from relay_server.engine.raw import Rows
from relay_server.identity import rights
from relay_server.identity.rules import ACCESS_MS, REFRESH_MS, TokenKind, TokenState
from shared.common.ids import new_id
from shared.protocol.messages.account import SignedInDevice, Way
from shared.protocol.messages.identity import TokenPair

TOUCH_MS: Final = 5 * 60_000
"""How far behind a device's last use may be on record."""
MAX_DEVICES: Final = 200

_FIND: Final = statement(
    "SELECT t.kind, t.generation, t.expires_ms, f.confirmed, f.revoked_ms, f.id AS family, f.agent_id, f.last_ms,"
    " f.address"
    " FROM tokens t JOIN token_families f ON f.id = t.family_id WHERE t.digest = :digest"
)


@dataclass(frozen=True, slots=True)
class FoundToken:
    """A token that was once given out."""

    family: str
    agent_id: str
    state: TokenState
    last_ms: int = 0
    address: str = ""

    def to_touch(self, address: str, now_ms: int) -> bool:
        """Whether this use should go on record; `address` empty: not known."""
        return bool(address) and (address != self.address or now_ms - self.last_ms > TOUCH_MS)


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
    return FoundToken(row.family, row.agent_id, state, row.last_ms, row.address)


def start_family(
    tx: Transaction, agent_id: str, device: str, address: str, way: Way = "password"
) -> tuple[str, TokenPair]:
    """A new sign-in: a family and its first pair. Tokens that ended long ago are taken out on the way."""
    family = new_id()
    tx.run("DELETE FROM tokens WHERE expires_ms < ?", (tx.now_ms,))
    tx.run(
        "INSERT INTO token_families (id, agent_id, device, created_ms, confirmed, revoked_why, last_ms, address, way)"
        " VALUES (?,?,?,?,1,'',?,?,?)",
        (family, agent_id, device, tx.now_ms, tx.now_ms, address, way),
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


def touch(tx: Transaction, found: FoundToken, address: str) -> None:
    """The device was in use now, from there."""
    if found.to_touch(address, tx.now_ms):
        tx.run("UPDATE token_families SET last_ms = ?, address = ? WHERE id = ?", (tx.now_ms, address, found.family))


def revoke(tx: Transaction, agent_id: str, family: str, why: str) -> bool:
    """Ends every token of one of the agent's sign-ins, and its links; whether there was such a one."""
    ended = tx.run(
        "UPDATE token_families SET revoked_ms = ?, revoked_why = ? WHERE id = ? AND agent_id = ?"
        " AND revoked_ms IS NULL",
        (tx.now_ms, why, family, agent_id),
    )
    if ended:
        rights.changed(tx, agent_id)
    return bool(ended)


def revoke_all(tx: Transaction, agent_id: str, why: str, but: str = "") -> int:
    """Ends every sign-in of an agent, but one if named; how many."""
    ended = tx.run(
        "UPDATE token_families SET revoked_ms = ?, revoked_why = ? WHERE agent_id = ? AND id <> ?"
        " AND revoked_ms IS NULL",
        (tx.now_ms, why, agent_id, but),
    )
    if ended:
        rights.changed(tx, agent_id)
    return ended


def devices(rows: Rows, agent_id: str, this: str, now_ms: int) -> tuple[SignedInDevice, ...]:
    """The sign-ins of an agent that still last, newest use first."""
    found = rows(
        "SELECT f.id, f.device, f.way, f.created_ms, f.last_ms, f.address FROM token_families f"
        " WHERE f.agent_id = ? AND f.revoked_ms IS NULL"
        " AND EXISTS (SELECT 1 FROM tokens t WHERE t.family_id = f.id AND t.expires_ms > ?)"
        " ORDER BY f.last_ms DESC, f.id LIMIT ?",
        (agent_id, now_ms, MAX_DEVICES),
    )
    return tuple(
        SignedInDevice(
            device_id=family,
            name=name,
            way=way,
            first_ms=created_ms,
            last_ms=last_ms or created_ms,
            address=address,
            this=family == this,
        )
        for family, name, way, created_ms, last_ms, address in found
    )


def known_address(rows: Rows, agent_id: str, address: str) -> bool:
    """Whether the agent is signed in from there now."""
    where = "SELECT 1 FROM token_families WHERE agent_id = ? AND address = ? AND revoked_ms IS NULL LIMIT 1"
    return bool(rows(where, (agent_id, address)))


def lasts(rows: Rows, family: str) -> bool:
    """Whether a sign-in has not been ended."""
    return bool(rows("SELECT 1 FROM token_families WHERE id = ? AND revoked_ms IS NULL", (family,)))


def _make(tx: Transaction, family: str, kind: TokenKind, generation: int, expires_ms: int) -> str:
    token = secrets.token_urlsafe(32)
    tx.run(
        "INSERT INTO tokens (digest, family_id, kind, generation, expires_ms) VALUES (?,?,?,?,?)",
        (_digest(token), family, kind, generation, expires_ms),
    )
    return token


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
