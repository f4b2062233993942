"""A relay's store in one SQLite file."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Connection
from sqlalchemy import text as statement

from relay_server.engine import migrate
from relay_server.engine.bus import Bus
from relay_server.engine.journal import Journal
from relay_server.engine.journal_sqlite import open_journal
from relay_server.engine.sqlite_file import close, connect, core

T = TypeVar("T")


class SqliteStore:
    """See `Store`."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def open(self, bus: Bus) -> AbstractAsyncContextManager[Journal]:
        """The journal in the file."""
        return open_journal(self._path, bus)

    async def upgrade(self) -> None:
        """Makes the file, readable to nobody else, if it is not there."""
        await asyncio.to_thread(migrate.upgrade, self._path)
        self._path.chmod(0o600)

    async def look(self, work: Callable[[Connection], T]) -> T:
        """Runs `work` on the file, which must be there."""
        return await asyncio.to_thread(self._look, work)

    async def faults(self) -> list[str]:
        """Pages and rows that contradict each other, references that lead nowhere."""
        return await self.look(_faults)

    def _look(self, work: Callable[[Connection], T]) -> T:
        sql = core(connect(self._path, read_only=True))
        try:
            return work(sql)
        finally:
            close(sql)


def _faults(sql: Connection) -> list[str]:
    faults = [str(row[0]) for row in sql.execute(statement("PRAGMA integrity_check(5)")) if row[0] != "ok"]
    strays = [f"{row[0]} {row[1]}" for row in sql.execute(statement("PRAGMA foreign_key_check"))]
    return (faults + strays)[:5]
