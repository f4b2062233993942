"""A customer's rights: everything on record is handed out; after erasing, nothing they typed, brought or are called is
in the store's files, under no query and not as raw bytes; holds and open work stand in the way."""

import json
import zipfile
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from sqlalchemy import select

from relay_server.admin import export, person
from relay_server.admin.holdings import HELD, OTHERS
from relay_server.admin.retention import Retention
from relay_server.engine import audit
from relay_server.engine.journal import Transaction
from relay_server.engine.raw import rows_of
from relay_server.engine.schema import metadata
from relay_server.identity import api_keys
from relay_server.identity.actors import AgentActor, CustomerActor
from shared.protocol.frames import Refused
from shared.protocol.messages import conversations as c
from shared.protocol.messages import insight as m
from shared.protocol.messages.identity import UpdateProfile
from shared.protocol.messages.routing import AcceptOffer
from shared.rules import timeline
from tests.record_house import close, folded, retention
from tests.relay_house import House, ok, open_house
from tests.relay_store import ENGINES

TYPED = tuple(
    f"{stem}qzv" for stem in ("name", "mail", "phone", "subject", "answer", "system", "line", "file", "rating")
)
NAME, MAIL, PHONE, SUBJECT, ANSWER, SYSTEM, LINE, FILE, RATING = TYPED


@pytest.fixture
async def house(tmp_path: Path) -> AsyncGenerator[House]:
    async with open_house(tmp_path / "relay.sqlite3") as opened:
        yield opened


async def chunks() -> AsyncGenerator[bytes]:
    yield FILE.encode()


async def lived(house: House, conversation_id: str = "C1") -> tuple[CustomerActor, AgentActor]:
    """A customer who has left their words in every place there is."""
    customer = await house.customer(NAME, key="devicekeyqzv")
    profile = UpdateProfile(name=NAME, email=f"{MAIL}@example.com", phone=PHONE)
    ok(await house.customers.update_profile(customer, profile))
    agent = await house.on_duty("lin")
    opening = c.OpenConversation(
        conversation_id=conversation_id,
        group_id="desk",
        subject=SUBJECT,
        answers={"category": "software", "product": "labdesk", "problem": ANSWER},
        system={"os": SYSTEM},
    )
    ok(await house.routing.open_conversation(customer, opening))
    ok(await house.routing.accept_offer(agent, AcceptOffer(conversation_id=conversation_id)))
    blob = ok(await house.files.store(customer, chunks(), f"{FILE}.txt", ""))
    said = c.SendChat(conversation_id=conversation_id, client_id="m1", text=LINE, attachments=(blob,))
    ok(await house.conversations.send_chat(customer, said))
    note = c.AddNote(conversation_id=conversation_id, client_id="n1", text=f"says {LINE}")
    ok(await house.conversations.add_note(agent, note))
    return customer, agent


async def finished(house: House, conversation_id: str = "C1") -> CustomerActor:
    customer, agent = await lived(house, conversation_id)
    await house.fold()
    await close(house, agent, conversation_id)
    ok(await house.insight.give_rating(customer, m.GiveRating(conversation_id=conversation_id, comment=RATING)))
    await house.fold()
    return customer


def found_in_files(house: House) -> set[str]:
    """Which of the words are anywhere in the bytes of the store, its log or a file beside it."""
    everything = b"".join(path.read_bytes() for path in house.path.parent.rglob("*") if path.is_file())
    names = "".join(path.name for path in house.path.parent.rglob("*"))
    return {word for word in (*TYPED, "devicekeyqzv") if word.encode() in everything or word in names}


async def erased(house: House, customer_id: str) -> person.Erased | person.Kept:
    done = ok(await house.journal.write(lambda tx: person.erase(tx, customer_id)))
    assert await retention(house).work_off()
    return done


def test_every_table_is_known_to_hold_something_of_customers_or_nothing() -> None:
    assert {table.name for table in HELD} | OTHERS == set(metadata.tables)
    assert not {table.name for table in HELD} & OTHERS


async def test_nothing_of_an_erased_person_is_in_the_stores_files(house: House) -> None:
    customer = await finished(house)
    assert found_in_files(house) == {*TYPED, "devicekeyqzv"}
    assert await erased(house, customer.id) == person.Erased(1, 1, 0)
    assert found_in_files(house) == set()
    fold = await folded(house, "C1")
    assert (fold.subject, fold.customer and fold.customer.name, fold.state) == ("", "—", "closed")
    assert isinstance(await house.journal.read(audit.examine), audit.Held)


async def test_what_the_outside_interface_keeps_for_resends_goes_too(house: House) -> None:
    customer = await finished(house)

    def answered(tx: Transaction) -> None:
        made = api_keys.create(tx, "CRM", ("write:customers",), 1)
        assert not isinstance(made, Refused)
        row = (made.key.key_id, "k", "r", 201, NAME, tx.now_ms)
        tx.run(
            "INSERT INTO api_answers (key_id, idempotency_key, request, status, body, at_ms) VALUES (?,?,?,?,?,?)", row
        )

    ok(await house.journal.write(answered))
    await erased(house, customer.id)
    assert found_in_files(house) == set()


async def test_erasing_reaches_who_has_the_old_events_in_hand(house: House) -> None:
    customer = await finished(house)
    old = await folded(house, "C1")
    head = old.public_seq
    await erased(house, customer.id)
    news = [each for each in await house.events(c.public_stream("C1")) if each[0].seq > head]
    assert timeline.apply_all(old, news) == await folded(house, "C1")


async def test_another_customer_keeps_everything(house: House) -> None:
    other = await house.customer("Bo")
    agent = await house.served(other, "C9")
    said = c.SendChat(conversation_id="C9", client_id="m1", text="kept words")
    ok(await house.conversations.send_chat(other, said))
    await close(house, agent, "C9")
    before = await house.events(c.public_stream("C9"))
    customer = await finished(house)
    await erased(house, customer.id)
    assert await house.events(c.public_stream("C9")) == before


async def test_an_erased_persons_open_link_can_write_nothing_new(house: House) -> None:
    customer = await finished(house)
    await erased(house, customer.id)
    await house.on_duty("lin")
    opening = c.OpenConversation(conversation_id="C5", group_id="desk", subject=SUBJECT, answers={})
    assert await house.routing.open_conversation(customer, opening) == Refused(code="sign_in_first")
    profile = UpdateProfile(name=NAME, email="", phone="")
    assert await house.customers.update_profile(customer, profile) == Refused(code="not_found")
    again = await house.customer("x", key="devicekeyqzv")
    assert again.id != customer.id


async def test_a_hold_and_open_work_stand_in_the_way(house: House) -> None:
    customer, agent = await lived(house)
    await house.fold()
    number = (await house.journal.read(lambda sql: rows_of(sql)("SELECT number FROM tickets", ())))[0][0]
    assert await erased(house, customer.id) == person.Kept("person_open", number)
    await close(house, agent, "C1")
    assert ok(await house.journal.write(lambda tx: person.hold(tx, customer.id, "claim") or True))
    assert await erased(house, customer.id) == person.Kept("person_held", customer.id)
    assert {SUBJECT, LINE} <= found_in_files(house)
    assert ok(await house.journal.write(lambda tx: person.release(tx, customer.id) or True))
    assert isinstance(await erased(house, customer.id), person.Erased)
    assert await erased(house, customer.id) == person.Kept("no_such_person", customer.id)
    assert found_in_files(house) == set()


async def test_everything_on_record_is_handed_out(house: House, tmp_path: Path) -> None:
    await house.served(await house.customer("Bo"), "C9", "chen")
    customer = await finished(house)
    target = tmp_path / "out.zip"
    await house.journal.read(
        lambda sql: export.write(
            target, sql, customer.id, house.path.parent / "blobs", house.path.parent / "recordings"
        )
    )
    with zipfile.ZipFile(target) as archive:
        rows = json.loads(archive.read("person.json"))
        page = archive.read("record.html").decode()
        carried = [archive.read(name) for name in archive.namelist() if name.startswith("files/")]
    assert set(rows) == {table.name for table in HELD}
    whole = json.dumps(rows)
    assert [word for word in (*TYPED, "devicekeyqzv") if word not in whole] == []
    assert LINE in page
    assert SUBJECT in page
    assert carried == [FILE.encode()]
    assert {row["id"] for row in rows["conversations"]} == {"C1"}
    assert '"C9"' not in whole


@pytest.mark.parametrize("engine", ENGINES)
async def test_people_are_found_by_what_they_said_of_themselves(tmp_path: Path, engine: str) -> None:
    async with open_house(tmp_path / "relay.db", engine=engine) as house:
        customer = await finished(house)
        for said in (customer.id, NAME[:5], MAIL.upper()[:4], PHONE[2:]):
            found = await house.journal.read(lambda sql, said=said: person.find(rows_of(sql), said))
            assert [each.customer_id for each in found] == [customer.id], said
        assert await house.journal.read(lambda sql: person.find(rows_of(sql), "%")) == []


async def test_in_postgresql_no_query_finds_an_erased_person(tmp_path: Path) -> None:
    async with open_house(tmp_path / "there", engine="postgres") as house:
        customer = await finished(house)
        target = tmp_path / "out.zip"
        blobs = house.path.parent / "blobs"
        await house.journal.read(lambda sql: export.write(target, sql, customer.id, blobs, blobs))
        with zipfile.ZipFile(target) as archive:
            whole = archive.read("person.json").decode()
        assert [word for word in TYPED if word not in whole] == []
        assert await house.journal.write(lambda tx: person.erase(tx, customer.id)) == person.Erased(1, 1, 0)
        assert await Retention(house.journal, house.files, lambda: True, house.clock).work_off()
        rows = await house.journal.read(
            lambda sql: [repr(sql.execute(select(table)).all()) for table in metadata.sorted_tables]
        )
        assert [word for word in TYPED if any(word in row for row in rows)] == []
        assert isinstance(await house.journal.read(audit.examine), audit.Held)
