"""The journal in an SQLite file: one writer thread that commits in groups, a few reader threads on snapshots.

Everything that queued while the last commit ran goes into the next one (at most `GROUP` units of work), so that one
write to the disk serves many. Each unit of work has its own savepoint: one that fails takes nobody with it.
"""

import asyncio
import logging
import sqlite3
import threading
from collections.abc import AsyncGenerator, Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, Final, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from relay_server.engine.bus import Bus, Committed, Note
from relay_server.engine.journal import PAGE, JournalStats, Row, StoreAway
from relay_server.engine.sqlite_file import close, connect, core
from relay_server.engine.sqlite_streams import Streams, read_heads, read_page
from shared.common.clock import now_ms
from shared.common.errors import LinkLost
from shared.protocol.frames import Refused
from shared.protocol.messages.base import EventBody
from shared.protocol.messages.conversations import EventRecord, StreamPage

T = TypeVar("T")
GROUP: Final = 512
"""Units of work in one commit at most."""
QUEUE: Final = 20_000
"""Units of work that may wait; more are refused as `busy`."""
READERS: Final = 2

_STORE_FULL: Final = frozenset({sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_WRITE})
_DISK_FAILED: Final = frozenset({sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_FULL})
"""Primary codes. A flush that failed leaves open whether the commit will be there after a crash."""
_log = logging.getLogger(__name__)


class SqliteTransaction:
    """One unit of work on the writer's connection."""

    __slots__ = ("_db", "_streams", "events", "notes", "now_ms", "sql")

    def __init__(self, db: sqlite3.Connection, sql: Connection, streams: Streams, at_ms: int) -> None:
        self._db = db
        self._streams = streams
        self.sql = sql
        self.now_ms = at_ms
        self.events: list[EventRecord] = []
        self.notes: list[Note] = []

    def row(self, statement: str, parameters: Sequence[Any] = ()) -> Row | None:
        """The first row of a raw statement."""
        return self._db.execute(statement, parameters).fetchone()

    def rows(self, statement: str, parameters: Sequence[Any] = ()) -> list[Row]:
        """All rows of a raw statement."""
        return self._db.execute(statement, parameters).fetchall()

    def run(self, statement: str, parameters: Sequence[Any] = ()) -> int:
        """Carries out a raw statement; how many rows it changed."""
        return self._db.execute(statement, parameters).rowcount

    def append(self, stream: str, event: EventBody) -> EventRecord:
        """Puts an event at the end of a stream."""
        record = self._streams.append(stream, event, self.now_ms)
        self.events.append(record)
        return record

    def append_all(self, events: Sequence[tuple[str, EventBody]]) -> list[EventRecord]:
        """Puts each event at the end of its stream."""
        records = self._streams.append_all(events, self.now_ms)
        self.events += records
        return records

    def head(self, stream: str) -> int:
        """The stream's newest `seq`."""
        return self._streams.head(stream)

    def after_commit(self, note: Note) -> None:
        """Tells the bus once this is durable."""
        self.notes.append(note)


@dataclass(slots=True)
class _Job:
    work: Callable[[SqliteTransaction], object]
    done: asyncio.Future[Any]
    result: object = None
    error: BaseException | None = None
    left: Committed = field(default_factory=Committed)


class _GroupLost(Exception):
    """SQLite rolled the whole group back; each unit of work is tried again on its own."""


class SqliteJournal:
    """Made by `open_journal`; belongs to the event loop that opened it."""

    def __init__(self, path: Path, bus: Bus, clock: Callable[[], int], queue: int) -> None:
        self._loop = asyncio.get_running_loop()
        self._bus = bus
        self._clock = clock
        self._path = path
        self._limit = queue
        self._waiting = 0
        self._queue: SimpleQueue[_Job | None] = SimpleQueue()
        self._db = connect(path)
        self._sql = core(self._db)
        self._streams = Streams(self._db)
        self._local = threading.local()
        self._opened: list[Connection] = []
        self._readers = ThreadPoolExecutor(READERS, "journal-reader")
        self._reading = asyncio.Semaphore(READERS * 64)
        self._writer = threading.Thread(target=self._run, name="journal-writer")
        self._broken: asyncio.Future[None] = self._loop.create_future()
        self._writer.start()
        self._closed = False
        self._groups = 0
        self._works = 0

    def stats(self) -> JournalStats:
        """Units of work queued or running, and those committed."""
        return JournalStats(self._waiting, self._works, self._groups)

    async def watch(self) -> None:
        """Waits for ever; raises what made the writer stop."""
        await asyncio.shield(self._broken)

    async def write(self, work: Callable[[SqliteTransaction], T]) -> T | Refused:
        """Runs `work` on the writer; returns once its commit is durable. See `Journal.write`."""
        if self._closed:
            return Refused(code="shutting_down")
        if self._waiting >= self._limit:
            return Refused(code="busy")
        self._waiting += 1
        done: asyncio.Future[T | Refused] = self._loop.create_future()
        self._queue.put(_Job(work, done))
        return await done

    async def read(self, work: Callable[[Connection], T]) -> T:
        """Runs `work` on a snapshot, in a reader thread."""
        return await self._snapshot(lambda _, sql: work(sql))

    async def page(self, stream: str, after: int, limit: int = PAGE) -> StreamPage:
        """The events of a stream after `after`."""
        return await self._snapshot(lambda db, _: read_page(db, stream, after, limit))

    async def heads(self, streams: Iterable[str]) -> dict[str, int]:
        """The newest `seq` of each stream."""
        names = list(streams)
        return await self._snapshot(lambda db, _: read_heads(db, names)) if names else {}

    async def close(self) -> None:
        """Commits what is queued, then ends the threads."""
        self._closed = True
        self._queue.put(None)
        await asyncio.to_thread(self._writer.join)
        await asyncio.to_thread(self._readers.shutdown)
        await asyncio.sleep(0)  # what the writer settled last is still on its way to the loop
        for sql in (*self._opened, self._sql):
            close(sql)

    async def _snapshot(self, work: Callable[[sqlite3.Connection, Connection], T]) -> T:
        async with self._reading:
            return await self._loop.run_in_executor(self._readers, self._in_snapshot, work)

    def _in_snapshot(self, work: Callable[[sqlite3.Connection, Connection], T]) -> T:
        try:
            db, sql = self._reader()
            db.execute("BEGIN")
            try:
                return work(db, sql)
            finally:
                db.execute("ROLLBACK")
        except (sqlite3.Error, DBAPIError) as error:
            if _disk_failed(error):
                raise StoreAway(str(error)) from error
            raise

    def _reader(self) -> tuple[sqlite3.Connection, Connection]:
        mine: tuple[sqlite3.Connection, Connection] | None = getattr(self._local, "mine", None)
        if mine is None:
            db = connect(self._path, read_only=True)
            mine = self._local.mine = (db, core(db))
            self._opened.append(mine[1])
        return mine

    # The writer thread

    def _run(self) -> None:
        try:
            self._serve()
        except BaseException as error:
            _log.critical("the writer stops", exc_info=True)
            self._loop.call_soon_threadsafe(self._break, error)

    def _serve(self) -> None:
        while (first := self._queue.get()) is not None:
            group, last = self._gather(first)
            self._commit(group)
            self._loop.call_soon_threadsafe(self._settle, group)
            if last:
                break

    def _gather(self, first: _Job) -> tuple[list[_Job], bool]:
        group = [first]
        try:
            while len(group) < GROUP:
                job = self._queue.get_nowait()
                if job is None:
                    return group, True
                group.append(job)
        except Empty:
            pass
        return group, False

    def _commit(self, group: list[_Job]) -> None:
        try:
            self._commit_together(group)
        except Exception as error:
            self._abandon()
            if len(group) == 1:
                _fail(group[0], error)
                return
            _log.warning("a group of %d was rolled back and is tried singly: %s", len(group), error)
            for job in group:
                self._commit([job])

    def _commit_together(self, group: list[_Job]) -> None:
        self._db.execute("BEGIN IMMEDIATE")
        self._streams.begin_group()
        for job in group:
            self._attempt(job)
        self._db.execute("COMMIT")
        self._groups += 1
        self._works += len(group)

    def _attempt(self, job: _Job) -> None:
        tx = SqliteTransaction(self._db, self._sql, self._streams, self._clock())
        job.error, job.left = None, Committed()
        mark = self._streams.begin_work()
        self._db.execute("SAVEPOINT work")
        try:
            job.result = job.work(tx)
        except Exception as error:
            if not self._db.in_transaction:
                raise _GroupLost from error
            _fail(job, error)
        if job.error is not None or isinstance(job.result, Refused):
            self._db.execute("ROLLBACK TO work")
            self._streams.take_back(mark)
        else:
            job.left = Committed(tuple(tx.events), tuple(tx.notes))
        self._db.execute("RELEASE work")

    def _abandon(self) -> None:
        if self._db.in_transaction:
            self._db.execute("ROLLBACK")
        self._streams.forget()

    # The event loop

    def _break(self, error: BaseException) -> None:
        self._closed = True
        if not self._broken.done():
            self._broken.set_exception(error)
        while not self._queue.empty():
            job = self._queue.get_nowait()
            if job is not None and not job.done.done():
                job.done.set_exception(error)

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


def _fail(job: _Job, error: Exception) -> None:
    """A full store is a refusal, a disk that fails is nobody's answer; anything else is the caller's to see."""
    job.left = Committed()
    cause = error.__cause__ if isinstance(error, _GroupLost) else error
    if _code(cause) in _STORE_FULL:
        _log.error("the store is full: %s", cause)
        job.result, job.error = Refused(code="store_full"), None
    elif _disk_failed(cause):
        _log.error("the disk fails: %s", cause)
        job.error = LinkLost(f"the disk fails: {cause}")
    else:
        job.error = cause if isinstance(cause, Exception) else error


def _code(error: BaseException | None) -> int:
    """SQLite's extended code; 0 for what is not SQLite's."""
    plain = error.orig if isinstance(error, DBAPIError) else error
    return getattr(plain, "sqlite_errorcode", 0) if isinstance(plain, sqlite3.Error) else 0


def _disk_failed(error: BaseException | None) -> bool:
    return _code(error) & 0xFF in _DISK_FAILED


@asynccontextmanager
async def open_journal(
    path: Path, bus: Bus, clock: Callable[[], int] = now_ms, queue: int = QUEUE
) -> AsyncGenerator[SqliteJournal]:
    """The journal in the file at `path`, whose schema must be there. Closing commits what is queued."""
    journal = SqliteJournal(path, bus, clock, queue)
    try:
        yield journal
    finally:
        await journal.close()
