"""Chat, notes, marks and who may do what: the services over a real store."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from relay_server.identity.actors import Actor
from shared.protocol.codec import is_public
from shared.protocol.frames import Refused
from shared.protocol.messages import conversations as c
from shared.protocol.messages.identity import UpdateProfile
from shared.protocol.messages.organisation import CustomerCard, GetCustomer, GetHome, RequestChanged
from shared.protocol.messages.routing import SetState
from tests.relay_house import House, ok, open_house


@pytest.fixture
async def house(tmp_path: Path) -> AsyncGenerator[House]:
    async with open_house(tmp_path / "relay.db") as opened:
        yield opened


async def chat(house: House, actor: Actor, text: str, client_id: str, conversation_id: str = "C1") -> c.ChatAccepted:
    command = c.SendChat(conversation_id=conversation_id, client_id=client_id, text=text)
    return ok(await house.conversations.send_chat(actor, command))


async def test_a_resend_is_the_same_line_even_after_the_end(house: House) -> None:
    li = await house.customer()
    lin = await house.served(li, "C1")
    first = await chat(house, li, "hello", "m1")
    ok(await house.conversations.end_conversation(lin, c.EndConversation(conversation_id="C1")))
    close = c.CloseConversation(conversation_id="C1", category="software", result="solved")
    ok(await house.conversations.close_conversation(lin, close))
    assert await chat(house, li, "hello", "m1") == first
    late = await house.conversations.send_chat(li, c.SendChat(conversation_id="C1", client_id="m2", text="late"))
    assert late == Refused(code="conversation_ended")
    lines = [event for _, event in await house.events("c/C1/public") if isinstance(event, c.ChatPosted)]
    assert [line.text for line in lines] == ["hello"]


async def test_a_customer_who_gave_a_name_after_signing_in_writes_under_it(house: House) -> None:
    li = await house.customer()
    ok(await house.customers.update_profile(li, UpdateProfile(name="Maya Chen")))
    await house.served(li, "C1")
    await chat(house, li, "hello", "m1")
    lines = [event for _, event in await house.events("c/C1/public") if isinstance(event, c.ChatPosted)]
    assert [line.author.name for line in lines] == ["Maya Chen"]


async def test_two_people_may_use_the_same_client_id(house: House) -> None:
    li = await house.customer()
    lin = await house.served(li, "C1")
    first, second = await chat(house, li, "a", "m1"), await chat(house, lin, "b", "m1")
    assert first.seq != second.seq


async def test_nothing_said_is_refused(house: House) -> None:
    li = await house.customer()
    await house.served(li, "C1")
    blank = c.SendChat(conversation_id="C1", client_id="m1", text=" \n")
    assert await house.conversations.send_chat(li, blank) == Refused(code="malformed")


async def test_unread_counts_what_the_owner_has_not_read(house: House) -> None:
    li = await house.customer()
    lin = await house.served(li, "C1")
    one = await chat(house, li, "1", "m1")
    await chat(house, li, "2", "m2")
    assert house.told(lin.id, c.ConversationChanged)[-1].row.unread == 2
    ok(await house.conversations.mark_read(lin, c.MarkRead(conversation_id="C1", seq=one.seq)))
    assert house.told(lin.id, c.ConversationChanged)[-1].row.unread == 1


async def test_marks_go_forward_once_and_never_mark_each_other(house: House) -> None:
    li = await house.customer()
    lin = await house.served(li, "C1")
    line = await chat(house, li, "1", "m1")
    for _ in range(3):
        ok(await house.conversations.mark_delivered(lin, c.MarkDelivered(conversation_id="C1", seq=line.seq + 5)))
        ok(await house.conversations.mark_read(lin, c.MarkRead(conversation_id="C1", seq=line.seq + 5)))
    marks = [
        event
        for _, event in await house.events("c/C1/public")
        if isinstance(event, c.MessagesDelivered | c.MessagesRead)
    ]
    assert marks == [
        c.MessagesDelivered(person_id=lin.id, up_to=line.seq),
        c.MessagesRead(person_id=lin.id, up_to=line.seq),
    ]


async def test_another_customer_finds_nothing(house: House) -> None:
    li, eve = await house.customer("Li"), await house.customer("Eve")
    await house.served(li, "C1")
    answers = [
        await house.conversations.send_chat(eve, c.SendChat(conversation_id="C1", client_id="x", text="x")),
        await house.conversations.mark_read(eve, c.MarkRead(conversation_id="C1", seq=1)),
        await house.conversations.typing(eve, c.Typing(conversation_id="C1")),
        await house.conversations.follow(eve, c.Follow(stream="c/C1/public")),
        await house.conversations.follow(eve, c.Follow(stream="c/C1/internal")),
        await house.conversations.follow(eve, c.Follow(stream="c/C2/public")),
        await house.routing.cancel_waiting(eve, c.CancelWaiting(conversation_id="C1")),
        await house.routing.reopen(eve, c.Reopen(conversation_id="C1")),
    ]
    assert answers == [Refused(code="not_found")] * len(answers)
    assert ok(await house.routing.get_home(eve, GetHome())).requests == ()
    assert not house.told(eve.id, RequestChanged)


async def test_an_agent_of_another_group_finds_nothing(house: House) -> None:
    li = await house.customer()
    await house.served(li, "C1")
    wu = await house.on_duty("wu")
    assert await house.conversations.follow(wu, c.Follow(stream="c/C1/public")) == Refused(code="not_found")
    note = c.AddNote(conversation_id="C1", client_id="n", text="n")
    assert await house.conversations.add_note(wu, note) == Refused(code="not_found")
    assert await house.conversations.get_customer(wu, GetCustomer(customer_id=li.id)) == Refused(code="not_found")


async def test_a_colleague_of_the_group_reads_and_notes_but_does_not_speak_or_end(house: House) -> None:
    li = await house.customer()
    await house.served(li, "C1")
    chen = await house.on_duty("chen", "busy")
    assert isinstance(await house.conversations.follow(chen, c.Follow(stream="c/C1/internal")), c.StreamPage)
    ok(await house.conversations.add_note(chen, c.AddNote(conversation_id="C1", client_id="n", text="n")))
    speak = c.SendChat(conversation_id="C1", client_id="m", text="m")
    assert await house.conversations.send_chat(chen, speak) == Refused(code="not_allowed")
    end = c.EndConversation(conversation_id="C1")
    assert await house.conversations.end_conversation(chen, end) == Refused(code="not_allowed")


async def test_a_customer_cannot_follow_the_internal_stream_of_their_own_conversation(house: House) -> None:
    li = await house.customer()
    await house.served(li, "C1")
    for stream in ("c/C1/internal", "c/C1", "t/C1", "x/C1/public"):
        assert await house.conversations.follow(li, c.Follow(stream=stream)) == Refused(code="not_found")


async def test_a_note_is_nowhere_that_a_customer_looks(house: House) -> None:
    li = await house.customer()
    lin = await house.served(li, "C1")
    secret = "He-is-rude"
    ok(await house.conversations.add_note(lin, c.AddNote(conversation_id="C1", client_id="n1", text=secret)))
    page = ok(await house.conversations.follow(li, c.Follow(stream="c/C1/public")))
    seen = [str(page), str(await house.routing.get_home(li, GetHome())), str(house.told(li.id, object))]
    assert all(secret not in each for each in seen)
    assert all(is_public(record.stream) for record in page.events)
    internal = ok(await house.conversations.follow(lin, c.Follow(stream="c/C1/internal")))
    assert secret in str(internal)


async def test_who_follows_learns_who_is_there_and_when_that_changes(house: House) -> None:
    li = await house.customer()
    await house.served(li, "C1")
    ok(await house.conversations.follow(li, c.Follow(stream="c/C1/public")))
    assert [push.online for push in house.told(li.id, c.PresenceChanged)] == [True]


async def test_closing_wants_a_known_category(house: House) -> None:
    li = await house.customer()
    lin = await house.served(li, "C1")
    ok(await house.conversations.end_conversation(lin, c.EndConversation(conversation_id="C1")))
    close = c.CloseConversation(conversation_id="C1", category="no-such", result="solved")
    refused = await house.conversations.close_conversation(lin, close)
    assert refused == Refused(code="form_invalid", params={"fields": "category"})


async def test_a_card_shows_the_customer_to_who_serves_them(house: House) -> None:
    li = await house.customer()
    lin = await house.served(li, "C1")
    card = ok(await house.conversations.get_customer(lin, GetCustomer(customer_id=li.id)))
    assert isinstance(card, CustomerCard)
    assert card.customer == li.person
    assert [each.conversation_id for each in card.requests] == ["C1"]


async def test_busy_after_this_begins_when_the_work_is_closed(house: House) -> None:
    li = await house.customer()
    lin = await house.served(li, "C1")
    ok(await house.routing.set_state(lin, SetState(state="busy", reason="papers")))
    ok(await house.conversations.end_conversation(lin, c.EndConversation(conversation_id="C1")))
    close = c.CloseConversation(conversation_id="C1", category="software", result="solved")
    ok(await house.conversations.close_conversation(lin, close))
    await house.routing.tick()
    rows = await house.journal.read(lambda sql: sql.exec_driver_sql("SELECT state, reason FROM agent_states").all())
    assert [tuple(row) for row in rows] == [("busy", "papers")]
