"""Brings a store to the schema of this build.

Alembic is loaded only when there is something to do: a relay that starts on a store of its own age does without it.
Before an SQLite store is changed a copy of it is put beside it (`<file>.before-<revision>`): the way back.
"""

from pathlib import Path
from typing import Final

from sqlalchemy import Connection, inspect
from sqlalchemy import text as statement

from relay_server.engine import traces
from relay_server.engine.sqlite_file import close, connect, core
from shared.common.errors import ConfigError

NEWEST: Final = "0008"
"""The revision this build is made for."""
_ZEROES_SINCE: Final = "0004"
"""Builds before did not write zeros over what they replaced."""


class StoreNewer(ConfigError):
    """The store was changed by a later build: `found` is its revision, `wanted` the newest that is known here."""

    def __init__(self, found: str) -> None:
        super().__init__(f"schema {found}, {NEWEST} is the newest known", found=found, wanted=NEWEST)


def upgrade(path: Path) -> None:
    """Makes the file if it is not there and runs what is missing; all of it or, on a fault, nothing.

    Raises StoreNewer.
    """
    found = _found(path)
    if found == NEWEST:
        return
    refuse_newer(found)
    from relay_server.engine import revisions

    if found is not None:
        traces.copy_before(path, NEWEST)
    revisions.run(path)
    if found is not None and found < _ZEROES_SINCE:
        traces.rewrite(path)


def refuse_newer(found: str | None) -> None:
    """Raises StoreNewer."""
    if found is not None and is_newer(found):
        raise StoreNewer(found)


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
