"""Who did what that somebody may ask about later: append-only rows, each holding the hash of the one before."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import takewhile
from typing import Final

from sqlalchemy import Connection, select

from relay_server.engine.journal import Transaction
from relay_server.engine.schema.erasures import audit_cuts
from relay_server.engine.schema.events import audit

GENESIS: Final = "0" * 64
_PAGE: Final = 2000


@dataclass(frozen=True, slots=True)
class Broken:
    """The chain does not hold at this row; or, with `kept`, the row is not the one whose digest was kept elsewhere."""

    row_id: int
    kept: bool = False


@dataclass(frozen=True, slots=True)
class Anchor:
    """A row and its digest, as kept somewhere else."""

    row_id: int
    digest: str


@dataclass(frozen=True, slots=True)
class Held:
    """The chain holds from the row after `cut` to `head`. `untold` kept digests are of rows that were cut since."""

    rows: int
    head: Anchor
    cut: Anchor
    untold: int = 0


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
    held = examine(sql)
    return held if isinstance(held, Broken) else held.rows


def examine(sql: Connection, kept: Iterable[Anchor] = ()) -> Held | Broken:
    """Walks the chain from its old end, a page at a time, and compares it with digests kept elsewhere."""
    anchors = {each.row_id: each.digest for each in kept}
    cut = last_cut(sql)
    if anchors.get(cut.row_id, cut.digest) != cut.digest:
        return Broken(cut.row_id, kept=True)
    at, count = cut, 0
    while page := sql.execute(select(audit).where(audit.c.id > at.row_id).order_by(audit.c.id).limit(_PAGE)).all():
        for row in page:
            expected = digest_of(at.digest, row.at_ms, row.actor, row.action, row.subject, row.detail)
            if row.previous != at.digest or row.digest != expected or row.id != at.row_id + 1:
                return Broken(row.id)
            if anchors.get(row.id, row.digest) != row.digest:
                return Broken(row.id, kept=True)
            at, count = Anchor(row.id, row.digest), count + 1
    lost = [row_id for row_id in anchors if row_id > at.row_id]
    if lost:
        return Broken(min(lost), kept=True)
    return Held(count, at, cut, sum(row_id < cut.row_id for row_id in anchors))


def last_cut(sql: Connection) -> Anchor:
    """The last row that was taken away, or what stands before the first."""
    found = sql.execute(select(audit_cuts).order_by(audit_cuts.c.row_id.desc()).limit(1)).first()
    return Anchor(found.row_id, found.digest) if found else Anchor(0, GENESIS)


def cut(tx: Transaction, before_ms: int, limit: int) -> int:
    """Takes the oldest rows away, as far as all of them are older; how many. What was taken is on record."""
    oldest = tx.rows("SELECT id, at_ms, digest FROM audit ORDER BY id LIMIT ?", (limit,))
    old = list(takewhile(lambda row: row[1] < before_ms, oldest))
    if not old:
        return 0
    row_id, _, digest = old[-1]
    tx.run("INSERT INTO audit_cuts (row_id, digest, at_ms) VALUES (?,?,?)", (row_id, digest, tx.now_ms))
    record(tx, "relay", "audit_cut", str(row_id), digest)
    tx.run("DELETE FROM audit WHERE id <= ?", (row_id,))
    return len(old)
