"""Keys of the outside interface: made once, shown once, kept as SHA-256, always with an end.

A key is a name with scopes; what its owner holds is a secret. While it is rotated two secrets are good.
"""

import hashlib
import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, cast

from relay_server.engine import audit
from relay_server.engine.journal import Row, Transaction
from relay_server.engine.raw import Rows, first
from relay_server.identity.actors import KeyActor
from relay_server.identity.scopes import SCOPES, Scope
from shared.common.ids import new_id
from shared.protocol.frames import Refused

DAYS_MAX: Final = 366
SECRETS_MAX: Final = 2
"""Good at a time."""
KEYS_MAX: Final = 500
NAME_MAX: Final = 60
_MARK: Final = "tlk_"
_USED_EVERY_MS: Final = 60_000
"""The last use is written this often at most, so that reading costs no writes."""
_DAY_MS: Final = 24 * 3_600_000


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key, live or revoked (`revoked_ms` is 0 for a live one)."""

    key_id: str
    name: str
    scopes: tuple[Scope, ...]
    created_ms: int
    revoked_ms: int


@dataclass(frozen=True, slots=True)
class ApiSecret:
    """One secret of a key: what is seen of it, and how long it is good."""

    prefix: str
    created_ms: int
    expires_ms: int
    last_used_ms: int


@dataclass(frozen=True, slots=True)
class Made:
    """A new secret; nobody can ask for it again."""

    key: ApiKey
    secret: str
    expires_ms: int


@dataclass(frozen=True, slots=True)
class Found:
    """Whom a secret stands for; `note_use`: the last use is to be written again."""

    actor: KeyActor
    digest: str
    note_use: bool


def create(tx: Transaction, name: str, scopes: Sequence[Scope], days: int) -> Made | Refused:
    """Refused: `form_invalid` (names the field), `already_exists` (a live key of that name), `store_full`."""
    if not 1 <= len(name.strip()) <= NAME_MAX:
        return Refused(code="form_invalid", params={"fields": "name"})
    if not scopes or not set(scopes) <= set(SCOPES):
        return Refused(code="form_invalid", params={"fields": "scopes"})
    if live(tx.rows, name.strip()) is not None:
        return Refused(code="already_exists", params={"name": name.strip()})
    if len(listed(tx.rows)) >= KEYS_MAX:
        return Refused(code="store_full")
    chosen: tuple[Scope, ...] = tuple(each for each in SCOPES if each in scopes)
    key = ApiKey(new_id(), name.strip(), chosen, tx.now_ms, 0)
    tx.run(
        "INSERT INTO api_keys (id, name, scopes, created_ms, revoked_ms) VALUES (?,?,?,?,0)",
        (key.key_id, key.name, json.dumps(chosen), tx.now_ms),
    )
    made = _add_secret(tx, key, days)
    if not isinstance(made, Refused):
        audit.record(tx, "cli", "api_key_created", key.key_id, f"{key.name}: {' '.join(chosen)}")
    return made


def rotate(tx: Transaction, name: str, days: int, overlap_h: int) -> Made | Refused:
    """A second secret; the older one ends after `overlap_h` hours. Refused: `not_found`, `form_invalid`,
    `already_exists` (two are good already)."""
    key = live(tx.rows, name)
    if key is None:
        return Refused(code="not_found")
    good = [each for each in secrets_of(tx.rows, key.key_id) if each.expires_ms > tx.now_ms]
    if len(good) >= SECRETS_MAX:
        return Refused(code="already_exists", params={"name": name})
    end_ms = tx.now_ms + overlap_h * 3_600_000
    tx.run("UPDATE api_secrets SET expires_ms = ? WHERE key_id = ? AND expires_ms > ?", (end_ms, key.key_id, end_ms))
    made = _add_secret(tx, key, days)
    if not isinstance(made, Refused):
        audit.record(tx, "cli", "api_key_rotated", key.key_id, key.name)
    return made


def revoke(tx: Transaction, name: str) -> ApiKey | Refused:
    """Every secret of the key is worth nothing from now on, on every node. Refused: `not_found`."""
    key = live(tx.rows, name)
    if key is None:
        return Refused(code="not_found")
    tx.run("UPDATE api_keys SET revoked_ms = ? WHERE id = ?", (tx.now_ms, key.key_id))
    audit.record(tx, "cli", "api_key_revoked", key.key_id, key.name)
    return key


def find(rows: Rows, secret: str, now_ms: int) -> Found | Refused:
    """Refused: `sign_in_first` (no key of ours), `token_revoked`, `token_expired`."""
    digest = digest_of(secret)
    found = first(
        rows(
            "SELECT k.id, k.name, k.scopes, k.revoked_ms, s.expires_ms, s.last_used_ms FROM api_secrets s"
            " JOIN api_keys k ON k.id = s.key_id WHERE s.digest = ?",
            (digest,),
        )
    )
    if found is None:
        return Refused(code="sign_in_first")
    key_id, name, scopes, revoked_ms, expires_ms, last_used_ms = found
    if revoked_ms:
        return Refused(code="token_revoked")
    if now_ms >= expires_ms:
        return Refused(code="token_expired")
    return Found(KeyActor(key_id, name, _scopes(scopes)), digest, now_ms - last_used_ms >= _USED_EVERY_MS)


def note_use(tx: Transaction, digest: str) -> None:
    """It was used now."""
    tx.run("UPDATE api_secrets SET last_used_ms = ? WHERE digest = ?", (tx.now_ms, digest))


def forget_answers(tx: Transaction) -> None:
    """What creations answered may hold what is to be erased. A resend after this makes anew."""
    tx.run("DELETE FROM api_answers")


def live(rows: Rows, name: str) -> ApiKey | None:
    """The key of that name or id that was not revoked."""
    return next((each for each in listed(rows) if not each.revoked_ms and name in (each.name, each.key_id)), None)


def listed(rows: Rows) -> list[ApiKey]:
    """Every key there ever was, the oldest first."""
    found = rows("SELECT id, name, scopes, created_ms, revoked_ms FROM api_keys ORDER BY id", ())
    return [_key(row) for row in found]


def secrets_of(rows: Rows, key_id: str) -> list[ApiSecret]:
    """What is known of a key's secrets, the oldest first."""
    found = rows(
        "SELECT prefix, created_ms, expires_ms, last_used_ms FROM api_secrets WHERE key_id = ? ORDER BY created_ms",
        (key_id,),
    )
    return [ApiSecret(*row) for row in found]


def digest_of(secret: str) -> str:
    """How a secret is kept: 32 random bytes need no slow hash."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _add_secret(tx: Transaction, key: ApiKey, days: int) -> Made | Refused:
    if not 1 <= days <= DAYS_MAX:
        return Refused(code="form_invalid", params={"fields": "days"})
    prefix = _MARK + secrets.token_hex(4)
    secret = f"{prefix}_{secrets.token_urlsafe(32)}"
    expires_ms = tx.now_ms + days * _DAY_MS
    tx.run(
        "INSERT INTO api_secrets (digest, key_id, prefix, created_ms, expires_ms, last_used_ms) VALUES (?,?,?,?,?,0)",
        (digest_of(secret), key.key_id, prefix, tx.now_ms, expires_ms),
    )
    return Made(key, secret, expires_ms)


def _key(row: Row) -> ApiKey:
    key_id, name, scopes, created_ms, revoked_ms = row
    return ApiKey(key_id, name, _scopes(scopes), created_ms, revoked_ms)


def _scopes(text: str) -> tuple[Scope, ...]:
    """Scopes that this build no longer knows give no right."""
    named = cast("list[str]", json.loads(text))
    return tuple(each for each in SCOPES if each in named)
