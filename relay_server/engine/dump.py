"""A store's rows, engine aside: every table in the order of its key, in pages, from one snapshot.

The same rows in the same order have the same digest whichever engine holds them: text keys are compared by their bytes
on both. A table is described by what the store says of itself, so a dump of an older schema is one of that schema.
"""

import hashlib
from collections.abc import Iterator, Sequence
from typing import Any, Final

import msgspec
from msgspec import Struct
from sqlalchemy import Connection, MetaData, Table, inspect, select, tuple_

PAGE: Final = 500
"""Rows in a page at most; an event has 64 KiB at most."""
_BOOKKEEPING: Final = frozenset({"alembic_version", "sqlite_sequence", "sqlite_stat1"})
Rows = list[list[Any]]


class Shape(Struct, frozen=True):
    """A table as the store has it."""

    name: str
    columns: tuple[str, ...]
    key: tuple[str, ...]


class Sum(Struct, frozen=True):
    """How many rows a table has, and the SHA-256 (hex) over them."""

    rows: int
    digest: str


def shapes(sql: Connection) -> tuple[Shape, ...]:
    """Every table with rows of ours, by name."""
    looks = inspect(sql)
    names = sorted(set(looks.get_table_names()) - _BOOKKEEPING)
    found: list[Shape] = []
    for name in names:
        key = tuple(looks.get_pk_constraint(name)["constrained_columns"])
        found.append(Shape(name, tuple(each["name"] for each in looks.get_columns(name)), key))
    return tuple(found)


def table_of(sql: Connection, shape: Shape) -> Table:
    """The table for statements, with the types the store gives its columns."""
    return Table(shape.name, MetaData(), autoload_with=sql, resolve_fks=False)


def pages(sql: Connection, shape: Shape) -> Iterator[Rows]:
    """The rows, `PAGE` at a time, in the order of the key. Needs a snapshot that stands still."""
    table = table_of(sql, shape)
    columns = [table.c[name] for name in shape.columns]
    key = [table.c[name] for name in shape.key]
    places = [shape.columns.index(name) for name in shape.key]
    query = select(*columns).order_by(*key).limit(PAGE)
    page = [list(row) for row in sql.execute(query)]
    while page:
        yield page
        last = [page[-1][place] for place in places]
        page = [list(row) for row in sql.execute(query.where(tuple_(*key) > tuple_(*last)))]


class Summing:
    """Adds rows up as they go by."""

    def __init__(self) -> None:
        self._digest = hashlib.sha256()
        self._rows = 0

    def add(self, rows: Sequence[Sequence[Any]]) -> None:
        """Rows in the order of the key."""
        for row in rows:
            self._digest.update(msgspec.msgpack.encode(row))
        self._rows += len(rows)

    def result(self) -> Sum:
        """Of all so far."""
        return Sum(self._rows, self._digest.hexdigest())


def sums(sql: Connection) -> dict[str, Sum]:
    """Every table added up."""
    found: dict[str, Sum] = {}
    for shape in shapes(sql):
        adding = Summing()
        for page in pages(sql, shape):
            adding.add(page)
        found[shape.name] = adding.result()
    return found
