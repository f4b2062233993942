"""The conversation's table and the small decisions beside it."""

from typing import get_args

import pytest

from relay_server.conversations import rules
from shared.protocol.frames import Refused
from shared.protocol.types import ConversationState


def test_every_pair_is_either_in_the_table_or_a_refusal_that_names_it() -> None:
    for state in get_args(ConversationState):
        for event in get_args(rules.Event):
            following = rules.after(state, event)
            if (state, event) in rules.TABLE:
                assert following == rules.TABLE[state, event]
            else:
                assert following == Refused(code="wrong_state", params={"state": state, "event": event})


def test_every_event_has_a_row_and_every_state_in_it_is_reached_from_new() -> None:
    assert {event for _, event in rules.TABLE} == set(get_args(rules.Event))
    reached = {"new"}
    while more := {after for (state, _), after in rules.TABLE.items() if state in reached} - reached:
        reached |= more
    assert reached == {state for state, _ in rules.TABLE} | set(rules.TABLE.values())


def test_an_owner_is_only_where_work_is_handled() -> None:
    assert {after for (_, event), after in rules.TABLE.items() if event == "assign"} <= rules.HANDLED
    assert not rules.WAITING & rules.HANDLED


@pytest.mark.parametrize(
    ("asked", "last", "marked", "expected"), [(9, 5, 3, 5), (4, 5, 3, 4), (3, 5, 3, None), (9, 5, 5, None)]
)
def test_a_mark_reaches_the_last_line_of_chat_at_most_and_only_forward(
    asked: int, last: int, marked: int, expected: int | None
) -> None:
    assert rules.mark_reaches(asked, last, marked) == expected


def test_reopening_has_an_end() -> None:
    assert rules.may_reopen("closed", 1000, 999) is None
    assert rules.may_reopen("closed", 1000, 1000) == Refused(code="reopen_too_late")
    refused = rules.may_reopen("active", 1000, 1)
    assert refused
    assert refused.code == "wrong_state"


def test_a_customer_is_not_told_of_offers() -> None:
    assert rules.as_customers_see("offered") == "queued"
    assert rules.as_customers_see("active") == "active"


def test_a_preview_is_one_short_line() -> None:
    assert rules.preview("a\n\n b " + "x" * 500) == ("a b " + "x" * 500)[: rules.PREVIEW]
