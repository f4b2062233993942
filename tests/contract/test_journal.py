"""What every journal must do, whichever store is under it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.util import await_

from relay_server.engine.bus import Bus, Committed, Wake
from relay_server.engine.bus_local import LocalBus
from relay_server.engine.journal import Journal, Transaction
from shared.protocol.codec import MAX_FRAME_BYTES, encode_to_agent
from shared.protocol.frames import Refused, Reply
from shared.protocol.messages.conversations import EventRecord
from tests.relay_store import ENGINES, Clock, Place, chat, empty_place, empty_store

STREAM = "c/one/public"


class Heard:
    """Everything the bus told."""

    def __init__(self, bus: Bus) -> None:
        self.committed: list[Committed] = []
        bus.subscribe(self.committed.append)

    @property
    def events(self) -> list[EventRecord]:
        return [record for each in self.committed for record in each.events]


@pytest.fixture
def bus() -> LocalBus:
    return LocalBus()


@pytest.fixture
def heard(bus: LocalBus) -> Heard:
    return Heard(bus)


@pytest.fixture(params=ENGINES)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    return empty_place(request.param, tmp_path)


@pytest.fixture
async def journal(place: Place, bus: LocalBus) -> AsyncIterator[Journal]:
    async with place.open(bus) as opened:
        yield opened


def post(client_id: str, stream: str = STREAM) -> Callable[[Transaction], EventRecord]:
    return lambda tx: tx.append(stream, chat(client_id))


async def test_seq_is_gapless_per_stream_and_order_over_all(journal: Journal, heard: Heard) -> None:
    streams = ("c/a/public", "c/b/public", "c/b/internal")
    records = await asyncio.gather(*(journal.write(post(f"m{n}", streams[n % 3])) for n in range(300)))
    written = [each for each in records if isinstance(each, EventRecord)]
    assert [each.order for each in written] == list(range(1, 301))
    for stream in streams:
        assert [each.seq for each in written if each.stream == stream] == list(range(1, 101))
    assert heard.events == written


async def test_refused_work_leaves_nothing_and_no_gap(journal: Journal, heard: Heard) -> None:
    def refused(tx: Transaction) -> Refused:
        tx.append(STREAM, chat("never"))
        tx.append("c/new/public", chat("never"))
        tx.after_commit(Wake("never"))
        return Refused(code="not_owner")

    answers = await asyncio.gather(journal.write(post("a")), journal.write(refused), journal.write(post("b")))
    assert answers[1] == Refused(code="not_owner")
    page = await journal.page(STREAM, 0)
    assert [record.seq for record in page.events] == [1, 2]
    assert [record.order for record in page.events] == [1, 2]
    assert await journal.heads([STREAM, "c/new/public"]) == {STREAM: 2}
    assert not any(each.notes for each in heard.committed)


async def test_failing_work_is_raised_to_its_caller_only(journal: Journal, heard: Heard) -> None:
    def fails(tx: Transaction) -> None:
        tx.append(STREAM, chat("never"))
        raise LookupError("mine")

    def breaks_a_constraint(tx: Transaction) -> None:
        tx.append(STREAM, chat("never"))
        tx.run("INSERT INTO streams (name) VALUES (?)", (STREAM,))

    works = [
        journal.write(post("a")),
        journal.write(fails),
        journal.write(breaks_a_constraint),
        journal.write(post("b")),
    ]
    answers = await asyncio.gather(*works, return_exceptions=True)
    assert isinstance(answers[1], LookupError)
    assert "unique" in str(answers[2]).lower()
    assert [record.seq for record in heard.events] == [1, 2]
    assert (await journal.page(STREAM, 0)).head == 2


async def test_events_are_seen_by_reads_after_them_and_outlast_a_neighbour_that_is_undone(
    journal: Journal, heard: Heard
) -> None:
    """However late an engine writes them."""

    def look(tx: Transaction) -> int:
        return tx.rows("SELECT count(*) FROM events")[0][0]

    def look_and_refuse(tx: Transaction) -> Refused:
        tx.append(STREAM, chat("never"))
        assert (look(tx), tx.head(STREAM)) == (2, 2)
        return Refused(code="not_owner")

    def look_through_core(tx: Transaction) -> int:
        tx.append(STREAM, chat("b"))
        return tx.sql.execute(text("SELECT max(seq) FROM events")).scalar_one()

    answers = await asyncio.gather(
        journal.write(post("a")), journal.write(look_and_refuse), journal.write(look_through_core), journal.write(look)
    )
    assert answers[1:] == [Refused(code="not_owner"), 2, 2]
    assert [record.seq for record in (await journal.page(STREAM, 0)).events] == [1, 2] == [e.seq for e in heard.events]


async def test_notes_come_with_their_commit_in_order(journal: Journal, heard: Heard) -> None:
    def work(tx: Transaction) -> None:
        tx.append(STREAM, chat("a"))
        tx.after_commit(Wake("first"))
        tx.after_commit(Wake("second", "key"))

    await journal.write(work)
    assert [each.notes for each in heard.committed] == [(Wake("first"), Wake("second", "key"))]
    assert heard.committed[0].events[0].seq == 1


async def test_work_sees_what_was_written_just_before_it(journal: Journal) -> None:
    async def take(name: str) -> str | Refused:
        def work(tx: Transaction) -> str | Refused:
            taken = tx.row("SELECT name FROM fold_cursors WHERE name = 'seat'")
            if taken:
                return Refused(code="offer_gone")
            tx.run("INSERT INTO fold_cursors (name, position) VALUES ('seat', 0)")
            return name

        return await journal.write(work)

    answers = await asyncio.gather(*(take(f"agent{n}") for n in range(50)))
    assert [each for each in answers if isinstance(each, str)] == ["agent0"]


async def test_raw_statements_and_core_share_one_transaction(journal: Journal) -> None:
    def work(tx: Transaction) -> int:
        tx.run("INSERT INTO fold_cursors (name, position) VALUES ('x', 7)")
        return tx.sql.execute(text("SELECT position FROM fold_cursors WHERE name = 'x'")).scalar_one()

    assert await journal.write(work) == 7


async def test_core_faults_roll_back_like_others(journal: Journal) -> None:
    def work(tx: Transaction) -> None:
        tx.append(STREAM, chat("never"))
        tx.sql.execute(text("INSERT INTO streams (id, name) SELECT id, 'again' FROM streams"))

    await journal.write(post("a"))
    with pytest.raises(Exception, match=r"(?i)unique"):
        await journal.write(work)
    assert (await journal.page(STREAM, 0)).head == 1


async def test_pages_go_on_from_seq(journal: Journal) -> None:
    await asyncio.gather(*(journal.write(post(f"m{n}")) for n in range(450)))
    first = await journal.page(STREAM, 0)
    assert (len(first.events), first.head, first.more) == (200, 450, True)
    last = await journal.page(STREAM, 400)
    assert ([record.seq for record in last.events], last.more) == (list(range(401, 451)), False)
    beyond = await journal.page(STREAM, 450)
    assert (beyond.events, beyond.head, beyond.more) == ((), 450, False)
    assert (await journal.page("c/none/public", 0)).head == 0


async def test_a_reader_sees_one_snapshot(journal: Journal) -> None:
    entered, go_on, loop = asyncio.Event(), asyncio.Event(), asyncio.get_running_loop()

    async def pause() -> None:
        entered.set()
        await go_on.wait()

    def work(sql: Connection) -> tuple[int, int]:
        before = sql.execute(text("SELECT count(*) FROM events")).scalar_one()
        if sql.dialect.name == "sqlite":  # in a thread of its own
            asyncio.run_coroutine_threadsafe(pause(), loop).result(10)
        else:
            await_(pause())
        return before, sql.execute(text("SELECT count(*) FROM events")).scalar_one()

    reading = asyncio.create_task(journal.read(work))
    await entered.wait()
    await journal.write(post("a"))
    go_on.set()
    assert await reading == (0, 0)
    assert await journal.read(lambda sql: sql.execute(text("SELECT count(*) FROM events")).scalar_one()) == 1


async def test_readers_cannot_write(journal: Journal) -> None:
    with pytest.raises(Exception, match=r"readonly|read-only"):
        await journal.read(lambda sql: sql.execute(text("DELETE FROM fold_cursors")))


async def test_events_and_audit_cannot_be_changed(journal: Journal) -> None:
    await journal.write(post("a"))
    for statement in ("UPDATE events SET body = '{}'", "DELETE FROM events"):
        with pytest.raises(Exception, match="append-only"):
            await journal.write(lambda tx, statement=statement: tx.run(statement))


async def test_what_was_acknowledged_is_there_after_reopening(place: Place, bus: LocalBus) -> None:
    async with place.open(bus) as journal:
        await asyncio.gather(*(journal.write(post(f"m{n}")) for n in range(20)))
    async with place.open(bus) as journal:
        assert (await journal.page(STREAM, 0)).head == 20
        record = await journal.write(post("next"))
        assert isinstance(record, EventRecord)
        assert (record.seq, record.order) == (21, 21)


async def test_closing_commits_what_is_queued(place: Place, bus: LocalBus) -> None:
    async with place.open(bus) as journal:
        tasks = [asyncio.create_task(journal.write(post(f"m{n}"))) for n in range(50)]
        await asyncio.sleep(0)
    assert all(isinstance(each, EventRecord) for each in await asyncio.gather(*tasks))
    assert await journal.write(post("late")) == Refused(code="shutting_down")


async def test_a_second_writer_does_not_break_the_count(place: Place, bus: LocalBus) -> None:
    """The command line writes beside a serving relay."""
    async with place.open(bus) as serving, place.open(LocalBus()) as command:
        for n in range(6):
            await (serving, command)[n % 2].write(post(f"m{n}"))
        assert [record.seq for record in (await serving.page(STREAM, 0)).events] == [1, 2, 3, 4, 5, 6]


async def test_a_full_queue_is_refused_as_busy(place: Place, bus: LocalBus) -> None:
    async with place.open(bus, queue=10) as journal:
        answers = await asyncio.gather(*(journal.write(post(f"m{n}")) for n in range(15)))
    assert answers[10:] == [Refused(code="busy")] * 5
    assert all(isinstance(each, EventRecord) for each in answers[:10])


async def test_a_full_file_is_a_refusal_and_passes(tmp_path: Path, bus: LocalBus) -> None:
    async with Place(empty_store(tmp_path)).open(bus) as journal:

        def limit(pages: int) -> Callable[[Transaction], object]:
            return lambda tx: tx.rows(f"PRAGMA max_page_count = {pages}")

        def big(n: int) -> Callable[[Transaction], EventRecord]:
            return lambda tx: tx.append(STREAM, chat(f"m{n}", "x" * 8000))

        pages = await journal.read(lambda sql: sql.execute(text("PRAGMA page_count")).scalar_one())
        await journal.write(limit(pages + 8))
        answers = await asyncio.gather(*(journal.write(big(n)) for n in range(20)))
        kept = [each for each in answers if isinstance(each, EventRecord)]
        assert Refused(code="store_full") in answers
        assert (await journal.page(STREAM, 0)).head == len(kept)
        await journal.write(limit(1_000_000))
        after = await journal.write(big(99))
        assert isinstance(after, EventRecord)
        assert after.seq == len(kept) + 1


async def test_one_clock_reading_a_unit_of_work(place: Place, bus: LocalBus) -> None:
    clock = Clock()
    async with place.open(bus, clock) as journal:

        def work(tx: Transaction) -> tuple[int, int]:
            clock.pass_ms(5)
            return tx.now_ms, tx.append(STREAM, chat("a")).at_ms

        first, second = clock.now_ms, await journal.write(work)
    assert second == (first, first)


async def test_a_caller_that_gives_up_does_not_undo_the_work(journal: Journal) -> None:
    task = asyncio.create_task(journal.write(post("a")))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await journal.write(post("b"))
    assert (await journal.page(STREAM, 0)).head == 2


async def test_a_page_fits_the_frame_that_clients_take(journal: Journal) -> None:
    for number in range(40):
        await journal.write(lambda tx, number=number: tx.append(STREAM, chat(f"m{number}", "长" * 8000)))
    seen: list[int] = []
    while not seen or seen[-1] < 40:
        page = await journal.page(STREAM, seen[-1] if seen else 0)
        assert len(encode_to_agent(Reply(id=1, body=page))) <= MAX_FRAME_BYTES
        seen += [each.seq for each in page.events]
        assert page.more == (seen[-1] < 40)
    assert seen == list(range(1, 41))
