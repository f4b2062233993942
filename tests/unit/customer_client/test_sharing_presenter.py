"""A remote session on the customer's side, from yes to receipt."""

import pytest
from msgspec import structs

from customer_client.after.summary import lines, spans
from customer_client.desk.routes import Result
from customer_client.sharing.log import MAX_LINES, ReceiptLog
from shared.protocol.frames import Refused
from shared.protocol.messages import conversations as c
from shared.protocol.messages import remote as x
from shared.rules import receipt as receipts
from shared.session import channel as ch
from shared.session import files_messages as f
from tests.customer_fakes import LIN, TALK, Stage, monitors

SID = "session-1"


@pytest.fixture
def sharing(stage: Stage) -> Stage:
    """Lin may see and control monitor 1; the relay has heard of it."""
    stage.connect()
    stage.talk()
    stage.relay.answers[x.GetIceServers] = x.IceServers(servers=())
    stage.relay.answers[x.SendSignal] = c.Done()
    stage.ask("view", "control")
    stage.session.report(monitors())
    stage.timers.pass_s(1)
    stage.rooms.consent.switch("view", True)
    stage.rooms.consent.switch("control", True)
    assert stage.rooms.consent.allow()
    stage.answer("consent/ask-1", c.Done())
    return stage


def posted(stage: Stage, kind: type) -> list[x.EndRemote | x.StoreReceipt | x.ReportGrantEnded]:
    return [body for _, body in stage.relay.history if isinstance(body, kind)]  # pyright: ignore[reportReturnType]


def stored(stage: Stage) -> x.Receipt:
    (command,) = [body for _, body in stage.relay.history if isinstance(body, x.StoreReceipt)]
    return command.receipt


def over(stage: Stage, capability: str, why: str = "stopped") -> None:
    stage.session.report(ch.GrantOver(agent_id="lin", capability=capability, why=why))  # pyright: ignore


def test_a_process_stands_ready_as_soon_as_somebody_is_there(stage: Stage) -> None:
    stage.connect()
    stage.talk()
    assert len(stage.sessions) == 1


def test_orders_come_in_the_order_that_keeps_the_screen_private(sharing: Stage) -> None:
    kinds = [type(order) for order in sharing.session.orders if not isinstance(order, ch.FindSources)]
    assert kinds == [ch.StartSharing, f.OpenFiles, ch.GiveGrants, ch.AddViewer]
    assert sharing.session.sent(ch.GiveGrants)[0].grants[1].capability == "control"


def test_nobody_is_connected_before_the_relay_has_the_answer(stage: Stage) -> None:
    stage.connect()
    stage.talk()
    stage.ask("view")
    stage.session.report(monitors())
    stage.timers.pass_s(1)
    stage.rooms.consent.switch("view", True)
    stage.rooms.consent.allow()
    assert not stage.session.sent(ch.AddViewer)
    stage.answer("consent/ask-1", Refused(code="consent_expired"))
    assert not stage.session.sent(ch.AddViewer)
    assert stage.session.sent(ch.StopSharing)


def test_signals_go_both_ways_and_only_for_this_session(sharing: Stage) -> None:
    offer = sharing.make_offer()
    assert any(isinstance(each, x.SendSignal) and each.to == "lin" for each in sharing.relay.asked)
    answer = sharing.answered(offer)
    sharing.arrive(answer, session_id="another")
    assert not sharing.session.sent(ch.SignalIn)
    sharing.arrive(answer)
    assert [order.signal for order in sharing.session.sent(ch.SignalIn)] == [answer]


def test_an_offer_that_got_lost_is_made_again_when_the_link_is_back(sharing: Stage) -> None:
    sharing.drop()
    sharing.session.report(ch.SignalOut(agent_id="lin", signal=x.Signal(kind="offer", sdp="v=0")))
    sharing.return_()
    assert len(sharing.session.sent(ch.AddViewer)) == 2


def test_the_banner_says_who_sees_and_who_controls(sharing: Stage) -> None:
    view = sharing.rooms.sharing.view
    assert view.value.live
    assert not view.value.watchers[0].controls
    sharing.session.report(ch.ViewerChanged(agent_id="lin", state="connected"))
    assert (view.value.watchers[0].sees, view.value.watchers[0].controls, view.value.tone) == (True, True, "control")
    over(sharing, "control", "revoked")
    assert view.value.tone == "view"
    assert view.value.live
    sharing.session.report(ch.ViewerChanged(agent_id="lin", state="lost"))
    assert view.value.tone == "lost"


def test_a_machine_that_takes_no_input_is_controlled_by_nobody(sharing: Stage) -> None:
    sharing.session.report(ch.ViewerChanged(agent_id="lin", state="connected"))
    sharing.session.report(ch.ControlPossible(works=False))
    assert not sharing.rooms.sharing.view.value.watchers[0].controls


def test_time_runs_down_also_while_paused(sharing: Stage) -> None:
    before = sharing.rooms.sharing.view.value.left_s
    sharing.rooms.sharing.pause()
    sharing.timers.pass_s(10)
    view = sharing.rooms.sharing.view.value
    assert (before - view.left_s, view.tone) == (10, "paused")
    sharing.rooms.sharing.resume()
    assert [type(order) for order in sharing.session.orders[-2:]] == [ch.Pause, ch.Resume]


def test_resuming_after_a_lost_connection_offers_a_new_one(sharing: Stage) -> None:
    sharing.session.report(ch.ViewerChanged(agent_id="lin", state="lost"))
    sharing.rooms.sharing.resume()
    assert len(sharing.session.sent(ch.AddViewer)) == 2


def test_taking_back_control_keeps_the_picture(sharing: Stage) -> None:
    sharing.session.report(ch.ViewerChanged(agent_id="lin", state="connected"))
    sharing.rooms.sharing.take_back_control()
    assert sharing.session.sent(ch.TakeGrant) == [ch.TakeGrant(agent_id="lin", capability="control")]
    over(sharing, "control", "revoked")
    assert sharing.rooms.sharing.held("lin") == {"view"}


def test_the_stop_key_ends_it_and_the_receipt_tells_the_whole_story(sharing: Stage) -> None:
    now = sharing.timers.now_ms
    used = ch.Used(agent_id="lin", capability="control", count=7, refused=2, first_ms=now, last_ms=now + 4000)
    sharing.session.report(used)
    over(sharing, "control")
    over(sharing, "view")
    sharing.session.report(ch.Stopped(reason="customer_stop_key"))
    receipt = stored(sharing)
    assert receipts.verify(receipt)
    assert receipt.ticket_number == "NW-2041"
    assert [entry.what for entry in receipt.entries] == [
        *("asked", "asked", "source", "granted", "granted", "used", "ended", "ended")
    ]
    (control, _) = spans(receipt.entries)
    assert (control.count, control.refused, control.last_ms - control.first_ms) == (7, 2, 4000)
    assert posted(sharing, x.EndRemote) == [x.EndRemote(session_id=SID, reason="customer_stop_key")]
    assert not posted(sharing, x.ReportGrantEnded), "the relay would take the last grant's end for the reason"
    assert sharing.rooms.routes.top == Result(TALK)
    assert not sharing.rooms.sharing.view.value.live


def test_every_kind_of_thing_is_in_the_summary_also_what_did_not_happen(sharing: Stage) -> None:
    sharing.session.report(ch.Stopped(reason="customer_stopped"))
    made = lines((stored(sharing),))
    assert [line.title for line in made] == [
        "Seen: nothing",
        "Controlled: nothing",
        "Recorded: nothing",
        "Files: none",
        "Clipboard: not used",
        "Commands: none",
    ]


def test_an_end_by_the_engineer_is_not_reported_back(sharing: Stage) -> None:
    sharing.happen(x.RemoteEnded(session_id=SID, by=LIN, reason="agent_ended"))
    assert sharing.session.sent(ch.StopSharing) == [ch.StopSharing(reason="agent_ended")]
    sharing.session.report(ch.Stopped(reason="agent_ended"))
    assert not posted(sharing, x.EndRemote)
    assert receipts.verify(stored(sharing))


def test_an_ended_conversation_ends_sharing(sharing: Stage) -> None:
    sharing.happen(c.ConversationEnded(by=LIN))
    assert sharing.session.sent(ch.StopSharing) == [ch.StopSharing(reason="conversation_ended")]


def test_a_dead_process_is_an_end_and_a_new_one_is_made_ready(sharing: Stage) -> None:
    sharing.session.alive = False
    sharing.session.over()
    assert posted(sharing, x.EndRemote) == [x.EndRemote(session_id=SID, reason="session_process_lost")]
    assert not sharing.rooms.sharing.view.value.live
    sharing.happen(c.ChatPosted(client_id="one", author=LIN, text="What happened?"))
    assert len(sharing.sessions) == 2


def test_the_last_grant_that_expires_ends_the_session(sharing: Stage) -> None:
    over(sharing, "control", "expired")
    assert not sharing.session.sent(ch.StopSharing)
    over(sharing, "view", "expired")
    assert sharing.session.sent(ch.StopSharing) == [ch.StopSharing(reason="expired")]
    assert len(posted(sharing, x.ReportGrantEnded)) == 2


def test_control_asked_for_later_joins_the_same_session(stage: Stage) -> None:
    stage.connect()
    stage.talk()
    stage.relay.answers[x.GetIceServers] = x.IceServers(servers=())
    stage.ask("view")
    stage.session.report(monitors())
    stage.timers.pass_s(1)
    stage.rooms.consent.switch("view", True)
    stage.rooms.consent.allow()
    stage.answer("consent/ask-1", c.Done())
    stage.happen(x.ConsentAnswered(request_id="ask-1", session_id=SID, agent=LIN, grants=()))
    stage.ask("control", request_id="ask-2")
    assert str(stage.rooms.consent.view.value.sharing) == "Monitor 1"
    assert not stage.rooms.consent.view.value.rows[0].blocked
    stage.timers.pass_s(1)
    stage.rooms.consent.switch("control", True)
    assert stage.rooms.consent.allow()
    stage.answer("consent/ask-2", c.Done())
    assert len(stage.session.sent(ch.StartSharing)) == 1
    assert len(stage.session.sent(ch.AddViewer)) == 1
    assert stage.rooms.sharing.held("lin") == {"view", "control"}


def taken(stage: Stage) -> list[tuple[str, str]]:
    return [(order.agent_id, order.capability) for order in stage.session.sent(ch.TakeGrant)]


def test_who_left_the_conversation_keeps_the_screen_until_a_newcomer_sees_it(sharing: Stage) -> None:
    sharing.happen(c.ParticipantLeft(person=LIN, reason="left"))
    assert taken(sharing) == []
    sharing.session.report(ch.ViewerSees(agent_id="lin"))
    assert taken(sharing) == []
    sharing.session.report(ch.ViewerSees(agent_id="chen"))
    assert {("lin", "view"), ("lin", "control")} == set(taken(sharing))


def test_who_left_the_conversation_does_not_see_for_long(sharing: Stage) -> None:
    sharing.happen(c.ParticipantLeft(person=LIN, reason="left"))
    sharing.timers.pass_s(29)
    assert taken(sharing) == []
    sharing.timers.pass_s(2)
    assert ("lin", "view") in taken(sharing)


def test_a_lost_picture_is_tried_again_until_it_is_back(sharing: Stage) -> None:
    sharing.session.report(ch.ViewerChanged(agent_id="lin", state="connected"))
    before = len(sharing.session.sent(ch.AddViewer))
    sharing.session.report(ch.ViewerChanged(agent_id="lin", state="lost"))
    sharing.timers.pass_s(9)
    tried = len(sharing.session.sent(ch.AddViewer)) - before
    assert tried == 3
    sharing.session.report(ch.ViewerChanged(agent_id="lin", state="connected"))
    sharing.timers.pass_s(20)
    assert len(sharing.session.sent(ch.AddViewer)) - before == tried


def test_an_agent_who_hears_nothing_gets_a_further_connection_but_no_stranger_does(sharing: Stage) -> None:
    sharing.session.report(ch.ViewerChanged(agent_id="lin", state="connected"))
    before = len(sharing.session.sent(ch.AddViewer))
    for sender in (LIN, structs.replace(LIN, id="somebody")):
        push = x.SignalArrived(session_id=SID, conversation_id=TALK, sender=sender, signal=x.Signal(kind="again"))
        sharing.desk.on_push(push)
    assert [order.agent_id for order in sharing.session.sent(ch.AddViewer)[before:]] == ["lin"]


def test_the_last_grant_lost_with_its_connection_ends_the_session(sharing: Stage) -> None:
    over(sharing, "control", "connection_lost")
    over(sharing, "view", "connection_lost")
    assert [order.reason for order in sharing.session.sent(ch.StopSharing)] == ["connection_lost"]


def test_a_receipt_always_has_room_for_its_end() -> None:
    log = ReceiptLog()
    for at_ms in range(1000):
        log.paused(at_ms, paused=bool(at_ms % 2))
    log.ended("lin", "view", "stopped", 1000)
    assert len(log.entries) < MAX_LINES
    assert log.entries[-1].what == "ended"
