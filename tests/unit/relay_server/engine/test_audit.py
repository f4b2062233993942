"""The audit chain holds, and shows where it was touched."""

import sqlite3
from pathlib import Path

import pytest

from relay_server.engine import audit
from relay_server.engine.bus_local import LocalBus
from relay_server.engine.journal_sqlite import open_journal
from relay_server.engine.sqlite_file import close, connect, core
from tests.relay_store import empty_store


@pytest.fixture
async def path(tmp_path: Path) -> Path:
    path = empty_store(tmp_path)
    async with open_journal(path, LocalBus()) as journal:
        for n in range(5):
            await journal.write(lambda tx, n=n: audit.record(tx, f"agent{n}", "signed_in", "family", "a,b"))
    return path


def verdict(path: Path) -> int | audit.Broken:
    sql = core(connect(path, read_only=True))
    try:
        return audit.verify(sql)
    finally:
        close(sql)


def test_an_untouched_chain_holds(path: Path) -> None:
    assert verdict(path) == 5


def tamper(path: Path, *changes: str) -> None:
    db = sqlite3.connect(path)
    for verb in ("update", "delete"):
        db.execute(f"DROP TRIGGER audit_no_{verb}")
    for change in changes:
        db.execute(change)
    db.commit()
    db.close()


@pytest.mark.parametrize(
    ("changes", "row"),
    [
        (("UPDATE audit SET at_ms = at_ms + 1 WHERE id = 3",), 3),
        (("UPDATE audit SET actor = 'another' WHERE id = 3",), 3),
        (("UPDATE audit SET action = 'signed_out' WHERE id = 3",), 3),
        (("UPDATE audit SET subject = '' WHERE id = 3",), 3),
        (("UPDATE audit SET detail = 'a,c' WHERE id = 3",), 3),
        (("UPDATE audit SET previous = digest WHERE id = 3",), 3),
        (("UPDATE audit SET digest = previous WHERE id = 3",), 3),
        (("UPDATE audit SET id = 99 WHERE id = 3",), 4),
        (("UPDATE audit SET at_ms = at_ms + 1 WHERE id = 5",), 5),
        (("DELETE FROM audit WHERE id = 2",), 3),
        (("DELETE FROM audit WHERE id = 1",), 2),
        (("INSERT INTO audit SELECT 6, at_ms, actor, action, subject, detail, digest, digest FROM audit LIMIT 1",), 6),
        (
            ("INSERT INTO audit SELECT 6, at_ms, actor, action, subject, detail, previous, digest FROM audit LIMIT 1",),
            6,
        ),
        (
            (
                "UPDATE audit SET id = 99 WHERE id = 2",
                "UPDATE audit SET id = 2 WHERE id = 3",
                "UPDATE audit SET id = 3 WHERE id = 99",
            ),
            2,
        ),
    ],
)
def test_a_touched_chain_breaks_there(path: Path, changes: tuple[str, ...], row: int) -> None:
    tamper(path, *changes)
    assert verdict(path) == audit.Broken(row)


def examined(path: Path, *kept: audit.Anchor) -> audit.Held | audit.Broken:
    sql = core(connect(path, read_only=True))
    try:
        return audit.examine(sql, kept)
    finally:
        close(sql)


def test_rows_cut_off_the_end_are_seen_against_a_kept_digest(path: Path) -> None:
    held = examined(path)
    assert isinstance(held, audit.Held)
    assert (held.rows, held.head.row_id) == (5, 5)
    assert examined(path, held.head) == held
    tamper(path, "DELETE FROM audit WHERE id > 3")
    assert verdict(path) == 3
    assert examined(path, held.head) == audit.Broken(5, kept=True)


async def test_a_chain_written_anew_is_seen_against_a_kept_digest(path: Path) -> None:
    held = examined(path)
    assert isinstance(held, audit.Held)
    tamper(path, "DELETE FROM audit")
    async with open_journal(path, LocalBus()) as journal:
        for n in range(6):
            await journal.write(lambda tx, n=n: audit.record(tx, f"other{n}", "signed_in"))
    assert verdict(path) == 6
    assert examined(path, held.head) == audit.Broken(5, kept=True)


@pytest.mark.parametrize(
    "change", ["UPDATE audit SET actor = 'x'", "DELETE FROM audit", "DELETE FROM audit WHERE id = 1"]
)
def test_the_table_itself_refuses_changes(path: Path, change: str) -> None:
    db = sqlite3.connect(path)
    with pytest.raises(sqlite3.IntegrityError, match="audit is append-only"):
        db.execute(change)
    db.close()


def test_fields_cannot_be_shifted_into_each_other() -> None:
    assert audit.digest_of(audit.GENESIS, 1, "a", "bc", "", "") != audit.digest_of(audit.GENESIS, 1, "ab", "c", "", "")
