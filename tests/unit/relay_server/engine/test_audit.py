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


@pytest.mark.parametrize(
    ("change", "row"),
    [
        ("UPDATE audit SET actor = 'another' WHERE id = 3", 3),
        ("UPDATE audit SET at_ms = at_ms + 1 WHERE id = 5", 5),
        ("DELETE FROM audit WHERE id = 2", 3),
        ("DELETE FROM audit WHERE id = 1", 2),
    ],
)
def test_a_touched_chain_breaks_there(path: Path, change: str, row: int) -> None:
    db = sqlite3.connect(path)
    for verb in ("update", "delete"):
        db.execute(f"DROP TRIGGER audit_no_{verb}")
    db.execute(change)
    db.commit()
    db.close()
    assert verdict(path) == audit.Broken(row)


def test_fields_cannot_be_shifted_into_each_other() -> None:
    assert audit.digest_of(audit.GENESIS, 1, "a", "bc", "", "") != audit.digest_of(audit.GENESIS, 1, "ab", "c", "", "")
