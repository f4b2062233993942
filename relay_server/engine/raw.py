"""Raw statements on either side of the journal: the same query serves a unit of work and a snapshot."""

from collections.abc import Callable, Sequence
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
