"""Consent in single steps."""

import pytest

from shared.protocol.types import Capability, Grant
from shared.rules import consent as c


def grant(capability: Capability, until_ms: int = 1000, agent: str = "lin") -> Grant:
    return Grant(capability=capability, agent_id=agent, until_ms=until_ms)


def asked(*capabilities: Capability, agent: str = "lin", deadline_ms: int = 500) -> c.Consent:
    after = c.ask(c.NOTHING, agent, capabilities, "The report does not open", deadline_ms, 0)
    assert isinstance(after, c.Consent)
    return after


def granted(*grants: Grant, now_ms: int = 0) -> c.Consent:
    after = c.answer(asked(*(one.capability for one in grants)), "lin", grants, now_ms)
    assert isinstance(after, c.Consent)
    return after


def test_a_question_alone_allows_nothing() -> None:
    consent = asked("view")
    assert c.state_of(consent, "lin", "view") == "asked"
    assert c.decide(consent, "lin", "view", 0) == "no_grant"


def test_no_answer_is_no() -> None:
    consent, ended = c.sweep(asked("view", deadline_ms=500), 500)
    assert ended == (c.Ended("lin", "view", "asked"),)
    assert c.answer(consent, "lin", [grant("view")], 501) == "not_asked"


def test_an_answer_after_the_deadline_is_no_even_before_the_sweep() -> None:
    assert c.answer(asked("view", deadline_ms=500), "lin", [grant("view")], 500) == "expired"


def test_what_the_answer_leaves_out_is_refused() -> None:
    after = c.answer(asked("view", "control"), "lin", [grant("view")], 0)
    assert isinstance(after, c.Consent)
    assert c.state_of(after, "lin", "control") == "idle"
    assert c.decide(after, "lin", "view", 0) == "allowed"


def test_control_needs_the_view() -> None:
    assert c.answer(asked("control"), "lin", [grant("control")], 0) == "needs_view"
    assert c.answer(asked("view", "control"), "lin", [grant("control")], 0) == "needs_view"


def test_control_ends_with_the_view() -> None:
    consent = granted(grant("view", 100), grant("control", 900))
    assert c.decide(consent, "lin", "control", 99) == "allowed"
    assert c.decide(consent, "lin", "control", 100) == "expired"
    swept, ended = c.sweep(consent, 100)
    assert {one.capability for one in ended} == {"view", "control"}
    assert swept.held == {}
    revoked, over = c.revoke(consent, "lin", "view")
    assert {one.capability for one in over} == {"view", "control"}
    assert c.grants(revoked) == ()


def test_one_agents_grant_is_no_other_agents() -> None:
    consent = granted(grant("view"), grant("control"))
    assert c.decide(consent, "ana", "control", 0) == "no_grant"
    assert c.answer(consent, "lin", [grant("view", agent="ana")], 0) == "not_asked"


def test_nobody_answers_for_another_agent() -> None:
    both = c.ask(asked("view"), "ana", ["view"], "why", 500, 0)
    assert isinstance(both, c.Consent)
    assert c.answer(both, "ana", [grant("view", agent="lin")], 0) == "not_asked"


def test_more_time_is_a_grant_of_what_is_granted() -> None:
    longer = c.grant(granted(grant("view", 100)), [grant("view", 700)], 50)
    assert isinstance(longer, c.Consent)
    assert c.decide(longer, "lin", "view", 699) == "allowed"


def test_pause_refuses_and_time_runs_on() -> None:
    paused = c.pause(granted(grant("view", 100), grant("control", 100)))
    assert c.decide(paused, "lin", "control", 50) == "paused"
    assert c.decide(c.resume(paused), "lin", "control", 50) == "allowed"
    assert c.decide(c.resume(paused), "lin", "control", 100) == "expired"


def test_after_stop_nothing_can_be_asked_or_granted() -> None:
    stopped, ended = c.stop(granted(grant("view"), grant("control")))
    assert len(ended) == 2
    assert c.ask(stopped, "lin", ["view"], "why", 500, 0) == "stopped"
    assert c.grant(stopped, [grant("view")], 0) == "stopped"


def test_asking_again_keeps_what_is_granted() -> None:
    again = c.ask(granted(grant("view")), "lin", ["view", "control"], "why", 500, 0)
    assert isinstance(again, c.Consent)
    assert c.decide(again, "lin", "view", 0) == "allowed"
    refused, ended = c.refuse(again, "lin")
    assert ended == (c.Ended("lin", "control", "asked"),)
    assert c.decide(refused, "lin", "view", 0) == "allowed"


def test_next_wake_is_the_earliest_end() -> None:
    assert c.next_wake_ms(c.NOTHING) is None
    assert c.next_wake_ms(granted(grant("view", 300), grant("control", 200))) == 200


@pytest.mark.parametrize("arrow", ["idle --> asked: ask", "asked --> idle: deadline", "granted --> idle: revoke"])
def test_the_diagram_is_the_table(arrow: str) -> None:
    drawn = c.diagram()
    assert arrow in drawn
    assert drawn.count("-->") == len(c.TABLE) + 1
