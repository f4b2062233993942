"""The journal in PostgreSQL: one writing connection that commits in groups, a few reading ones on snapshots.

Units of work stay plain functions: a group runs in a greenlet that waits for the server without holding up the loop.
While it runs it holds the cluster's one turn to write (an advisory lock that ends with the transaction), so over all
relays there is one writer at a time, commits come in the order of `position`, and a rule sees what the one before it
did. What queued while it waited for that turn goes into one commit (at most `GROUP` units of work).

What happens when the server goes away: units of work that were not being committed are tried once more on a new
connection, then refused as `busy`. When the answer to the commit itself is lost, nobody here knows whether it took
place: callers get `LinkLost` and ask again with the same client id.
"""

import asyncio
import logging
from collections import deque
from collections.abc import AsyncGenerator, Callable, Iterable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

import asyncpg
from sqlalchemy import Connection
from sqlalchemy.util import greenlet_spawn

from relay_server.engine.bus import Bus, Committed
from relay_server.engine.journal import PAGE, JournalStats
from relay_server.engine.postgres_link import AWAY, UNCONNECTED, PostgresAddress, connect, core, is_away, state_of
from relay_server.engine.postgres_readers import Readers
from relay_server.engine.postgres_writer import GroupLost, PostgresTransaction, Writer
from shared.common.clock import now_ms
from shared.common.errors import LinkLost
from shared.protocol.codes import RefusalCode
from shared.protocol.frames import Refused
from shared.protocol.messages.conversations import StreamPage

T = TypeVar("T")
GROUP: Final = 512
"""Units of work in one commit at most."""
QUEUE: Final = 20_000
"""Units of work that may wait; more are refused as `busy`."""
_FIRST_PAUSE_S: Final = 0.1
_LONGEST_PAUSE_S: Final = 2.0
_REFUSALS: Final[dict[str, RefusalCode]] = {
    "53100": "store_full",  # disk full
    "55P03": "busy",  # no turn within LOCK_S
    "22021": "malformed",  # U+0000 in a text, or what is no UTF-8
    "57014": "busy",  # a statement took longer than STATEMENT_S
}
_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Job:
    work: Callable[[PostgresTransaction], object]
    done: asyncio.Future[Any]
    result: object = None
    error: BaseException | None = None
    left: Committed = field(default_factory=Committed)


class _ConnectionGone(Exception):
    """Nothing of the group was committed, and the connection is of no more use."""


class _CommitUnknown(Exception):
    """The connection went away while the commit was under way."""


@dataclass(frozen=True, slots=True)
class _Desk:
    """The writer's connection, open until `stack` is closed."""

    writer: Writer
    sql: Connection
    db: asyncpg.Connection
    stack: AsyncExitStack


class PostgresJournal:
    """Made by `open_journal`; belongs to the event loop that opened it."""

    def __init__(self, address: PostgresAddress, bus: Bus, clock: Callable[[], int], queue: int) -> None:
        self._address = address
        self._bus = bus
        self._clock = clock
        self._limit = queue
        self._waiting = 0
        self._queue: deque[_Job] = deque()
        self._group: list[_Job] = []
        self._called = asyncio.Event()
        self._closed = False
        self._desk: _Desk | None = None
        self._pause_s = 0.0
        self._retry_at_s = 0.0
        self._readers = Readers(address)
        self._groups = 0
        self._works = 0
        self._task = asyncio.create_task(self._run(), name="journal-writer")

    def stats(self) -> JournalStats:
        """Units of work queued or running, and those committed."""
        return JournalStats(self._waiting, self._works, self._groups)

    async def watch(self) -> None:
        """Waits for ever; raises what made the writer stop."""
        await asyncio.shield(self._task)

    async def write(self, work: Callable[[PostgresTransaction], T]) -> T | Refused:
        """Runs `work` on the writer; returns once its commit is durable. See `Journal.write`."""
        if self._closed:
            return Refused(code="shutting_down")
        if self._waiting >= self._limit:
            return Refused(code="busy")
        self._waiting += 1
        done: asyncio.Future[T | Refused] = asyncio.get_running_loop().create_future()
        self._queue.append(_Job(work, done))
        self._called.set()
        return await done

    async def read(self, work: Callable[[Connection], T]) -> T:
        """Runs `work` on a snapshot. Raises StoreAway."""
        return await self._readers.snapshot(work)

    async def page(self, stream: str, after: int, limit: int = PAGE) -> StreamPage:
        """The events of a stream after `after`. Raises StoreAway."""
        return await self._readers.page(stream, after, limit)

    async def heads(self, streams: Iterable[str]) -> dict[str, int]:
        """The newest `seq` of each stream. Raises StoreAway."""
        names = list(streams)
        return await self._readers.heads(names) if names else {}

    async def close(self) -> None:
        """Commits what is queued, then ends the connections."""
        self._closed = True
        self._called.set()
        try:
            await self._task
        finally:
            await self._leave()
            await self._readers.close()

    # The writer

    async def _run(self) -> None:
        try:
            while not self._closed or self._queue:
                self._called.clear()
                if self._queue:
                    self._group = self._more(1)
                    await self._commit(self._group)
                    self._settle(self._group)
                else:
                    await self._called.wait()
        except BaseException as error:
            self._break(error)
            raise

    def _more(self, count: int) -> list[_Job]:
        return [self._queue.popleft() for _ in range(min(count, len(self._queue)))]

    async def _commit(self, group: list[_Job], *, alone: bool = False) -> None:
        """Every job of the group has its result or error afterwards; `alone`: nothing may be added to it."""
        for _ in range(2):
            desk = await self._sit_down()
            if desk is None:
                break
            try:
                await self._together(desk, group, alone)
            except _ConnectionGone as gone:
                _log.warning("the connection to PostgreSQL was lost: %s", gone)
                await self._leave()
            except _CommitUnknown as unknown:
                _log.error("the answer to a commit of %d was lost: %s", len(group), unknown)
                await self._leave()
                _leave_open(group)
                return
            except Exception as error:
                await self._singly(desk, group, error)
                return
            else:
                return
        for job in group:
            job.result, job.error, job.left = Refused(code="busy"), None, Committed()

    async def _together(self, desk: _Desk, group: list[_Job], alone: bool) -> None:
        try:
            await greenlet_spawn(self._work_through, desk, group, alone)
        except Exception as error:
            if desk.writer.gone or is_away(error):
                raise _ConnectionGone(str(error)) from error
            raise
        await _finish(desk)
        self._groups += 1
        self._works += len(group)

    async def _singly(self, desk: _Desk, group: list[_Job], error: Exception) -> None:
        desk.writer.streams.forget()
        try:
            await desk.db.execute("ROLLBACK")
        except AWAY:
            await self._leave()
        if len(group) == 1:
            _fail(group[0], error)
            return
        _log.warning("a group of %d was rolled back and is tried singly: %s", len(group), error)
        for job in group:
            await self._commit([job], alone=True)

    # In the greenlet

    def _work_through(self, desk: _Desk, group: list[_Job], alone: bool) -> None:
        desk.writer.begin_group()
        if not alone:  # what queued while the turn was waited for; what comes from here on is for the next group
            group += self._more(GROUP - len(group))
        for job in group:
            self._attempt(desk, job)
        desk.writer.finish_group()

    def _attempt(self, desk: _Desk, job: _Job) -> None:
        tx = PostgresTransaction(desk.writer, desk.sql, self._clock())
        job.error, job.left = None, Committed()
        mark = desk.writer.begin_work()
        try:
            job.result = job.work(tx)
        except Exception as error:
            if desk.writer.gone:
                raise _ConnectionGone(str(error)) from error
            _fail(job, error)
        if job.error is not None or isinstance(job.result, Refused):
            desk.writer.take_back(mark)
        else:
            job.left = Committed(tuple(tx.events), tuple(tx.notes))

    # The connection

    async def _sit_down(self) -> _Desk | None:
        """The writer's connection; None while there is no server. After a failure it is not asked again at once."""
        loop = asyncio.get_running_loop()
        if self._desk is None and loop.time() >= self._retry_at_s:
            try:
                self._desk = await _open_desk(self._address)
                self._pause_s = 0.0
            except UNCONNECTED as error:
                self._pause_s = min(_LONGEST_PAUSE_S, self._pause_s * 2) or _FIRST_PAUSE_S
                self._retry_at_s = loop.time() + self._pause_s
                _log.warning("PostgreSQL is away: %s", error or type(error).__name__)
        return self._desk

    async def _leave(self) -> None:
        desk, self._desk = self._desk, None
        if desk is not None:
            with suppress(*UNCONNECTED):  # whatever is left of the connection
                await desk.stack.aclose()

    # The callers

    def _break(self, error: BaseException) -> None:
        self._closed = True
        for job in (*self._group, *self._queue):
            if not job.done.done():
                job.done.set_exception(LinkLost(f"the writer stopped: {error}"))
        self._queue.clear()

    def _settle(self, group: list[_Job]) -> None:
        self._waiting -= len(group)
        for job in group:
            if job.left.events or job.left.notes:
                self._bus.publish(job.left)
            if job.done.done():
                continue
            if job.error is not None:
                job.done.set_exception(job.error)
            else:
                job.done.set_result(job.result)


async def _open_desk(address: PostgresAddress) -> _Desk:
    async with AsyncExitStack() as stack:
        db = await connect(address)
        stack.callback(db.terminate)
        writer = Writer(db)
        sql = await stack.enter_async_context(core(db, writer.before_core))
        writer.attach(sql)
        return _Desk(writer, sql, db, stack.pop_all())


async def _finish(desk: _Desk) -> None:
    """Commits. Raises _CommitUnknown when the answer does not come, and what the server says when it refuses."""
    try:
        told = await desk.db.execute("COMMIT")
    except Exception as error:
        if state_of(error) and not is_away(error) and not desk.db.is_closed():
            raise
        raise _CommitUnknown(str(error) or type(error).__name__) from error
    if told != "COMMIT":
        raise GroupLost("a unit of work went on after a statement of its own had failed")


def _leave_open(group: list[_Job]) -> None:
    """Whoever would have been told of success is told that nobody knows."""
    for job in group:
        if job.error is None and not isinstance(job.result, Refused):
            job.error = LinkLost("the answer to the commit was lost")
        job.left = Committed()


def _fail(job: _Job, error: Exception) -> None:
    """What the store has no room or no time for is a refusal; anything else is the caller's to see."""
    job.left = Committed()
    refusal = _REFUSALS.get(state_of(error))
    if refusal is None:
        job.error = error
    else:
        _log.error("PostgreSQL refuses: %s", error)
        job.result, job.error = Refused(code=refusal), None


@asynccontextmanager
async def open_journal(
    address: PostgresAddress, bus: Bus, clock: Callable[[], int] = now_ms, queue: int = QUEUE
) -> AsyncGenerator[PostgresJournal]:
    """The journal in the database at `address`, whose schema must be there. Closing commits what is queued."""
    journal = PostgresJournal(address, bus, clock, queue)
    try:
        yield journal
    finally:
        await journal.close()
