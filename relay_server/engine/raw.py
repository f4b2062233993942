"""Raw statements on either side of the journal: the same query serves a unit of work and a snapshot."""

from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import Final

from sqlalchemy import Connection

from relay_server.engine.journal import Row
from relay_server.engine.portable import numbered

ROWS: Final = "threeline_rows"
"""Where a connection's `info` keeps a shorter way than through Core, when there is one."""
Rows = Callable[[str, Sequence[object]], list[Row]]
"""Runs a statement with `?` parameters; `Transaction.rows` is one."""


def rows_of(sql: Connection) -> Rows:
    """The same for a snapshot's connection, on either engine."""
    shorter: Rows | None = sql.info.get(ROWS)
    if shorter is not None:
        return shorter
    written = numbered if sql.dialect.name == "postgresql" else str

    def rows(statement: str, parameters: Sequence[object]) -> list[Row]:
        return [tuple(row) for row in sql.exec_driver_sql(written(statement), tuple(parameters))]

    return rows


def first(found: list[Row]) -> Row | None:
    """The first row, if any."""
    return found[0] if found else None


# Many rows to a statement: what each step of a statement costs is paid once for all of them. An engine that runs in
# another thread gives the interpreter's lock back only for as many steps as there are statements.

Run = Callable[[str, Sequence[object]], int]
"""Carries out a statement with `?` parameters; `Transaction.run` is one."""
Shape = tuple[str, str, str]
"""A statement over many rows: what stands before the rows, one row, what stands after them."""
EACH: Final = " UNION ALL "
"""Between rows that are queries of their own."""
_AT_ONCE: Final = (128, 32, 8, 2, 1)
"""Rows in a statement: few sizes, so that each is prepared once."""


def write_rows(run: Run, shape: Shape, rows: Sequence[Row]) -> None:
    """Carries out a statement over all rows, in chunks."""
    for chunk in _chunks(rows):
        run(_statement(shape, len(chunk)), [value for row in chunk for value in row])


def read_rows(read: Rows, shape: Shape, rows: Sequence[Row], between: str = ",") -> list[Row]:
    """What a query over all rows finds."""
    return [
        found
        for chunk in _chunks(rows)
        for found in read(_statement(shape, len(chunk), between), [value for row in chunk for value in row])
    ]


def _chunks(rows: Sequence[Row]) -> Iterable[Sequence[Row]]:
    done = 0
    while left := len(rows) - done:
        size = next(each for each in _AT_ONCE if each <= left)
        yield rows[done : done + size]
        done += size


@cache
def _statement(shape: Shape, count: int, between: str = ",") -> str:
    head, row, tail = shape
    return head + between.join([row] * count) + tail
