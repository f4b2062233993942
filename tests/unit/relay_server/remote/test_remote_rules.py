"""What may go on the record of a remote session."""

from typing import get_args

import pytest

from relay_server.remote import rules
from relay_server.remote.rules import Question, judge_answer, may_signal
from shared.protocol.messages.remote import GrantEnd
from shared.protocol.types import Capability, Grant

NOW, LIMIT = 1_000_000, 600_000
ASKED = Question("A", ("view", "control"), "open", NOW + 60_000)


def grant(capability: Capability = "view", agent_id: str = "A", until_ms: int = NOW + 1000) -> Grant:
    return Grant(capability=capability, agent_id=agent_id, until_ms=until_ms)


def code_of(question: Question, *grants: Grant, now_ms: int = NOW) -> str:
    refused = judge_answer(question, grants, now_ms, LIMIT)
    return refused.code if refused else ""


@pytest.mark.parametrize("grants", [(), (grant(),), (grant(), grant("control"))])
def test_no_or_less_or_all_of_what_was_asked_is_an_answer(grants: tuple[Grant, ...]) -> None:
    assert code_of(ASKED, *grants) == ""


@pytest.mark.parametrize(
    "grants",
    [
        (grant("terminal"),),
        (grant(agent_id="B"),),
        (grant(), grant()),
        (grant(until_ms=NOW + LIMIT + rules.SLACK_MS + 1),),
        (grant(until_ms=NOW - rules.SLACK_MS),),
    ],
)
def test_more_than_was_asked_is_refused(grants: tuple[Grant, ...]) -> None:
    assert code_of(ASKED, *grants) == "not_allowed"


def test_a_question_ends() -> None:
    assert code_of(ASKED, now_ms=ASKED.expires_ms + rules.SLACK_MS) == "consent_expired"
    assert code_of(Question("A", ("view",), "withdrawn", NOW + 1)) == "wrong_state"
    assert code_of(Question("A", ("view",), "answered", NOW + 1)) == "wrong_state"


def test_signals_go_between_the_customer_and_an_agent_who_sees() -> None:
    views = [grant(), grant("control", "B")]
    assert may_signal(views, "C", "C", "A", NOW)
    assert may_signal(views, "C", "A", "C", NOW)
    assert not may_signal(views, "C", "B", "C", NOW)
    assert not may_signal(views, "C", "A", "B", NOW)
    assert not may_signal(views, "C", "A", "C", NOW + 1000)


def test_the_table_is_whole() -> None:
    states, events = get_args(rules.State), get_args(rules.Event)
    assert {(s, e) for s in states for e in events} - set(rules.TABLE) == {("ended", "grant_view"), ("ended", "end")}
    assert all(rules.end_reason(why) for why in get_args(GrantEnd))


def test_neither_side_ends_in_the_others_name() -> None:
    assert rules.reason_said("customer_stopped", by_agent=True) == "agent_ended"
    assert rules.reason_said("agent_ended", by_agent=False) == "customer_stopped"
    assert rules.reason_said("customer_stop_key", by_agent=False) == "customer_stop_key"
