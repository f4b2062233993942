"""Tickets follow conversations, and are changed by hand."""

from collections.abc import AsyncGenerator
from pathlib import Path
from typing import get_args

import pytest

from relay_server.tickets import rules
from shared.protocol.codec import decode_event
from shared.protocol.frames import Refused
from shared.protocol.messages import conversations as c
from shared.protocol.messages import tickets as t
from shared.protocol.messages.organisation import GetHome, RequestChanged
from shared.protocol.messages.routing import TakeFromQueue
from shared.protocol.types import TicketState
from tests.relay_house import MESSAGE, House, ok, open_house


@pytest.fixture
async def house(tmp_path: Path) -> AsyncGenerator[House]:
    async with open_house(tmp_path / "relay.db") as opened:
        yield opened


async def the_ticket(house: House, username: str = "lin") -> t.TicketRow:
    await house.fold()
    (row,) = ok(await house.tickets.list_tickets(house.agents[username], t.ListTickets(view="all"))).rows
    return row


async def steps_of(house: House, ticket_id: str) -> list[str]:
    found = [decode_event(record) for record in (await house.journal.page(t.ticket_stream(ticket_id), 0)).events]
    return [_named(each) for each in found]


def _named(event: object) -> str:
    if isinstance(event, t.TicketStateChanged):
        return f"{event.old}>{event.new}"
    return event.what if isinstance(event, t.SessionStep) else type(event).__name__


def test_every_state_is_left_and_reached_and_every_event_has_a_row() -> None:
    assert {state for state, _ in rules.TABLE} == set(get_args(TicketState))
    assert set(rules.TABLE.values()) == set(get_args(TicketState)) - {"new"}
    assert {event for _, event in rules.TABLE} == set(get_args(rules.Event))


def test_by_hand_every_pair_is_a_way_a_rest_or_a_refusal() -> None:
    for state in get_args(TicketState):
        for wanted in get_args(TicketState):
            found = rules.by_hand(state, wanted, "software")
            assert found in (None, wanted) or (isinstance(found, Refused) and found.code == "wrong_state")
    assert rules.by_hand("new", "resolved", "") == Refused(code="ticket_needs", params={"fields": "category"})
    assert isinstance(rules.by_hand("new", "closed", "software"), Refused)


def test_a_number_can_be_read_aloud() -> None:
    assert rules.number("YL-", 2026, 42) == "YL-2026-000042"


async def test_a_ticket_is_there_from_the_first_moment_and_follows_the_work(house: House) -> None:
    li = await house.customer()
    lin = await house.on_duty("lin", "busy")
    await house.ask(li, "C1")
    row = await the_ticket(house)
    assert (row.number, row.state, row.conversation_id) == ("YL-2026-000001", "new", "C1")
    assert house.told(li.id, RequestChanged)[-1].request.number == row.number
    ok(await house.routing.take_from_queue(lin, TakeFromQueue(conversation_id="C1")))
    assert (await the_ticket(house)).state == "assigned"
    for who, client_id in ((li, "m1"), (lin, "m2"), (lin, "m3")):
        ok(await house.conversations.send_chat(who, c.SendChat(conversation_id="C1", client_id=client_id, text="x")))
    assert (await the_ticket(house)).state == "in_progress"
    ok(await house.conversations.end_conversation(lin, c.EndConversation(conversation_id="C1")))
    close = c.CloseConversation(conversation_id="C1", category="software", result="solved")
    ok(await house.conversations.close_conversation(lin, close))
    row = await the_ticket(house)
    assert (row.state, row.category, row.owner) == ("resolved", "software", lin.person)
    ok(await house.tickets.change_ticket(lin, t.ChangeTicket(ticket_id=row.ticket_id, state="closed")))
    assert await steps_of(house, row.ticket_id) == [
        "TicketOpened",
        "conversation_queued",
        "participant_joined",
        "TicketAssigned",
        "new>assigned",
        "assigned>in_progress",
        "conversation_ended",
        "conversation_closed",
        "TicketFieldChanged",
        "in_progress>resolved",
        "participant_left",
        "resolved>closed",
    ]
    assert ok(await house.routing.get_home(li, GetHome())).requests[0].state == "closed"


async def test_a_message_becomes_a_ticket_that_an_agent_takes_up(house: House) -> None:
    li = await house.customer()
    left = c.LeaveMessage(conversation_id="C1", group_id="desk", subject="Help", answers=MESSAGE)
    ok(await house.routing.leave_message(li, left))
    row = await the_ticket(house)
    lin = house.agents["lin"]
    detail = ok(await house.tickets.open_ticket(lin, t.OpenTicket(ticket_id=row.ticket_id)))
    assert detail.answers == MESSAGE
    assert [each.kind for each in detail.steps.events] == ["ticket_opened", "session_step"]
    ok(await house.tickets.change_ticket(lin, t.ChangeTicket(ticket_id=row.ticket_id, state="in_progress")))
    row = await the_ticket(house)
    assert (row.state, row.owner) == ("in_progress", lin.person)
    done = t.ChangeTicket(ticket_id=row.ticket_id, state="resolved", category="other", priority=1, note="Wrote.")
    ok(await house.tickets.change_ticket(lin, done))
    row = await the_ticket(house)
    assert (row.state, row.category, row.priority) == ("resolved", "other", 1)


async def test_what_is_missing_or_unknown_is_refused_and_changes_nothing(house: House) -> None:
    li = await house.customer()
    lin = await house.served(li, "C1")
    row = await the_ticket(house)
    resolve = t.ChangeTicket(ticket_id=row.ticket_id, state="resolved", priority=1)
    refused = await house.tickets.change_ticket(lin, resolve)
    assert refused == Refused(code="ticket_needs", params={"fields": "category"})
    strange = t.ChangeTicket(ticket_id=row.ticket_id, category="moon")
    assert await house.tickets.change_ticket(lin, strange) == Refused(
        code="form_invalid", params={"fields": "category"}
    )
    assert await the_ticket(house) == row


async def test_other_groups_and_customers_see_no_ticket(house: House) -> None:
    li = await house.customer()
    await house.served(li, "C1")
    row = await the_ticket(house)
    wu = house.agents["wu"]
    refused = Refused(code="not_found")
    assert ok(await house.tickets.list_tickets(wu, t.ListTickets(view="all"))).rows == ()
    assert await house.tickets.open_ticket(wu, t.OpenTicket(ticket_id=row.ticket_id)) == refused
    assert await house.tickets.change_ticket(wu, t.ChangeTicket(ticket_id=row.ticket_id, priority=1)) == refused
    stream = t.ticket_stream(row.ticket_id)
    assert await house.tickets.follow(wu, c.Follow(stream=stream)) == refused
    assert await house.tickets.follow(li, c.Follow(stream=stream)) == refused
    assert isinstance(await house.tickets.follow(house.agents["chen"], c.Follow(stream=stream)), c.StreamPage)


async def test_lists_are_found_by_words_and_come_in_pages(house: House) -> None:
    lin = house.agents["lin"]
    ids: list[str] = []
    for at, name in enumerate(("Li_1", "Eve", "Bo")):
        person = await house.customer(name)
        ids.append(person.id)
        left = c.LeaveMessage(conversation_id=f"C{at}", group_id="desk", subject=f"s{at}", answers=MESSAGE)
        ok(await house.routing.leave_message(person, left))
        house.clock.at_ms += 1000
        await house.fold()
    page = ok(await house.tickets.list_tickets(lin, t.ListTickets(limit=2)))
    assert ([each.subject for each in page.rows], page.more) == (["s2", "s1"], True)
    older = ok(await house.tickets.list_tickets(lin, t.ListTickets(limit=2, before_ms=page.rows[-1].updated_ms)))
    assert ([each.subject for each in older.rows], older.more) == (["s0"], False)
    for words, found in (
        ("s1", ["s1"]),
        ("Li_", ["s0"]),
        ("%", []),
        ("2026-000003", ["s2"]),
        (ids[1], []),
        ("kind", []),
    ):
        rows = ok(await house.tickets.list_tickets(lin, t.ListTickets(words=words))).rows
        assert [each.subject for each in rows] == found
    assert ok(await house.tickets.list_tickets(lin, t.ListTickets(view="mine"))).rows == ()


async def test_who_leaves_the_line_closes_the_ticket(house: House) -> None:
    await house.on_duty("lin", "busy")
    li = await house.customer()
    await house.ask(li, "C1")
    ok(await house.routing.cancel_waiting(li, c.CancelWaiting(conversation_id="C1")))
    assert (await the_ticket(house)).state == "closed"


async def test_reopening_a_conversation_reopens_its_ticket(house: House) -> None:
    li = await house.customer()
    lin = await house.served(li, "C1")
    ok(await house.conversations.end_conversation(lin, c.EndConversation(conversation_id="C1")))
    close = c.CloseConversation(conversation_id="C1", category="software", result="solved")
    ok(await house.conversations.close_conversation(lin, close))
    ok(await house.routing.reopen(li, c.Reopen(conversation_id="C1")))
    assert (await the_ticket(house)).state == "reopened"
