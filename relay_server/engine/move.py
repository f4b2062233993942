"""An SQLite store's rows into an empty PostgreSQL database: one transaction, page by page, proved before it commits.

Nothing else may write to either meanwhile. References are taken off while rows come table by table and put back
afterwards, so PostgreSQL itself checks every one of them.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import asyncpg
from sqlalchemy import Connection, inspect
from sqlalchemy.util import greenlet_spawn

from relay_server.engine import audit, dump, revisions
from relay_server.engine.dump import Rows, Shape, Sum
from relay_server.engine.load import LoadError
from relay_server.engine.postgres_link import PostgresAddress, in_turn, opened
from relay_server.engine.sqlite_file import close, connect, core

_REFERENCES: Final = (
    "SELECT c.conrelid::regclass::text, quote_ident(c.conname), pg_get_constraintdef(c.oid) FROM pg_constraint c"
    " WHERE c.contype = 'f' AND c.connamespace = current_schema()::regnamespace ORDER BY 1, 2"
)
_COUNTED: Final = (
    "SELECT table_name, column_name FROM information_schema.columns"
    " WHERE table_schema = current_schema()"
    " AND pg_get_serial_sequence(quote_ident(table_name), column_name) IS NOT NULL"
)
_COUNT_ON: Final = "SELECT setval(pg_get_serial_sequence(quote_ident($1), $2), $3)"
_NOT_TAKEN: Final = (asyncpg.PostgresError, asyncpg.InterfaceError, TypeError, ValueError)
"""What the database or its driver raises for a value or a reference that does not fit."""


class NotEmpty(LoadError):
    """The database holds something already; the text names a table."""


async def to_postgres(source: Path, address: PostgresAddress) -> dict[str, Sum]:
    """Moves every row; what each table adds up to on both sides. The source has the schema of this build and stands
    still. Raises NotEmpty, LoadError (nothing was moved then) and ConfigError."""
    sql = core(connect(source, read_only=True))
    try:
        async with opened(address) as (db, target), in_turn(db):
            await greenlet_spawn(_refuse_full, target)
            await greenlet_spawn(revisions.run_on, target)
            expected = await _carry(sql, db, target)
            await greenlet_spawn(_prove, target, expected, _held(sql))
            return expected
    except _NOT_TAKEN as error:
        raise LoadError(f"PostgreSQL does not take it: {error}") from error
    finally:
        close(sql)


def _refuse_full(target: Connection) -> None:
    names = set(inspect(target).get_table_names())
    full = [shape.name for shape in dump.shapes(target) if any(True for _ in dump.pages(target, shape))]
    if full:
        raise NotEmpty(full[0])
    if names and "alembic_version" not in names:
        raise NotEmpty(min(names))


async def _carry(sql: Connection, db: asyncpg.Connection, target: Connection) -> dict[str, Sum]:
    references = [tuple(row) for row in await db.fetch(_REFERENCES)]
    for table, name, _ in references:
        await db.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
    there = {shape.name: shape for shape in await greenlet_spawn(dump.shapes, target)}
    counted = {(row[0], row[1]): 0 for row in await db.fetch(_COUNTED)}
    expected: dict[str, Sum] = {}
    for shape in dump.shapes(sql):
        if shape.name not in there or set(there[shape.name].columns) != set(shape.columns):
            raise LoadError(f"table {shape.name} is another one there")
        expected[shape.name] = await _carry_table(dump.pages(sql, shape), shape, db, counted)
    for (table, column), highest in counted.items():
        if highest:
            await db.execute(_COUNT_ON, table, column, highest)
    for table, name, rule in references:
        await db.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} {rule}")
    return expected


async def _carry_table(
    pages: Iterator[Rows], shape: Shape, db: asyncpg.Connection, counted: dict[tuple[str, str], int]
) -> Sum:
    adding = dump.Summing()
    for page in pages:
        adding.add(page)
        await db.copy_records_to_table(shape.name, records=page, columns=shape.columns)
        for place, column in enumerate(shape.columns):
            if (shape.name, column) in counted:
                highest = max(row[place] for row in page)
                counted[shape.name, column] = max(counted[shape.name, column], highest)
    return adding.result()


def _held(sql: Connection) -> audit.Held:
    held = audit.examine(sql)
    if isinstance(held, audit.Broken):
        raise LoadError(f"the audit chain is broken at row {held.row_id}")
    return held


def _prove(target: Connection, expected: dict[str, Sum], held: audit.Held) -> None:
    found = dump.sums(target)
    wrong = sorted(name for name in found.keys() | expected.keys() if found.get(name) != expected.get(name))
    if wrong:
        raise LoadError(f"rows differ: {', '.join(wrong)}")
    if audit.examine(target) != held:
        raise LoadError("the audit differs")
