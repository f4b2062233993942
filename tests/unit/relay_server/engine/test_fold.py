"""A fold handles every event once, whatever happens in between."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from relay_server.engine.bus_local import LocalBus
from relay_server.engine.fold import Fold, FoldRunner
from relay_server.engine.journal import Transaction
from relay_server.engine.journal_sqlite import SqliteJournal, open_journal
from shared.protocol.messages.base import EventBody
from shared.protocol.messages.conversations import ChatPosted, ConversationAbandoned, EventRecord
from tests.relay_store import chat, empty_store

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
