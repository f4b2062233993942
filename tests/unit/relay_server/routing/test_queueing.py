"""From the door to an owner: routing over a real store, with the clock turned by hand."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from relay_server.engine.raw import rows_of
from shared.protocol.frames import Refused
from shared.protocol.messages import conversations as c
from shared.protocol.messages import routing as q
from shared.protocol.messages.organisation import GetDesk, GetHome
from tests.relay_house import ANSWERS, MESSAGE, Clock, House, ok, open_house


@pytest.fixture
async def house(tmp_path: Path) -> AsyncGenerator[House]:
    async with open_house(tmp_path / "relay.db") as opened:
        unsubscribe = opened.bus.subscribe(opened.routing.hear)
        yield opened
        unsubscribe()


async def state_of(house: House, conversation_id: str) -> str:
    found = await house.journal.read(
        lambda sql: rows_of(sql)("SELECT state FROM conversations WHERE id = ?", (conversation_id,))
    )
    return str(found[0][0])


async def test_nobody_on_duty_leads_to_a_message_and_both_are_refused_without_their_answers(house: House) -> None:
    li = await house.customer()
    ask = c.OpenConversation(conversation_id="C1", group_id="desk", subject="x", answers=ANSWERS)
    assert await house.routing.open_conversation(li, ask) == Refused(code="nobody_on_duty", params={"group_id": "desk"})
    short = c.LeaveMessage(conversation_id="C1", group_id="desk", subject="x", answers={"name": "Li"})
    assert await house.routing.leave_message(li, short) == Refused(
        code="form_incomplete", params={"fields": "email,message"}
    )
    whole = c.LeaveMessage(conversation_id="C1", group_id="desk", subject="x", answers=MESSAGE)
    left = ok(await house.routing.leave_message(li, whole))
    assert left.state == "closed"
    assert ok(await house.routing.leave_message(li, whole)) == left


async def test_asking_again_with_the_same_id_is_the_same_and_with_another_is_refused(house: House) -> None:
    await house.on_duty("lin", "busy")
    li, eve = await house.customer("Li"), await house.customer("Eve")
    first = await house.ask(li, "C1")
    assert await house.ask(li, "C1") == first
    other = c.OpenConversation(conversation_id="C2", group_id="desk", subject="x", answers=ANSWERS)
    assert await house.routing.open_conversation(li, other) == Refused(
        code="already_open", params={"conversation_id": "C1"}
    )
    stolen = c.OpenConversation(conversation_id="C1", group_id="desk", subject="x", answers=ANSWERS)
    assert await house.routing.open_conversation(eve, stolen) == Refused(code="not_found")


async def test_a_group_that_is_not_public_and_wrong_answers_are_refused(house: House) -> None:
    await house.on_duty("wu")
    li = await house.customer()
    for group_id in ("experts", "no-such"):
        ask = c.OpenConversation(conversation_id="C1", group_id=group_id, subject="x", answers=ANSWERS)
        assert await house.routing.open_conversation(li, ask) == Refused(code="not_found")
    wrong = c.OpenConversation(
        conversation_id="C1", group_id="desk", subject="x", answers={**ANSWERS, "product": "moon"}
    )
    assert await house.routing.open_conversation(li, wrong) == Refused(
        code="form_invalid", params={"fields": "product"}
    )


async def test_an_offer_that_is_missed_goes_on_and_its_agent_is_on_a_break(house: House) -> None:
    lin, chen = await house.on_duty("lin"), await house.on_duty("chen", "busy")
    li = await house.customer()
    await house.ask(li, "C1")
    ok(await house.routing.set_state(chen, q.SetState(state="available")))
    (offer,) = house.told(lin.id, q.OfferArrived)
    assert (offer.offer.window_s, offer.offer.answers, offer.offer.why) == (20, ANSWERS, "only_free")
    await house.pass_time(20)
    assert house.told(lin.id, q.OfferWithdrawn)[-1].why == "timed_out"
    assert house.told(lin.id, q.StateChanged)[-1].state.state == "break"
    assert house.told(lin.id, q.StateChanged)[-1].state.reason == "missed_offer"
    assert len(house.told(chen.id, q.OfferArrived)) == 1
    gone = await house.routing.accept_offer(lin, q.AcceptOffer(conversation_id="C1"))
    assert gone == Refused(code="offer_gone")


async def test_a_declined_offer_is_not_made_to_the_same_agent_until_all_have_refused(house: House) -> None:
    lin, chen = await house.on_duty("lin"), await house.on_duty("chen")
    await house.ask(await house.customer(), "C1")
    for agent in (lin, chen):
        assert len(house.told(agent.id, q.OfferArrived)) == 1
        ok(await house.routing.decline_offer(agent, q.DeclineOffer(conversation_id="C1")))
    assert await state_of(house, "C1") == "queued"
    await house.pass_time(9)
    assert await state_of(house, "C1") == "queued"
    await house.pass_time(1)
    assert await state_of(house, "C1") == "offered"


async def test_capacity_counts_offers_and_work_and_taking_by_hand_respects_it(house: House) -> None:
    maria = await house.on_duty("maria")
    people = [await house.customer(name) for name in ("Li", "Eve", "Bo")]
    for at, person in enumerate(people):
        await house.ask(person, f"C{at}")
    assert [await state_of(house, f"C{at}") for at in range(3)] == ["offered", "offered", "queued"]
    full = await house.routing.take_from_queue(maria, q.TakeFromQueue(conversation_id="C2"))
    assert full == Refused(code="no_capacity")
    ok(await house.routing.decline_offer(maria, q.DeclineOffer(conversation_id="C0")))
    assert await state_of(house, "C2") == "offered"


async def test_an_agent_picks_what_was_offered_to_another(house: House) -> None:
    lin = await house.on_duty("lin")
    await house.ask(await house.customer(), "C1")
    chen = await house.on_duty("chen", "busy")
    ok(await house.routing.take_from_queue(chen, q.TakeFromQueue(conversation_id="C1")))
    ok(await house.routing.take_from_queue(chen, q.TakeFromQueue(conversation_id="C1")))
    assert house.told(lin.id, q.OfferWithdrawn)[-1].why == "taken"
    wu = await house.on_duty("wu")
    foreign = await house.routing.take_from_queue(wu, q.TakeFromQueue(conversation_id="C1"))
    assert foreign == Refused(code="not_found")


async def test_going_offline_takes_an_offer_back_and_going_busy_does_not(house: House) -> None:
    lin = await house.on_duty("lin")
    await house.ask(await house.customer(), "C1")
    ok(await house.routing.set_state(lin, q.SetState(state="busy")))
    assert await state_of(house, "C1") == "offered"
    ok(await house.routing.set_state(lin, q.SetState(state="offline")))
    assert await state_of(house, "C1") == "queued"
    assert house.told(lin.id, q.OfferWithdrawn)[-1].why == "went_offline"


async def test_an_owner_who_is_gone_too_long_loses_the_conversation_with_its_age(house: House) -> None:
    li = await house.customer()
    lin = await house.served(li, "C1")
    await house.routing.agent_disconnected(lin.profile)
    asked_ms = house.clock.at_ms
    await house.pass_time(59)
    assert await state_of(house, "C1") == "active"
    chen = await house.on_duty("chen")
    await house.pass_time(1)
    (offer,) = house.told(chen.id, q.OfferArrived)
    assert offer.offer.row.since_ms == asked_ms
    kinds = [record.kind for record, _ in await house.events("c/C1/public")]
    assert kinds[-2:] == ["participant_left", "conversation_queued"]


async def test_a_clock_that_is_set_back_leaves_no_offer_on_the_table_for_hours(house: House) -> None:
    lin = await house.on_duty("lin")
    await house.ask(await house.customer(), "C1")
    await house.pass_time(-6 * 3600)
    assert await state_of(house, "C1") == "offered"
    await house.pass_time(19)
    assert await state_of(house, "C1") == "offered"
    await house.pass_time(1)
    assert house.told(lin.id, q.OfferWithdrawn)[-1].why == "timed_out"


async def test_a_clock_that_is_set_back_gives_a_lost_owner_no_hours(house: House) -> None:
    lin = await house.served(await house.customer(), "C1")
    await house.routing.agent_disconnected(lin.profile)
    await house.pass_time(-6 * 3600)
    assert await state_of(house, "C1") == "queued"


async def test_leaving_the_line_withdraws_the_offer(house: House) -> None:
    lin = await house.on_duty("lin")
    li = await house.customer()
    await house.ask(li, "C1")
    for _ in range(2):
        ok(await house.routing.cancel_waiting(li, c.CancelWaiting(conversation_id="C1")))
    assert house.told(lin.id, q.OfferWithdrawn)[-1].why == "customer_left"
    assert house.told(lin.id, q.StateChanged)[-1].state.used_units == 0


async def test_a_message_while_waiting_keeps_or_gives_up_the_place(house: House) -> None:
    await house.on_duty("lin", "busy")
    li = await house.customer()
    await house.ask(li, "C1")
    keep = c.LeaveMessage(conversation_id="C1", group_id="desk", subject="x", answers=MESSAGE, keep_place=True)
    assert ok(await house.routing.leave_message(li, keep)).state == "queued"
    ok(await house.routing.leave_message(li, keep))
    left = [event for _, event in await house.events("c/C1/public") if isinstance(event, c.MessageLeft)]
    assert len(left) == 1
    instead = c.LeaveMessage(
        conversation_id="C1", group_id="desk", subject="x", answers={**MESSAGE, "message": "Do write."}
    )
    assert ok(await house.routing.leave_message(li, instead)).state == "closed"


async def test_reopening_goes_back_to_the_line_within_the_days_given(house: House) -> None:
    li = await house.customer()
    lin = await house.served(li, "C1")
    ok(await house.conversations.end_conversation(lin, c.EndConversation(conversation_id="C1")))
    close = c.CloseConversation(conversation_id="C1", category="software", result="solved")
    ok(await house.conversations.close_conversation(lin, close))
    again = ok(await house.routing.reopen(li, c.Reopen(conversation_id="C1")))
    assert again.state == "queued"
    ok(await house.routing.accept_offer(lin, q.AcceptOffer(conversation_id="C1")))
    ok(await house.conversations.end_conversation(lin, c.EndConversation(conversation_id="C1")))
    ok(await house.conversations.close_conversation(lin, close))
    await house.pass_time(14 * 24 * 3600)
    late = await house.routing.reopen(li, c.Reopen(conversation_id="C1"))
    assert late == Refused(code="reopen_too_late")


async def test_places_are_told_as_they_change_and_only_then(house: House) -> None:
    lin = await house.on_duty("lin", "busy")
    li, eve = await house.customer("Li"), await house.customer("Eve")
    await house.ask(li, "C1")
    house.clock.at_ms += 10
    await house.ask(eve, "C2")
    await house.routing.tick()
    await house.routing.tick()
    assert [push.place for push in house.told(eve.id, c.QueuePlace)] == [2]
    assert [row.conversation_id for row in house.told(lin.id, q.QueueChanged)[-1].rows] == ["C1", "C2"]
    ok(await house.routing.take_from_queue(lin, q.TakeFromQueue(conversation_id="C1")))
    await house.routing.tick()
    assert [push.place for push in house.told(eve.id, c.QueuePlace)] == [2, 1]
    ok(await house.routing.get_home(eve, GetHome()))
    await house.routing.tick()
    assert [push.place for push in house.told(eve.id, c.QueuePlace)] == [2, 1, 1]


async def test_everybody_with_the_first_page_learns_that_somebody_came(house: House) -> None:
    li = await house.customer()
    await house.routing.customer_connected(li.person)
    await house.on_duty("lin")
    await house.routing.tick()
    await house.routing.tell_status()
    told = {push.group_id: push.on_duty for push in house.told(li.id, c.ServiceStatus)}
    assert told == {"desk": 1, "desk-south": 1}


async def test_an_overflow_group_takes_what_its_own_cannot(house: House) -> None:
    chen = await house.on_duty("chen")
    await house.ask(await house.customer(), "C1", "desk-south")
    assert house.told(chen.id, q.OfferArrived)[0].offer.row.group_id == "desk"


async def test_offers_and_the_grace_of_owners_survive_a_restart(tmp_path: Path) -> None:
    clock, path = Clock(), tmp_path / "again.db"
    async with open_house(path, clock) as before:
        li = await before.customer("Li")
        lin = await before.served(li, "C1")
        await before.ask(await before.customer("Eve"), "C2")
    async with open_house(path, clock) as after:
        lin = after.agents[lin.profile.username]
        await after.routing.tick()
        await after.routing.agent_connected(lin.profile)
        desk = ok(await after.routing.get_desk(lin, GetDesk()))
        assert [offer.row.conversation_id for offer in desk.offers] == ["C2"]
        assert desk.state.state == "available"
        ok(await after.routing.accept_offer(lin, q.AcceptOffer(conversation_id="C2")))
        assert len(ok(await after.routing.get_desk(lin, GetDesk())).conversations) == 2
