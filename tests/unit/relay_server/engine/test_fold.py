"""A fold handles every event once, whatever happens in between."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import TypeVar

import pytest
from sqlalchemy import Connection, text

from relay_server.engine.bus_local import LocalBus
from relay_server.engine.fold import Fold, FoldRunner
from relay_server.engine.journal import StoreAway, Transaction
from relay_server.engine.journal_sqlite import SqliteJournal, open_journal
from relay_server.engine.outages import outlast
from shared.common.clock import now_ms
from shared.common.errors import LinkLost
from shared.protocol.frames import Refused
from shared.protocol.messages.base import EventBody
from shared.protocol.messages.conversations import ChatPosted, ConversationAbandoned, EventRecord
from tests.relay_store import chat, empty_store

T = TypeVar("T")
STREAM = "c/one/public"


@pytest.fixture
def bus() -> LocalBus:
    return LocalBus()


@pytest.fixture
async def journal(tmp_path: Path, bus: LocalBus) -> AsyncIterator[SqliteJournal]:
    async with open_journal(empty_store(tmp_path), bus) as opened:
        yield opened


def copying(poison: str = "") -> Fold:
    """Writes down what it saw, and fails at one text."""

    def handle(tx: Transaction, record: EventRecord, event: EventBody) -> None:
        assert isinstance(event, ChatPosted)
        tx.run("INSERT INTO streams (name) VALUES (?)", (f"seen-{event.client_id}",))
        if event.client_id == poison:
            raise LookupError("cannot")

    return Fold("copying", frozenset({"chat_posted"}), handle)


def seen(sql: Connection) -> list[str]:
    found = sql.execute(text("SELECT substr(name, 6) FROM streams WHERE name LIKE 'seen-%' ORDER BY id"))
    return [str(name) for name in found.scalars()]


async def post(journal: SqliteJournal, *client_ids: str) -> None:
    for client_id in client_ids:
        await journal.write(lambda tx, client_id=client_id: tx.append(STREAM, chat(client_id)))


async def test_catches_up_and_goes_on_after_a_restart(journal: SqliteJournal, bus: LocalBus) -> None:
    await post(journal, "a", "b")
    await journal.write(lambda tx: tx.append(STREAM, ConversationAbandoned()))
    assert await FoldRunner(journal, bus, copying()).catch_up()
    await post(journal, "c")
    assert await FoldRunner(journal, bus, copying()).catch_up()
    assert await journal.read(seen) == ["a", "b", "c"]


async def test_is_woken_by_what_is_committed(journal: SqliteJournal, bus: LocalBus) -> None:
    handled = asyncio.Event()
    bus.subscribe(lambda committed: None if committed.events else handled.set())

    def handle(tx: Transaction, record: EventRecord, event: EventBody) -> None:
        handled_ids.append(record.seq)

    handled_ids: list[int] = []
    runner = asyncio.create_task(FoldRunner(journal, bus, Fold("w", frozenset({"chat_posted"}), handle)).run())
    await post(journal, "a", "b")
    async with asyncio.timeout(10):
        while handled_ids != [1, 2]:
            await journal.write(lambda tx: None)
    runner.cancel()
    with pytest.raises(asyncio.CancelledError):
        await runner


async def test_one_bad_event_is_noted_and_passed_over(
    journal: SqliteJournal, bus: LocalBus, caplog: pytest.LogCaptureFixture
) -> None:
    await post(journal, "a", "bad", "c")
    assert await FoldRunner(journal, bus, copying("bad")).catch_up()
    assert await journal.read(seen) == ["a", "c"]
    failures = await journal.read(lambda sql: sql.execute(text("SELECT position, error FROM fold_failures")).all())
    assert [tuple(row) for row in failures] == [(2, "LookupError: cannot")]
    assert "passed over" in caplog.text


class OutNow(SqliteJournal):
    """A store that cannot say whether it has written, for the next so many times."""

    out = 0

    async def write(self, work: Callable[[Transaction], T]) -> T | Refused:
        if self.out:
            self.out -= 1
            raise LinkLost("the disk fails")
        return await super().write(work)


async def test_a_store_that_is_out_is_no_events_fault(tmp_path: Path, bus: LocalBus) -> None:
    journal = OutNow(empty_store(tmp_path), bus, now_ms, 100)
    try:
        await post(journal, "a", "b", "c")
        for outages in (1, 2, 3):
            journal.out = outages
            with pytest.raises(LinkLost):
                await FoldRunner(journal, bus, copying()).catch_up()
        journal.out = 0
        assert await FoldRunner(journal, bus, copying()).catch_up()
        assert await journal.read(seen) == ["a", "b", "c"]
        assert await journal.read(lambda sql: sql.execute(text("SELECT count(*) FROM fold_failures")).scalar()) == 0
    finally:
        await journal.close()


async def test_what_runs_in_the_background_outlasts_a_store_that_is_out() -> None:
    runs: list[int] = []

    async def run() -> None:
        runs.append(len(runs))
        if len(runs) == 1:
            raise LinkLost("no answer")
        if len(runs) == 2:
            raise StoreAway("no answer")

    await outlast("a test", run, pause_s=0)
    assert runs == [0, 1, 2]
    with pytest.raises(KeyError):
        await outlast("a test", _faulty, pause_s=0)


async def _faulty() -> None:
    raise KeyError("a fault of our own is not outlasted")
