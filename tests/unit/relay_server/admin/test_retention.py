"""What has had its time is erased, nothing else, and the laws hold: rows are the fold of the events, before, between
and after the steps."""

import sqlite3
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from sqlalchemy import select

from relay_server.admin import erasing, rules
from relay_server.admin.rules import DAY_MS
from relay_server.conversations import store as conversations
from relay_server.customers import store as customers
from relay_server.engine import audit
from relay_server.engine.journal import Transaction
from relay_server.engine.raw import rows_of
from relay_server.engine.schema import metadata
from relay_server.engine.sqlite_file import close as shut
from relay_server.engine.sqlite_file import connect, core
from relay_server.identity.actors import AgentActor, CustomerActor
from relay_server.organisation import store as organisation
from relay_server.organisation.rules import Policy
from relay_server.organisation.store import Kept
from shared.protocol.messages import conversations as c
from shared.protocol.messages import tickets as t
from shared.rules import timeline
from tests.record_house import close, folded, retention
from tests.relay_house import House, ok, open_house

SAID = "xylograph"


@pytest.fixture
async def house(tmp_path: Path) -> AsyncGenerator[House]:
    async with open_house(tmp_path / "relay.sqlite3") as opened:
        yield opened


async def keep(house: House, kind: Kept, days: int) -> None:
    ok(await house.journal.write(lambda tx: organisation.set_days(tx, kind, days)))


async def talk(house: House, customer: CustomerActor, conversation_id: str) -> AgentActor:
    """A conversation in which both sides say the word, and a note holds it."""
    agent = await house.served(customer, conversation_id)
    for who, client_id in ((customer, "m1"), (agent, "m2")):
        said = c.SendChat(conversation_id=conversation_id, client_id=client_id, text=f"{SAID} {client_id}")
        ok(await house.conversations.send_chat(who, said))
    note = c.AddNote(conversation_id=conversation_id, client_id="n1", text=f"{SAID} n1")
    ok(await house.conversations.add_note(agent, note))
    return agent


async def row_is_the_fold(house: House, conversation_id: str) -> timeline.Timeline:
    fold = await folded(house, conversation_id)
    row = await house.journal.read(
        lambda sql: sql.exec_driver_sql(
            "SELECT c.subject, c.customer_name, c.state, i.answers FROM conversations c"
            " JOIN intakes i ON i.conversation_key = c.key WHERE c.id = ?",
            (conversation_id,),
        ).one()
    )
    assert fold.customer is not None
    assert (row[0], row[1], row[2]) == (fold.subject, fold.customer.name, fold.state)
    assert (row[3] == "{}") == (fold.answers == {})
    return fold


def words_in_store(house: House) -> set[str]:
    """Tables in which some text holds the word."""
    sql = core(connect(house.path, read_only=True))
    try:
        return {table.name for table in metadata.sorted_tables if SAID in repr(sql.execute(select(table)).all())}
    finally:
        shut(sql)


async def test_nothing_goes_while_no_days_are_set(house: House) -> None:
    customer = await house.customer()
    await close(house, await talk(house, customer, "C1"), "C1")
    house.clock.at_ms += 10_000 * DAY_MS
    await retention(house).sweep()
    assert {"events"} <= words_in_store(house)


async def test_messages_go_when_their_time_is_over_and_not_before(house: House) -> None:
    await keep(house, "message", 20)
    await close(house, await talk(house, await house.customer(), "C1"), "C1")
    house.clock.at_ms += 20 * DAY_MS - 1000
    await retention(house).sweep()
    assert words_in_store(house) == {"conversations", "events"}
    house.clock.at_ms += 2000
    old = await folded(house, "C1")
    await retention(house).sweep()
    assert words_in_store(house) == set()
    fold = await row_is_the_fold(house, "C1")
    assert (fold.subject, fold.customer and fold.customer.name, fold.answers) == ("It stops", "Li", {})
    lines = [each.event for each in fold.entries if isinstance(each.event, c.ChatPosted)]
    assert [(line.client_id, line.text) for line in lines] == [("m1", ""), ("m2", "")]
    last = (await house.events(c.public_stream("C1")))[-1]
    assert last[1] == c.ContentErased(what="words", why="retention")
    assert timeline.apply(old, *last) == fold


async def test_everything_goes_with_the_name_and_the_ticket_by_its_own_days(house: House) -> None:
    await keep(house, "conversation", 30)
    await keep(house, "ticket", 60)
    await close(house, await talk(house, await house.customer(), "C1"), "C1")
    house.clock.at_ms += 31 * DAY_MS
    await retention(house).sweep()
    fold = await row_is_the_fold(house, "C1")
    assert (fold.subject, fold.customer and fold.customer.name) == ("", "—")
    ticket = (await house.tickets.list_tickets(house.agents["lin"], t.ListTickets(view="all"))).rows[0]
    assert (ticket.subject, ticket.customer.name) == ("It stops", "Li")
    house.clock.at_ms += 30 * DAY_MS
    await retention(house).sweep()
    ticket = (await house.tickets.list_tickets(house.agents["lin"], t.ListTickets(view="all"))).rows[0]
    assert (ticket.subject, ticket.customer.name) == ("", "—")
    log = await house.events(t.ticket_stream(ticket.ticket_id))
    assert "It stops" not in repr(log)


async def test_what_is_open_or_held_stays(house: House) -> None:
    await keep(house, "conversation", 15)
    open_one, held_one = await house.customer("Bo"), await house.customer("Li")
    agent = await talk(house, held_one, "C2")
    await close(house, agent, "C2")
    ok(await house.journal.write(lambda tx: customers.hold(tx, held_one.id, "a claim")))
    await talk(house, open_one, "C1")
    house.clock.at_ms += 400 * DAY_MS
    await retention(house).sweep()
    for conversation_id in ("C1", "C2"):
        assert SAID in repr((await row_is_the_fold(house, conversation_id)).entries)
    ok(await house.journal.write(lambda tx: customers.release(tx, held_one.id)))
    await retention(house).sweep()
    assert SAID not in repr((await row_is_the_fold(house, "C2")).entries)
    assert SAID in repr((await row_is_the_fold(house, "C1")).entries)


async def test_rows_are_the_fold_between_any_two_steps_and_a_stop_is_no_harm(house: House) -> None:
    customer = await house.customer()
    agent = await talk(house, customer, "C1")
    for number in range(9):
        said = c.SendChat(conversation_id="C1", client_id=f"x{number}", text=SAID)
        ok(await house.conversations.send_chat(customer, said))
    await close(house, agent, "C1")
    found = await house.journal.read(lambda sql: conversations.by_id(rows_of(sql), "C1"))
    assert found is not None
    ok(await house.journal.write(lambda tx: _none(erasing.erase_conversation(tx, found, "everything", "asked"))))
    assert SAID not in repr(await row_is_the_fold(house, "C1"))
    while ok(await house.journal.write(lambda tx: erasing.step(tx, 3))):
        assert SAID not in repr(await row_is_the_fold(house, "C1"))
    assert words_in_store(house) == set()
    before = await house.events(c.public_stream("C1"))
    assert [record.seq for record, _ in before] == list(range(1, len(before) + 1))
    assert await retention(house).work_off()
    assert await house.events(c.public_stream("C1")) == before


def _none(value: None) -> bool:
    return value is None


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE events SET body = '{}'",
        "UPDATE events SET kind = 'x' WHERE stream_id = :erasing",
        "UPDATE events SET seq = seq + 100 WHERE stream_id = :erasing",
        "DELETE FROM events WHERE stream_id = :erasing",
        "DELETE FROM audit",
    ],
)
async def test_the_store_lets_nothing_else_be_changed(house: House, change: str) -> None:
    await close(house, await talk(house, await house.customer(), "C1"), "C1")
    found = await house.journal.read(lambda sql: conversations.by_id(rows_of(sql), "C1"))
    assert found is not None
    ok(await house.journal.write(lambda tx: audit.record(tx, "cli", "x") or True))
    ok(await house.journal.write(lambda tx: _none(erasing.erase_conversation(tx, found, "words", "asked"))))

    def work(tx: Transaction) -> None:
        stream_id = (tx.row("SELECT stream_id FROM erasures WHERE done_ms = 0") or (0,))[0]
        tx.run(change.replace(":erasing", str(stream_id)))

    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        await house.journal.write(work)


async def test_old_audit_rows_go_and_the_chain_still_holds(house: House) -> None:
    for number in range(5):
        ok(await house.journal.write(lambda tx, n=number: audit.record(tx, "lin", "signed_in", str(n)) or True))
        house.clock.at_ms += DAY_MS
    await keep(house, "audit", 3)
    kept = await house.journal.read(audit.examine)
    assert isinstance(kept, audit.Held)
    await retention(house).sweep()
    held = await house.journal.read(audit.examine)
    assert isinstance(held, audit.Held)
    assert (held.cut.row_id, held.rows) == (2, 4)
    assert await house.journal.read(lambda sql: audit.examine(sql, [kept.head])) == held
    older = audit.Anchor(1, "0" * 64)
    untold = await house.journal.read(lambda sql: audit.examine(sql, [older]))
    assert isinstance(untold, audit.Held)
    assert untold.untold == 1


async def test_an_upload_that_nobody_shows_goes(house: House) -> None:
    customer = await house.customer()

    async def chunks() -> AsyncGenerator[bytes]:
        yield SAID.encode()

    blob = ok(await house.files.store(customer, chunks(), f"{SAID}.txt", ""))
    place = house.path.parent / "blobs" / blob.blob_id
    await retention(house).sweep()
    assert place.is_file()
    house.clock.at_ms += rules.UNUSED_MS + 1
    await retention(house).sweep()
    assert not place.exists()
    assert words_in_store(house) == set()


def test_days_of_nothing_are_for_ever() -> None:
    assert rules.due_conversations(Policy(), 10**12) == ()
    assert rules.before(0, 10**12) == 0
    found = rules.due_conversations(Policy(file_days=1, conversation_days=9), 10 * DAY_MS)
    assert found == (rules.Due("everything", DAY_MS), rules.Due("files", 9 * DAY_MS))
