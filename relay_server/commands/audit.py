"""`threeline-relay audit`: the chain verified against digests kept elsewhere, listed, written out."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, select

from relay_server.app import Adapters
from relay_server.commands.store import CommandRefused, opened, settled
from relay_server.engine import audit
from relay_server.engine.audit import Anchor, Broken, Held
from relay_server.engine.schema import events
from relay_server.settings import Settings

_MAX_LINE: Final = 200
_PAGE: Final = 1000


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rows to list; empty: whatever."""

    actor: str = ""
    action: str = ""
    subject: str = ""
    limit: int = 50


async def verify(settings: Settings, adapters: Adapters, against: Path | None) -> Held | Broken:
    """Walks the chain. Reads only. Raises CommandRefused (`anchor_bad`) for a file that holds no digests."""
    kept = read_anchors(against) if against else ()
    async with opened(settings, adapters) as journal:
        return await journal.read(lambda sql: audit.examine(sql, kept))


def read_anchors(path: Path) -> tuple[Anchor, ...]:
    """What `append_anchor` wrote: one line each, `row digest time`. Raises CommandRefused."""
    anchors: list[Anchor] = []
    with path.open("r", encoding="ascii", errors="replace") as file:
        for line in file:
            row_id, _, rest = line[:_MAX_LINE].partition(" ")
            digest = rest.split(" ")[0].strip()
            if not row_id.isdecimal() or len(digest) != len(audit.GENESIS):
                raise CommandRefused("anchor_bad", path=str(path))
            anchors.append(Anchor(int(row_id), digest))
    return tuple(anchors)


def append_anchor(path: Path, head: Anchor, now: datetime) -> None:
    """Adds the digest of the newest row to a file that belongs somewhere else, so that rows cut off later are seen."""
    with path.open("a", encoding="ascii") as file:
        file.write(f"{head.row_id} {head.digest} {now.astimezone(UTC).isoformat(timespec='seconds')}\n")


async def newest(settings: Settings, adapters: Adapters, wanted: Wanted) -> list[str]:
    """The newest rows that fit, the oldest of them first, as lines."""
    query = select(events.audit).order_by(events.audit.c.id.desc()).limit(wanted.limit)
    for column, value in (
        (events.audit.c.actor, wanted.actor),
        (events.audit.c.action, wanted.action),
        (events.audit.c.subject, wanted.subject),
    ):
        query = query.where(column == value) if value else query
    async with opened(settings, adapters) as journal:
        found = await journal.read(lambda sql: sql.execute(query).all())
    return [
        f"{row.id} {_moment(row.at_ms)} {row.actor} {row.action} {row.subject} {row.detail}".rstrip()
        for row in reversed(found)
    ]


async def export(settings: Settings, adapters: Adapters, target: Path) -> int:
    """Writes every row as a line of JSON, digests too, to a new file; how many. The export itself is the last row."""

    def work(sql: Connection) -> int:
        with target.open("x", encoding="utf-8") as file:
            target.chmod(0o600)
            count = 0
            for row in _all(sql):
                file.write(row + "\n")
                count += 1
            return count

    async with opened(settings, adapters) as journal:
        settled(await journal.write(lambda tx: audit.record(tx, "cli", "audit_exported")))
        try:
            return await journal.read(work)
        except FileExistsError as error:
            raise CommandRefused("file_exists", path=str(target)) from error


def _all(sql: Connection) -> Iterator[str]:
    at = 0
    query = select(events.audit).order_by(events.audit.c.id).limit(_PAGE)
    while page := sql.execute(query.where(events.audit.c.id > at)).mappings().all():
        for row in page:
            at = row["id"]
            yield json.dumps(dict(row), ensure_ascii=False)


def _moment(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms / 1000, UTC).isoformat(sep=" ", timespec="seconds")
