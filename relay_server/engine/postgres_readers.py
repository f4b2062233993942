"""Reading from PostgreSQL beside the writer: a few connections, each on a snapshot of its own while it works."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import Final, TypeVar

import asyncpg
from sqlalchemy import Connection
from sqlalchemy.util import await_, greenlet_spawn

from relay_server.engine.journal import PAGE, Row, StoreAway, page_of
from relay_server.engine.portable import numbered
from relay_server.engine.postgres_link import UNCONNECTED, PostgresAddress, connect, core, is_away
from relay_server.engine.raw import ROWS
from shared.protocol.messages.conversations import StreamPage

T = TypeVar("T")
READERS: Final = 4
_IDLE_S: Final = 600.0
"""A snapshot may rest between two statements: a backup writes files meanwhile, and nobody waits for a reader."""
_SNAPSHOT: Final = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
_PAGE: Final = (
    "SELECT s.name, e.seq, e.position, e.at_ms, e.kind, e.body, h.head FROM streams s"
    " JOIN LATERAL (SELECT coalesce(max(seq), 0) AS head FROM events WHERE stream_id = s.id) h ON true"
    " LEFT JOIN LATERAL (SELECT * FROM events WHERE stream_id = s.id AND seq > $2 ORDER BY seq LIMIT $3) e ON true"
    " WHERE s.name = $1 ORDER BY e.seq"
)
_HEADS: Final = (
    "SELECT s.name, h.head FROM streams s"
    " JOIN LATERAL (SELECT max(seq) AS head FROM events WHERE stream_id = s.id) h ON h.head IS NOT NULL"
    " WHERE s.name = ANY($1::text[])"
)


class Reader:
    """One connection."""

    def __init__(self, db: asyncpg.Connection, sql: Connection, stack: AsyncExitStack) -> None:
        self.db = db
        self._sql = sql
        self._stack = stack
        sql.info[ROWS] = self._rows

    async def snapshot(self, work: Callable[[Connection], T]) -> T:
        """Runs `work` in a transaction that only reads."""
        await self.db.execute(_SNAPSHOT)
        try:
            return await greenlet_spawn(work, self._sql)
        finally:
            if not self.db.is_closed():
                await self.db.execute("ROLLBACK")

    async def close(self) -> None:
        """Ends the connection, whatever is left of it."""
        with suppress(*UNCONNECTED):
            await self._stack.aclose()

    def _rows(self, statement: str, parameters: Sequence[object]) -> list[Row]:
        return [tuple(row) for row in await_(self.db.fetch(numbered(statement), *parameters))]


class Readers:
    """At most `READERS` at a time; who comes later waits."""

    def __init__(self, address: PostgresAddress) -> None:
        self._address = address
        self._idle: list[Reader] = []
        self._places = asyncio.Semaphore(READERS)

    async def snapshot(self, work: Callable[[Connection], T]) -> T:
        """Runs `work` on one consistent snapshot. Raises StoreAway."""
        async with self._reader() as reader:
            return await reader.snapshot(work)

    async def page(self, stream: str, after: int, limit: int) -> StreamPage:
        """The events of a stream after `after`, oldest first, at most `PAGE`. Raises StoreAway."""
        async with self._reader() as reader:
            found = await reader.db.fetch(_PAGE, stream, after, min(max(limit, 1), PAGE))
        head: int = found[0][6] if found else 0
        return page_of(stream, (tuple(row)[:6] for row in found if row[1] is not None), head)

    async def heads(self, streams: list[str]) -> dict[str, int]:
        """The newest `seq` of each stream that has events. Raises StoreAway."""
        async with self._reader() as reader:
            return {row[0]: row[1] for row in await reader.db.fetch(_HEADS, streams)}

    async def close(self) -> None:
        """Ends every connection that nobody uses."""
        while self._idle:
            await self._idle.pop().close()

    @asynccontextmanager
    async def _reader(self) -> AsyncGenerator[Reader]:
        async with self._places:
            reader = await self._rested() or await self._connected()
            try:
                yield reader
            except Exception as error:
                if reader.db.is_closed() or is_away(error):
                    raise StoreAway(str(error)) from error
                raise
            finally:
                if reader.db.is_closed() or reader.db.is_in_transaction():
                    reader.db.terminate()
                    await reader.close()
                    await self.close()  # the others were with the same server
                else:
                    self._idle.append(reader)

    async def _rested(self) -> Reader | None:
        """One that has not been cut off while nobody used it."""
        while self._idle:
            reader = self._idle.pop()
            if not reader.db.is_closed():
                return reader
            await reader.close()
        return None

    async def _connected(self) -> Reader:
        try:
            async with AsyncExitStack() as stack:
                db = await connect(self._address, idle_s=_IDLE_S)
                stack.callback(db.terminate)
                sql = await stack.enter_async_context(core(db))
                return Reader(db, sql, stack.pop_all())
        except UNCONNECTED as error:
            raise StoreAway(str(error)) from error
