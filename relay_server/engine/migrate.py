"""Brings a store to the schema of this build.

Alembic is loaded only when there is something to do: a relay that starts on a store of its own age does without it.
"""

from pathlib import Path
from typing import Final

from sqlalchemy import Connection, inspect
from sqlalchemy import text as statement

from relay_server.engine.sqlite_file import close, connect, core

NEWEST: Final = "0006"
"""The revision this build is made for."""


def upgrade(path: Path) -> None:
    """Makes the file if it is not there and runs what is missing; all of it or, on a fault, nothing."""
    if _found(path) == NEWEST:
        return
    from relay_server.engine import revisions

    revisions.run(path)


def is_newer(revision: str) -> bool:
    """Whether a later build than this one made it: revisions are numbered."""
    return revision > NEWEST


def revision_of(sql: Connection) -> str | None:
    """The revision of an open store; None for an empty one."""
    if not inspect(sql).has_table("alembic_version"):
        return None
    return sql.execute(statement("SELECT version_num FROM alembic_version")).scalar_one_or_none()


def _found(path: Path) -> str | None:
    sql = core(connect(path))
    try:
        return revision_of(sql)
    finally:
        close(sql)
