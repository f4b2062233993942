"""The migrations lead to the very schema that the tables describe."""

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from relay_server.engine import migrate, revisions
from relay_server.engine.create import create_all
from relay_server.engine.sqlite_file import close, connect, core
from tests.relay_store import empty_store


def described(path: Path) -> dict[str, object]:
    """Everything that matters of a schema, free of how it was written down."""
    db = sqlite3.connect(path)
    try:
        found: dict[str, object] = {}
        master = "SELECT type, name, tbl_name, sql FROM sqlite_master WHERE name NOT LIKE 'alembic%'"
        for kind, name, table, sql in db.execute(master).fetchall():
            if table == "alembic_version" or name.startswith("sqlite_"):
                continue
            words = " ".join(str(sql).split())
            if kind != "table":
                found[name] = words
                continue
            found[name] = (
                sorted(db.execute(f"PRAGMA table_xinfo({name})").fetchall()),
                sorted(row[2:] for row in db.execute(f"PRAGMA foreign_key_list({name})").fetchall()),
                sorted(row[1:] for row in db.execute(f"PRAGMA index_list({name})").fetchall() if row[3] != "c"),
                words.upper().endswith("WITHOUT ROWID"),
            )
        return found
    finally:
        db.close()


def test_migrated_is_what_the_tables_say(tmp_path: Path) -> None:
    create_all(tmp_path / "created.sqlite3")
    created, migrated = described(tmp_path / "created.sqlite3"), described(empty_store(tmp_path))
    assert created.keys() == migrated.keys()
    assert {name for name in created if created[name] != migrated[name]} == set()
    assert len(created) > 20


def test_upgrading_twice_changes_nothing(tmp_path: Path) -> None:
    path = empty_store(tmp_path)
    before = described(path)
    migrate.upgrade(path)
    assert described(path) == before


def test_the_store_says_its_revision(tmp_path: Path) -> None:
    sql = core(connect(empty_store(tmp_path)))
    try:
        assert migrate.revision_of(sql) == migrate.NEWEST == revisions.newest()
    finally:
        close(sql)


def test_a_store_that_is_up_to_date_needs_no_alembic(tmp_path: Path) -> None:
    program = (
        "import pathlib, sys, relay_server.__main__\n"
        "from relay_server.engine import migrate\n"
        f"migrate.upgrade(pathlib.Path({str(empty_store(tmp_path))!r}))\n"
        "print('alembic' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=30)
    assert done.stdout == "False\n"


def test_a_revision_that_fails_leaves_nothing(tmp_path: Path) -> None:
    path = tmp_path / "broken.sqlite3"
    db = sqlite3.connect(path)
    db.execute("CREATE TABLE tickets (in_the_way)")
    db.close()
    with pytest.raises(OperationalError, match="already exists"):
        migrate.upgrade(path)
    assert set(described(path)) == {"tickets"}
