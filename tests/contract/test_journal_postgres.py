"""What only a store behind a connection can do to a journal: go away, come back, lose the answer to a commit."""

import asyncio
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from sqlalchemy import text

from relay_server.engine.bus_local import LocalBus
from relay_server.engine.journal import Journal, StoreAway, Transaction
from relay_server.engine.journal_postgres import open_journal
from relay_server.engine.postgres_link import PostgresAddress
from shared.common.errors import LinkLost
from shared.protocol.frames import Refused
from shared.protocol.messages.conversations import EventRecord, StreamPage
from tests import pg
from tests.relay_store import chat

STREAM = "c/one/public"
WAIT_S = 30


def post(client_id: str, stream: str = STREAM) -> Callable[[Transaction], EventRecord]:
    return lambda tx: tx.append(stream, chat(client_id))


async def until_written(journal: Journal, client_id: str) -> EventRecord:
    """As a client that is told to come again."""
    async with asyncio.timeout(WAIT_S):
        while True:
            record = await journal.write(post(client_id))
            if isinstance(record, EventRecord):
                return record
            assert record == Refused(code="busy")
            await asyncio.sleep(0.05)


async def until_read(journal: Journal, after: int) -> StreamPage:
    """A reader learns only by using its connection that it was cut."""
    async with asyncio.timeout(WAIT_S):
        while True:
            try:
                return await journal.page(STREAM, after)
            except StoreAway:
                await asyncio.sleep(0.05)


async def test_what_is_cut_off_is_there_or_was_not_promised() -> None:
    address, seen = pg.fresh_database(), 0
    async with open_journal(address, LocalBus()) as journal:
        for turn in range(8):
            writes = [asyncio.create_task(journal.write(post(f"m{turn}-{n}"))) for n in range(40)]
            if turn % 2:
                await asyncio.wait(writes, return_when=asyncio.FIRST_COMPLETED)
            await asyncio.to_thread(pg.cut, pg.shared_server(), address)
            answers = await asyncio.gather(*writes, return_exceptions=True)
            assert all(isinstance(each, EventRecord | Refused | LinkLost) for each in answers)
            promised = {each.seq: each for each in answers if isinstance(each, EventRecord)}
            await until_written(journal, f"after-{turn}")
            page = await until_read(journal, seen)
            stored = {record.seq: record for record in page.events}
            assert promised.items() <= stored.items()
            seen = page.events[-1].seq
        total = await journal.read(lambda sql: sql.execute(text("SELECT count(*), max(position) FROM events")).one())
        assert total[0] == total[1] == (await journal.heads([STREAM]))[STREAM]


async def test_a_steady_trickle_does_not_keep_a_group_from_its_commit() -> None:
    """What comes while a group runs is for the next one: else a group grows as long as anybody says anything."""
    async with open_journal(pg.fresh_database(), LocalBus()) as journal:
        await journal.write(post("first"))
        before, runs = journal.stats().groups, asyncio.Event()
        loop = asyncio.get_running_loop()

        def slow(tx: Transaction) -> EventRecord:
            loop.call_soon(runs.set)
            tx.row("SELECT pg_sleep(0.3)")
            return tx.append(STREAM, chat("slow"))

        running = asyncio.create_task(journal.write(slow))
        await runs.wait()
        later = [asyncio.create_task(journal.write(post(f"m{n}"))) for n in range(5)]
        await asyncio.gather(running, *later)
        assert journal.stats().groups - before == 2


async def test_a_server_that_is_stopped_is_waited_for() -> None:
    server = await asyncio.to_thread(pg.start_server)
    try:
        async with open_journal(pg.fresh_database(server), LocalBus()) as journal:
            assert isinstance(await journal.write(post("before")), EventRecord)
            assert (await journal.page(STREAM, 0)).head == 1
            await asyncio.to_thread(pg.stop, server, signal.SIGKILL, keep=True)
            assert await journal.write(post("away")) in (Refused(code="busy"),)
            with pytest.raises(StoreAway):
                await journal.page(STREAM, 0)
            server = await asyncio.to_thread(pg.start_again, server.home, server.port)
            assert (await until_written(journal, "after")).seq == 2
            assert (await journal.page(STREAM, 0)).head == 2
    finally:
        await asyncio.to_thread(pg.stop, server)


@asynccontextmanager
async def losing_the_answer(server: pg.Server) -> AsyncIterator[tuple[int, asyncio.Event]]:
    """A way to the server that, once armed, carries a commit there and never its answer back; its port."""
    armed = asyncio.Event()
    ways: list[asyncio.StreamWriter] = []

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, other: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
            if armed.is_set() and b"COMMIT" in data:
                armed.clear()
                lost.set()
        other.close()
        writer.close()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, other: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            if lost.is_set():
                lost.clear()
                break
            writer.write(data)
            await writer.drain()
        other.close()
        writer.close()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        from_server, to_server = await asyncio.open_connection("127.0.0.1", server.port)
        ways.extend((writer, to_server))
        await asyncio.gather(
            carry(reader, to_server, writer), answer(from_server, writer, to_server), return_exceptions=True
        )

    lost = asyncio.Event()
    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield listening.sockets[0].getsockname()[1], armed
    finally:
        listening.close()
        for way in ways:
            way.close()


async def test_a_commit_whose_answer_is_lost_is_said_to_be_unknown() -> None:
    server = pg.shared_server()
    database = pg.name_of(pg.fresh_database())
    async with losing_the_answer(server) as (port, armed):
        address = PostgresAddress(f"postgresql://threeline@127.0.0.1:{port}/{database}", pg.PASSWORD)
        async with open_journal(address, LocalBus()) as journal:
            assert isinstance(await journal.write(post("before")), EventRecord)
            armed.set()
            with pytest.raises(LinkLost):
                await journal.write(post("unknown"))
            assert not armed.is_set()
            assert (await until_written(journal, "after")).seq == 3  # it was stored, and is counted
            assert [record.seq for record in (await journal.page(STREAM, 0)).events] == [1, 2, 3]


async def test_several_relays_write_in_turns_without_a_gap() -> None:
    address = pg.fresh_database()
    async with (
        open_journal(address, LocalBus()) as one,
        open_journal(address, LocalBus()) as two,
        open_journal(address, LocalBus()) as three,
    ):
        relays = (one, two, three)
        streams = ("c/a/public", "c/b/public")
        records = await asyncio.gather(*(relays[n % 3].write(post(f"m{n}", streams[n % 2])) for n in range(300)))
        written = [each for each in records if isinstance(each, EventRecord)]
        assert sorted(each.order for each in written) == list(range(1, 301))
        for stream in streams:
            theirs = sorted((each for each in written if each.stream == stream), key=lambda each: each.order)
            assert [each.seq for each in theirs] == list(range(1, 151))


async def test_work_that_goes_on_after_its_statement_failed_is_not_stored() -> None:
    def careless(tx: Transaction) -> str:
        tx.append(STREAM, chat("never"))
        try:
            tx.run("INSERT INTO streams (id, name) VALUES (1, 'a'), (1, 'b')")
        except Exception:
            return "done"
        return "never"

    async with open_journal(pg.fresh_database(), LocalBus()) as journal:
        answers = await asyncio.gather(
            journal.write(post("a")), journal.write(careless), journal.write(post("b")), return_exceptions=True
        )
        assert isinstance(answers[1], Exception)
        assert [record.seq for record in (await journal.page(STREAM, 0)).events] == [1, 2]
