"""When a group is open, and whether a form is filled in."""

from datetime import UTC, datetime, timedelta

import pytest

from relay_server.organisation.plain import MESSAGE
from relay_server.organisation.rules import Hours, check_answers, open_at
from shared.protocol.frames import Refused
from shared.protocol.messages.organisation import FormChoice, FormField

GOOD = {"name": "Li", "email": "li@example.com", "message": "one\ntwo"}


def at(day: int, hour: int, minute: int = 0) -> int:
    """Milliseconds UTC in the week whose Monday is 2026-11-16; `day` 0 is that Monday."""
    moment = datetime(2026, 11, 16, tzinfo=UTC) + timedelta(days=day, hours=hour, minutes=minute)
    return int(moment.timestamp() * 1000)


def test_always_open_without_anything_said() -> None:
    assert all(open_at(Hours(), at(day, hour)) for day in range(7) for hour in range(24))


def test_office_hours_in_the_groups_own_time() -> None:
    hours = Hours(days=(0, 1, 2, 3, 4), opens_min=9 * 60, closes_min=18 * 60, utc_offset_min=8 * 60)
    assert open_at(hours, at(0, 1))
    assert not open_at(hours, at(0, 0, 59))
    assert not open_at(hours, at(0, 10))
    assert not open_at(hours, at(5, 3))


def test_a_night_shift_goes_on_past_midnight_and_ends() -> None:
    hours = Hours(days=(4,), opens_min=22 * 60, closes_min=6 * 60)
    assert open_at(hours, at(4, 23))
    assert open_at(hours, at(5, 5, 59))
    assert not open_at(hours, at(5, 6))
    assert not open_at(hours, at(4, 5))


@pytest.mark.parametrize(
    ("change", "code", "fields"),
    [
        ({"name": "  "}, "form_incomplete", "name"),
        ({"email": "nowhere"}, "form_invalid", "email"),
        ({"name": "L\x00i"}, "form_invalid", "name"),
        ({"name": "x" * 81}, "form_invalid", "name"),
        ({"strange": "x"}, "form_invalid", "strange"),
    ],
)
def test_what_does_not_fit_is_named(change: dict[str, str], code: str, fields: str) -> None:
    refused = check_answers(MESSAGE, {**GOOD, **change})
    assert refused is not None
    assert (refused.code, refused.params) == (code, {"fields": fields})


def test_what_fits_is_taken_and_choices_must_be_offered() -> None:
    assert check_answers(MESSAGE, GOOD) is None
    colour = FormField(
        key="c", label={"en": "c"}, kind="choice", required=False, choices=(FormChoice(value="red", label={"en": "r"}),)
    )
    assert check_answers([colour], {}) is None
    assert check_answers([colour], {"c": "red"}) is None
    assert check_answers([colour], {"c": "blue"}) == Refused(code="form_invalid", params={"fields": "c"})
