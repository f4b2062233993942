"""Filling an empty SQLite store with rows that were dumped: all of them in one transaction, proved afterwards."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, Table, insert
from sqlalchemy import text as statement

from relay_server.engine import dump
from relay_server.engine.dump import Rows, Shape, Sum
from relay_server.engine.sqlite_file import close, connect, core
from shared.common.errors import ThreelineError

_FAULTS: Final = 5


class LoadError(ThreelineError):
    """What was loaded is not what was dumped; the text says how."""


class SqliteLoader:
    """Made by `open_sqlite_loader`."""

    def __init__(self, sql: Connection) -> None:
        self._sql = sql
        self._tables: dict[str, tuple[Table, Shape]] = {
            each.name: (dump.table_of(sql, each), each) for each in dump.shapes(sql)
        }

    def shapes(self) -> tuple[Shape, ...]:
        """The tables that are to be filled."""
        return tuple(shape for _, shape in self._tables.values())

    def add(self, shape: Shape, rows: Rows) -> None:
        """Adds rows of a table. Raises LoadError when the store has no such table."""
        known = self._tables.get(shape.name)
        if known is None or set(known[1].columns) != set(shape.columns):
            raise LoadError(f"table {shape.name} is another one here")
        self._sql.execute(insert(known[0]), [dict(zip(shape.columns, row, strict=True)) for row in rows])

    def prove(self, expected: dict[str, Sum]) -> None:
        """Every table has the rows it had, and every reference leads somewhere. Raises LoadError."""
        found = dump.sums(self._sql)
        wrong = sorted(name for name in found.keys() | expected.keys() if found.get(name) != expected.get(name))
        if wrong:
            raise LoadError(f"rows differ: {', '.join(wrong)}")
        faults = [f"{row[0]} {row[1]}" for row in self._sql.execute(statement("PRAGMA foreign_key_check"))]
        faults += [str(row[0]) for row in self._sql.execute(statement("PRAGMA integrity_check(5)")) if row[0] != "ok"]
        if faults:
            raise LoadError("; ".join(faults[:_FAULTS]))


@contextmanager
def open_sqlite_loader(path: Path) -> Generator[SqliteLoader]:
    """Over an empty store that has the schema of the dump. Committed at the end, or nothing is there."""
    db = connect(path)
    sql = core(db)
    try:
        db.execute("PRAGMA foreign_keys = OFF")  # rows come table by table; `prove` looks afterwards
        db.execute("BEGIN IMMEDIATE")
        yield SqliteLoader(sql)
        db.execute("COMMIT")
    finally:
        if db.in_transaction:
            db.execute("ROLLBACK")
        close(sql)
