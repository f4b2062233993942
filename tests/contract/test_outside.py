"""What other programs keep and are told, the same over SQLite and PostgreSQL."""

from collections.abc import AsyncGenerator, AsyncIterator
from pathlib import Path

import pytest

from relay_server.api import repeats
from relay_server.conversations import records as talks
from relay_server.customers import records as customers
from relay_server.engine.fold import FoldRunner
from relay_server.engine.raw import rows_of
from relay_server.exchange.inward import Inward
from relay_server.exchange.outward import export, export_conversations
from relay_server.identity import api_keys
from relay_server.identity.actors import KeyActor
from relay_server.identity.scopes import SCOPES
from relay_server.insight.figures import figures
from relay_server.knowledge import records as articles
from relay_server.organisation import staff
from relay_server.tickets import records as tickets
from relay_server.webhooks import hooks, log, queue
from relay_server.webhooks.hooks import NewWebhook, Terms
from relay_server.webhooks.queue import Claimed, Outcome
from relay_server.webhooks.reach import Reach
from relay_server.webhooks.sealing import Seal
from shared.protocol.frames import Refused
from shared.protocol.messages import conversations as c
from shared.protocol.types import PersonRef
from tests.relay_house import House, ok, open_house
from tests.relay_store import ENGINES

KEY = KeyActor("key1", "CRM", SCOPES)
HOUR_MS = 3_600_000
HEARD, FAILED = Outcome(204, 5, ""), Outcome(500, 5, "status")
BY = PersonRef(id="cli", name="cli", kind="system")


@pytest.fixture(params=ENGINES)
async def house(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncGenerator[House]:
    async with open_house(tmp_path / "relay.db", engine=request.param) as opened:
        yield opened


async def made_customer(house: House, name: str = "Mei") -> customers.CustomerDocument:
    return ok(await house.journal.write(lambda tx: customers.create(tx, KEY, customers.NewCustomer(name=name))))


async def made_ticket(house: House, customer_id: str) -> tickets.TicketDocument:
    new = tickets.NewTicket(subject="Battery", customer_id=customer_id, group_id="desk", category="device", note="hot")
    return ok(await house.journal.write(lambda tx: tickets.create(tx, KEY, new)))


async def test_keys_end_are_revoked_and_rotate(house: House) -> None:
    made = ok(await house.journal.write(lambda tx: api_keys.create(tx, "CRM", ("read:tickets",), 2)))
    at_ms = house.clock.at_ms

    async def found(secret: str, now_ms: int) -> api_keys.Found | Refused:
        return await house.journal.read(lambda sql: api_keys.find(rows_of(sql), secret, now_ms))

    first = await found(made.secret, at_ms)
    assert isinstance(first, api_keys.Found)
    assert first.actor == KeyActor(made.key.key_id, "CRM", ("read:tickets",))
    assert first.note_use
    await house.journal.write(lambda tx: api_keys.note_use(tx, first.digest))
    again = await found(made.secret, at_ms + 1)
    assert isinstance(again, api_keys.Found)
    assert not again.note_use
    assert await found(made.secret, made.expires_ms) == Refused(code="token_expired")
    assert await found(made.secret + "x", at_ms) == Refused(code="sign_in_first")
    second = ok(await house.journal.write(lambda tx: api_keys.rotate(tx, "CRM", 2, 1)))
    assert isinstance(await found(made.secret, at_ms + HOUR_MS - 1), api_keys.Found)
    assert await found(made.secret, at_ms + HOUR_MS) == Refused(code="token_expired")
    assert isinstance(await found(second.secret, at_ms + HOUR_MS), api_keys.Found)
    third = await house.journal.write(lambda tx: api_keys.rotate(tx, "CRM", 2, 1))
    assert third == Refused(code="already_exists", params={"name": "CRM"})
    ok(await house.journal.write(lambda tx: api_keys.revoke(tx, "CRM")))
    assert await found(second.secret, at_ms) == Refused(code="token_revoked")


@pytest.mark.parametrize(
    ("name", "scopes", "days"), [("", SCOPES, 1), ("x", (), 1), ("x", SCOPES, 0), ("x", SCOPES, 367)]
)
async def test_no_key_without_a_name_a_scope_and_an_end(house: House, name: str, scopes: tuple, days: int) -> None:
    refused = await house.journal.write(lambda tx: api_keys.create(tx, name, scopes, days))
    assert isinstance(refused, Refused)
    assert await house.journal.read(lambda sql: api_keys.listed(rows_of(sql))) == []


async def test_records_are_made_listed_and_changed(house: House) -> None:
    customer = await made_customer(house)
    ticket = await made_ticket(house, customer.customer_id)
    assert (ticket.number[:3], ticket.category, ticket.state) == ("YL-", "device", "new")
    change = tickets.TicketChange(state="resolved", priority=1)
    changed = ok(await house.journal.write(lambda tx: tickets.change(tx, KEY, ticket.ticket_id, change)))
    assert (changed.state, changed.priority, changed.owner_id) == ("resolved", 1, "")
    new = articles.NewArticle(language="zh_CN", title="打印机", body="重启打印机。", public=True)
    article = ok(await house.journal.write(lambda tx: articles.create(tx, KEY, new)))
    await house.served(await house.customer("Li"), "C1")

    def looked(rows: api_keys.Rows) -> None:
        wanted = tickets.Wanted(state="resolved", group_id="desk")
        assert tickets.page(rows, wanted, "", 10) == [changed]
        assert article in articles.page(rows, "", 200)
        assert len(ok(staff.agents(rows, KEY, "", 3))) == 3
        told = ok(figures(rows, KEY, 0, 2**47))
        assert (told.conversations_opened, told.tickets_opened, told.waiting_now) == (1, 2, 0)
        steps = ok(tickets.steps_of(rows, KEY, ticket.ticket_id, 0, 50))
        assert [each.event.__class__.__name__ for each in steps][:2] == ["TicketOpened", "TicketFieldChanged"]

    await house.journal.read(lambda sql: looked(rows_of(sql)))
    noted = ok(await house.journal.write(lambda tx: talks.add_note(tx, KEY, "C1", "from the CRM")))
    assert ok(await house.journal.write(lambda tx: talks.notes(tx, KEY, "C1", 0, 5))) == [noted]
    listed = ok(await house.journal.write(lambda tx: talks.listed(tx, KEY, talks.Wanted(state="active"), 0, 5)))
    assert [each.conversation_id for each in listed] == ["C1"]


async def test_a_resend_answers_the_same_and_is_forgotten_after_a_day(house: House) -> None:
    made = ok(await house.journal.write(lambda tx: api_keys.create(tx, "CRM", ("write:customers",), 3)))
    actor = KeyActor(made.key.key_id, "CRM", SCOPES)
    new = customers.NewCustomer(name="Mei")

    async def sent(request: str) -> object:
        return await house.journal.write(
            lambda tx: repeats.once(tx, actor, "k", request, 201, lambda tx: customers.create(tx, actor, new))
        )

    first = await sent("r")
    assert isinstance(first, customers.CustomerDocument)
    kept = await sent("r")
    assert isinstance(kept, repeats.Kept)
    assert first.customer_id.encode() in kept.body
    assert isinstance(await sent("other"), repeats.Mismatch)
    house.clock.at_ms += 25 * HOUR_MS
    assert isinstance(await sent("other"), customers.CustomerDocument)


# Webhooks


async def subscribed(house: House, tmp_path: Path, kinds: tuple[str, ...] = ("chat_posted",)) -> hooks.Hook:
    terms = Terms(Reach(), Seal(tmp_path / "webhook.key"))
    new = NewWebhook(name="CRM", url="https://crm.example.com/hook", kinds=kinds)
    made = ok(await house.journal.write(lambda tx: hooks.create(tx, terms, KEY, new)))
    found = await house.journal.read(lambda sql: hooks.by_id(rows_of(sql), made.webhook.webhook_id))
    assert found is not None
    return found


async def said(house: House, conversation_id: str, *words: str) -> None:
    for word in words:
        command = c.SendChat(conversation_id=conversation_id, client_id=f"{conversation_id}{word}", text=word)
        ok(await house.conversations.send_chat(house.agents["lin"], command))
    assert await FoldRunner(house.journal, house.bus, queue.follow(24 * HOUR_MS)).catch_up()


async def claimed(house: House, room: int = 16) -> list[Claimed]:
    return ok(await house.journal.write(lambda tx: queue.claim(tx, room)))


async def finished(house: House, each: Claimed, outcome: Outcome) -> None:
    await house.journal.write(lambda tx: queue.finish(tx, each, outcome, 1.0))


def texts(found: list[Claimed]) -> list[str]:
    return [each.record.body.split('"text":"')[1].split('"')[0] for each in found]


async def test_each_object_in_its_order_and_no_receiver_more_than_its_share(house: House, tmp_path: Path) -> None:
    for number, name in enumerate(("Li", "Eve", "Bo")):
        await house.served(await house.customer(name), f"C{number}")
    await said(house, "C0", "past")
    hook = await subscribed(house, tmp_path)
    for number in range(3):
        await said(house, f"C{number}", f"a{number}", f"b{number}")
    first = await claimed(house)
    assert texts(first) == ["a0", "a1", "a2"]
    assert await claimed(house) == []
    await finished(house, first[0], HEARD)
    await finished(house, first[1], FAILED)
    assert texts(await claimed(house)) == ["b0"]
    house.clock.at_ms += 5_000
    assert texts(await claimed(house)) == ["a1"]
    stands = await house.journal.read(lambda sql: hooks.by_id(rows_of(sql), hook.webhook_id))
    assert stands
    assert stands.waiting == 5


async def test_a_lease_that_ran_out_is_taken_over_for_good(house: House, tmp_path: Path) -> None:
    await house.served(await house.customer("Li"), "C0")
    await subscribed(house, tmp_path)
    await said(house, "C0", "a", "b")
    (lost,) = await claimed(house)
    house.clock.at_ms += queue.LEASE_MS
    (taken,) = await claimed(house)
    assert (taken.delivery_id, taken.attempts) == (lost.delivery_id, 2)
    await finished(house, lost, FAILED)
    assert await claimed(house) == []
    await finished(house, taken, HEARD)
    assert texts(await claimed(house)) == ["b"]


async def test_given_up_after_its_hours_shown_told_again_and_swept(house: House, tmp_path: Path) -> None:
    await house.served(await house.customer("Li"), "C0")
    hook = await subscribed(house, tmp_path)
    await said(house, "C0", "a", "b")
    tries = 0
    while found := [each for each in await claimed(house) if texts([each]) == ["a"]]:
        tries += 1
        await finished(house, found[0], FAILED)
        due_ms = await house.journal.read(lambda sql: queue.next_due(rows_of(sql), house.clock.at_ms))
        house.clock.at_ms = max(house.clock.at_ms, due_ms or 0)
        if due_ms is None or tries > 60:
            break
        (stands,) = await house.journal.read(lambda sql: log.page(rows_of(sql), hook.webhook_id, None, 0, 1))
        if stands.state == "dead":
            break
    assert 25 <= tries <= 45
    (dead,) = await house.journal.read(lambda sql: log.page(rows_of(sql), hook.webhook_id, "dead", 0, 5))
    assert len(dead.attempts) == tries
    assert {each.status for each in dead.attempts} == {500}
    redelivered = await house.journal.write(
        lambda tx: log.redeliver(tx, KEY, hook.webhook_id, dead.delivery_id, 24 * HOUR_MS)
    )
    assert ok(redelivered).state == "waiting"
    (after,) = await claimed(house)
    assert texts([after]) == ["b"]
    await finished(house, after, HEARD)
    (again,) = await claimed(house)
    assert texts([again]) == ["a"]
    await finished(house, again, HEARD)
    house.clock.at_ms += queue.KEEP_DONE_MS + 1
    assert await house.journal.read(lambda sql: queue.to_sweep(rows_of(sql), house.clock.at_ms))
    assert await house.journal.write(queue.sweep) == 2
    assert not await house.journal.read(lambda sql: queue.to_sweep(rows_of(sql), house.clock.at_ms))


async def test_what_was_removed_is_swept_whole(house: House, tmp_path: Path) -> None:
    await house.served(await house.customer("Li"), "C0")
    hook = await subscribed(house, tmp_path)
    await said(house, "C0", "a", "b")
    assert await house.journal.write(lambda tx: hooks.remove(tx, KEY, hook.webhook_id)) is None
    assert await claimed(house) == []
    assert await house.journal.write(queue.sweep) == 2
    assert await house.journal.read(lambda sql: rows_of(sql)("SELECT count(*) FROM webhooks", ())) == [(0,)]


# Tables


async def text_of(pieces: AsyncIterator[bytes]) -> bytes:
    return b"".join([piece async for piece in pieces])


async def pieces_of(text: bytes) -> AsyncIterator[bytes]:
    for at in range(0, len(text), 7):
        yield text[at : at + 7]


@pytest.mark.parametrize("form", ["csv", "json"])
async def test_what_goes_out_comes_in_as_it_was(house: House, tmp_path: Path, form: str) -> None:
    customer = await made_customer(house, "=cmd|' /C calc'!A0")
    await made_customer(house, '“Mei”, 美"玲')
    ticket = await made_ticket(house, customer.customer_id)
    change = tickets.TicketChange(state="resolved", priority=1)
    ok(await house.journal.write(lambda tx: tickets.change(tx, KEY, ticket.ticket_id, change)))
    tables = {kind: await text_of(export(house.journal, kind, form)) for kind in ("customers", "tickets", "articles")}
    for kind, text in tables.items():
        report = ok(await Inward(house.journal, kind, BY, dry_run=False).take(pieces_of(text), form))
        assert (report.changed, report.created, report.failed, report.whole) == (0, 0, 0, True), report
    async with open_house(tmp_path / "other.db", engine="sqlite") as other:
        for kind, text in tables.items():
            tried = ok(await Inward(other.journal, kind, BY, dry_run=True).take(pieces_of(text), form))
            taken = ok(await Inward(other.journal, kind, BY, dry_run=False).take(pieces_of(text), form))
            assert taken.failed == 0, taken
            assert (tried.created, tried.same) == (taken.created, taken.same)
            assert await text_of(export(other.journal, kind, form)) == text
        after = await made_ticket(other, customer.customer_id)
        assert after.number > ticket.number
        steps = await other.journal.read(lambda sql: tickets.steps_of(rows_of(sql), KEY, ticket.ticket_id, 0, 50))
        assert [each.event.__class__.__name__ for each in ok(steps)] == [
            "TicketOpened",
            "TicketFieldChanged",
            "TicketStateChanged",
        ]


async def test_conversations_go_out_with_notes_only_when_asked(house: House) -> None:
    await house.served(await house.customer("Li"), "C0")
    await said(house, "C0", "hello", "there")
    ok(await house.journal.write(lambda tx: talks.add_note(tx, KEY, "C0", "hush")))
    plain = await text_of(export_conversations(house.journal, "json", notes=False))
    assert plain.count(b"\n") == 2
    assert b"hush" not in plain
    whole = await text_of(export_conversations(house.journal, "csv", notes=True))
    assert whole.count(b"\r\n") == 4
    assert b"hush" in whole
