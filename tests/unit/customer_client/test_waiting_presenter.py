"""In line: figures from the relay only, with their age; leaving asks once."""

from customer_client.desk.routes import Ask, Home, Talk
from customer_client.waiting.presenter import checked
from shared.protocol.messages import conversations as c
from shared.protocol.messages.organisation import RequestChanged
from shared.strings import render
from tests.customer_fakes import LIN, START_MS, TALK, Stage, joined, opened, request


def in_line(stage: Stage) -> None:
    stage.connect()
    stage.desk.on_push(RequestChanged(request=request("queued")))
    stage.rooms.routes.go(Talk(TALK))
    stage.rooms.waiting.open(TALK)
    stage.happen(opened(), c.ConversationQueued(group_id="desk", since_ms=START_MS))


def place(stage: Stage, number: int, high_s: int | None = 540) -> None:
    low_s = None if high_s is None else 350
    at = stage.timers.now_ms
    push = c.QueuePlace(conversation_id=TALK, place=number, on_duty=1, at_ms=at, wait_low_s=low_s, wait_high_s=high_s)
    stage.desk.on_push(push)


def test_place_and_range_with_their_age(stage: Stage) -> None:
    in_line(stage)
    place(stage, 3)
    stage.timers.pass_s(10)
    view = stage.rooms.waiting.view.value
    assert (view.place, view.state, view.number) == (3, "waiting", "NW-2041")
    assert view.wait is not None
    assert view.wait() == "6 to 9 min"
    assert render(checked(view)) == "From recent waits, checked 10 s ago. It can change."


def test_no_honest_estimate_is_said(stage: Stage) -> None:
    in_line(stage)
    place(stage, 3, None)
    view = stage.rooms.waiting.view.value
    assert view.wait is None
    assert "cannot estimate" in render(checked(view))


def test_a_longer_wait_is_told_until_it_was_seen(stage: Stage) -> None:
    in_line(stage)
    place(stage, 3)
    assert not stage.rooms.waiting.view.value.worse
    place(stage, 3, 1080)
    assert stage.rooms.waiting.view.value.worse
    stage.rooms.waiting.keep_waiting()
    assert not stage.rooms.waiting.view.value.worse


def test_it_is_your_turn_when_an_engineer_has_come(stage: Stage) -> None:
    in_line(stage)
    stage.happen(joined())
    view = stage.rooms.waiting.view.value
    assert (view.state, view.engineer) == ("your_turn", LIN)


def test_leaving_asks_once_and_then_goes_home(stage: Stage) -> None:
    in_line(stage)
    stage.rooms.waiting.ask_cancel(True)
    assert stage.rooms.waiting.view.value.asks_cancel
    assert not stage.relay.posted
    stage.rooms.waiting.cancel()
    assert stage.relay.posted == {f"cancel/{TALK}": c.CancelWaiting(conversation_id=TALK)}
    stage.answer(f"cancel/{TALK}", c.Done())
    assert stage.rooms.routes.top == Home()


def test_a_message_instead_knows_what_it_is_instead_of(stage: Stage) -> None:
    in_line(stage)
    stage.rooms.waiting.leave_message()
    assert stage.rooms.routes.top == Ask("Report export stops at 90%", message=True, waiting_for=TALK)


def test_the_clock_stops_with_the_page(stage: Stage) -> None:
    in_line(stage)
    place(stage, 2)
    stage.rooms.waiting.close()
    stage.timers.pass_s(30)
    assert stage.rooms.waiting.view.value.age_s < 2
