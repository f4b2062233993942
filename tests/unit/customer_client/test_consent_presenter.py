"""The consent sheet: every answer but a deliberate one is no."""

import pytest

from customer_client.consent.presenter import DEAF_MS, MINUTES
from shared.protocol.messages import remote as x
from shared.rules.sharing import SharedMonitors
from shared.session import channel as ch
from tests.customer_fakes import LIN, TALK, Stage, monitors


@pytest.fixture
def asked(stage: Stage) -> Stage:
    """Lin has asked for view and control; the monitors are known."""
    stage.connect()
    stage.talk()
    stage.ask("view", "control")
    stage.session.report(monitors())
    return stage


def answers(stage: Stage) -> list[x.AnswerConsent]:
    return [body for _, body in stage.relay.history if isinstance(body, x.AnswerConsent)]


def listen(stage: Stage) -> None:
    stage.timers.pass_s(DEAF_MS / 1000)


def test_everything_is_off_and_allow_is_dead(asked: Stage) -> None:
    view = asked.rooms.consent.view.value
    assert view.asked is not None
    assert (view.asked.agent, view.asked.reason, view.asked.ticket_number) == (
        LIN,
        "See where the export stops.",
        "NW-2041",
    )
    assert [(row.capability, row.on) for row in view.rows] == [("view", False), ("control", False)]
    assert not view.may_allow
    listen(asked)
    assert not asked.rooms.consent.allow()
    assert not answers(asked)


def test_control_needs_the_view(asked: Stage) -> None:
    consent = asked.rooms.consent
    assert consent.view.value.rows[1].blocked
    consent.switch("control", True)
    assert not consent.view.value.rows[1].on
    consent.switch("view", True)
    consent.switch("control", True)
    assert consent.view.value.chosen == 2
    consent.switch("view", False)
    assert consent.view.value.chosen == 0


def test_a_yes_names_agent_capability_and_end(asked: Stage) -> None:
    listen(asked)
    asked.rooms.consent.switch("view", True)
    asked.rooms.consent.choose_minutes("view", 5)
    now = asked.timers.now_ms
    assert asked.rooms.consent.allow()
    (answer,) = answers(asked)
    assert [(g.capability, g.agent_id, g.until_ms) for g in answer.grants] == [("view", "lin", now + 300_000)]
    assert asked.rooms.consent.view.value.asked is None


def test_nothing_typed_in_the_first_moment_means_yes(asked: Stage) -> None:
    asked.rooms.consent.switch("view", True)
    assert not asked.rooms.consent.allow()
    assert not answers(asked)


def test_no_is_no(asked: Stage) -> None:
    asked.rooms.consent.switch("view", True)
    asked.rooms.consent.refuse()
    assert answers(asked) == [x.AnswerConsent(conversation_id=TALK, request_id="ask-1")]
    assert not asked.session.sent(ch.GiveGrants)


def test_time_answers_no_and_changes_do_not_extend_it(asked: Stage) -> None:
    asked.timers.pass_s(50)
    asked.rooms.consent.switch("view", True)
    assert asked.rooms.consent.view.value.left_s == 10
    asked.timers.pass_s(11)
    assert answers(asked)[0].grants == ()


def test_the_question_goes_when_it_is_taken_back(asked: Stage) -> None:
    asked.happen(x.AskWithdrawn(request_id="ask-1"))
    assert asked.rooms.consent.view.value.asked is None
    assert not answers(asked)


def test_of_several_monitors_none_is_chosen(stage: Stage) -> None:
    stage.connect()
    stage.talk()
    stage.ask("view")
    stage.session.report(monitors(2))
    listen(stage)
    stage.rooms.consent.switch("view", True)
    assert not stage.rooms.consent.view.value.may_allow
    stage.rooms.sharing.choosing.toggle_monitor("m9")
    assert not stage.rooms.consent.view.value.may_allow
    stage.rooms.sharing.choosing.toggle_monitor("m2")
    assert stage.rooms.consent.allow()
    assert stage.session.sent(ch.StartSharing)[0].share == SharedMonitors(("m2",))


def test_pictures_of_the_monitors_are_renewed_while_the_question_stands(asked: Stage) -> None:
    before = len(asked.session.sent(ch.FindSources))
    asked.timers.pass_s(6)
    assert len(asked.session.sent(ch.FindSources)) >= before + 2
    asked.rooms.consent.refuse()
    after = len(asked.session.sent(ch.FindSources))
    asked.timers.pass_s(6)
    assert len(asked.session.sent(ch.FindSources)) == after


def test_what_this_program_cannot_enforce_is_answered_no(stage: Stage) -> None:
    stage.connect()
    stage.talk()
    stage.restarter.possible = False
    stage.ask("terminal")
    assert stage.rooms.consent.view.value.asked is None
    assert answers(stage)[0].grants == ()


def test_an_answered_question_does_not_come_back_with_the_next_event(asked: Stage) -> None:
    asked.rooms.consent.refuse()
    asked.happen(x.AskWithdrawn(request_id="other"))
    assert asked.rooms.consent.view.value.asked is None


def test_only_offered_times_can_be_chosen(asked: Stage) -> None:
    asked.rooms.consent.choose_minutes("view", 10_000)
    assert asked.rooms.consent.view.value.rows[0].minutes in MINUTES
