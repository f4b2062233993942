"""Who did what that somebody may ask about later: append-only rows, each holding the hash of the one before."""

import hashlib
import json
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, select

from relay_server.engine.journal import Transaction
from relay_server.engine.schema.events import audit

GENESIS: Final = "0" * 64


@dataclass(frozen=True, slots=True)
class Broken:
    """The chain does not hold at this row."""

    row_id: int


def digest_of(previous: str, at_ms: int, actor: str, action: str, subject: str, detail: str) -> str:
    """SHA-256 (hex) over the row before and this row's fields as a JSON array."""
    words = json.dumps([previous, at_ms, actor, action, subject, detail], ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(words.encode()).hexdigest()


def record(tx: Transaction, actor: str, action: str, subject: str = "", detail: str = "") -> None:
    """Adds a row. `actor` is a person's id, `cli` or an address; no secrets, no chat text."""
    last = tx.row("SELECT id, digest FROM audit ORDER BY id DESC LIMIT 1")
    number, previous = last or (0, GENESIS)
    digest = digest_of(previous, tx.now_ms, actor, action, subject, detail)
    tx.run(
        "INSERT INTO audit (id, at_ms, actor, action, subject, detail, previous, digest) VALUES (?,?,?,?,?,?,?,?)",
        (number + 1, tx.now_ms, actor, action, subject, detail, previous, digest),
    )


def verify(sql: Connection) -> int | Broken:
    """How many rows hold, or where the chain breaks. Rows cut off the end are seen only against a kept digest."""
    previous, count = GENESIS, 0
    for row in sql.execute(select(audit).order_by(audit.c.id)):
        expected = digest_of(previous, row.at_ms, row.actor, row.action, row.subject, row.detail)
        if row.previous != previous or row.digest != expected or row.id != count + 1:
            return Broken(row.id)
        previous, count = row.digest, count + 1
    return count
