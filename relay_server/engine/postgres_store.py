"""A relay's store in a PostgreSQL database."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Final, TypeVar

from sqlalchemy import Connection
from sqlalchemy import text as statement
from sqlalchemy.util import greenlet_spawn

from relay_server.engine.bus import Bus
from relay_server.engine.journal import Journal
from relay_server.engine.journal_postgres import open_journal
from relay_server.engine.migrate import NEWEST, refuse_newer, revision_of
from relay_server.engine.postgres_link import PostgresAddress, in_turn, opened
from shared.common.errors import ConfigError

T = TypeVar("T")
OLDEST: Final = 14
"""The oldest PostgreSQL that this schema and its statements are written for."""
_BY_BYTES: Final = "SELECT 'B' < 'a' AND 'a-c' < 'ab' AND 'z' < 'é'"


class PostgresStore:
    """See `Store`."""

    def __init__(self, address: PostgresAddress) -> None:
        self._address = address

    def open(self, bus: Bus) -> AbstractAsyncContextManager[Journal]:
        """The journal in the database."""
        return open_journal(self._address, bus)

    async def upgrade(self) -> None:
        """Several relays may start at once: one works, the others wait and see."""
        async with opened(self._address) as (db, sql):
            found = await greenlet_spawn(revision_of, sql)
            if found == NEWEST:
                return
            refuse_newer(found)
            from relay_server.engine import revisions

            await greenlet_spawn(_require_fit, sql)
            async with in_turn(db):
                await greenlet_spawn(revisions.run_on, sql)

    async def look(self, work: Callable[[Connection], T]) -> T:
        """Runs `work` on the database."""
        async with opened(self._address) as (_, sql):
            return await greenlet_spawn(work, sql)

    async def faults(self) -> list[str]:
        """Checksums that failed, indexes and constraints that do not hold; `pg_amcheck` looks deeper."""
        return await self.look(_faults)


def _require_fit(sql: Connection) -> None:
    """Texts are compared byte by byte on both engines, so that both order and find the same."""
    version: int = sql.execute(statement("SELECT current_setting('server_version_num')::int / 10000")).scalar_one()
    if version < OLDEST:
        raise ConfigError(f"store_url: PostgreSQL {OLDEST} or newer is wanted, not {version}")
    if not sql.execute(statement(_BY_BYTES)).scalar_one():
        raise ConfigError(
            "store_url: the database orders texts by a language;"
            " make it with: createdb --template=template0 --encoding=UTF8 --locale=C"
        )


def _faults(sql: Connection) -> list[str]:
    looks = (
        "SELECT 'checksum failures: ' || checksum_failures FROM pg_stat_database"
        " WHERE datname = current_database() AND checksum_failures > 0",
        "SELECT 'index ' || indexrelid::regclass FROM pg_index WHERE NOT indisvalid",
        "SELECT 'constraint ' || conname FROM pg_constraint WHERE NOT convalidated",
    )
    return [str(row[0]) for look in looks for row in sql.execute(statement(look))][:5]
