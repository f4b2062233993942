"""Rules of the organisation: when a group is open, and whether a form is filled in."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Annotated, Final

from msgspec import Meta, Struct

from shared.protocol.frames import Refused
from shared.protocol.messages.organisation import FormField

_DAY_MIN: Final = 24 * 60
_EPOCH_WEEKDAY: Final = 3
"""1970-01-01 was a Thursday; Monday is 0."""
_EMAIL: Final = re.compile(r"[^@\s]{1,64}@[^@\s]{1,180}\.[^@\s.]{1,60}")

Minute = Annotated[int, Meta(ge=0, le=_DAY_MIN)]


Days = Annotated[int, Meta(ge=0, le=36_500)]


class Policy(Struct, frozen=True, kw_only=True):
    """What the organisation decides once for all groups."""

    ticket_prefix: Annotated[str, Meta(max_length=12)] = "T-"
    reopen_days: Annotated[int, Meta(ge=0, le=365)] = 14
    offer_window_s: Annotated[int, Meta(ge=5, le=600)] = 20
    consent_timeout_s: Annotated[int, Meta(ge=10, le=600)] = 60
    owner_grace_s: Annotated[int, Meta(ge=5, le=3600)] = 60
    grant_limit_s: Annotated[int, Meta(ge=60, le=12 * 3600)] = 4 * 3600
    recording_days: Annotated[int, Meta(ge=1, le=3650)] = 30
    """How long recordings are kept after their end."""
    file_days: Days = 0
    """After a conversation's end its files go; 0, here and below: they are kept."""
    message_days: Days = 0
    """Then what was said, its files too."""
    conversation_days: Days = 0
    """Then everything that was typed in it, its customer's name and its receipts."""
    ticket_days: Days = 0
    """After a ticket's last change its subject, its notes and its customer's name go."""
    audit_days: Days = 0
    """Older rows of the audit go, the oldest first."""
    totp_required: bool = False
    """Whether every agent who signs in by password needs a second factor."""


class Hours(Struct, frozen=True, kw_only=True):
    """When a group works: `days` (Monday is 0) on which a shift begins, in minutes of a day that is `utc_offset_min`
    ahead of UTC. A shift that closes at or before it opens goes on past midnight."""

    days: tuple[Annotated[int, Meta(ge=0, le=6)], ...] = (0, 1, 2, 3, 4, 5, 6)
    opens_min: Minute = 0
    closes_min: Minute = _DAY_MIN
    utc_offset_min: Annotated[int, Meta(ge=-14 * 60, le=14 * 60)] = 0


def open_at(hours: Hours, now_ms: int) -> bool:
    """Whether a shift is on."""
    minutes = now_ms // 60_000 + hours.utc_offset_min
    day, minute = divmod(minutes, _DAY_MIN)
    length = (hours.closes_min - hours.opens_min) % _DAY_MIN or _DAY_MIN
    return any(
        _weekday(day - back) in hours.days and 0 <= minute + back * _DAY_MIN - hours.opens_min < length
        for back in (0, 1)
    )


def _weekday(day: int) -> int:
    return (day + _EPOCH_WEEKDAY) % 7


def check_answers(fields: Sequence[FormField], answers: Mapping[str, str]) -> Refused | None:
    """None when the answers fit the form. `form_incomplete` and `form_invalid` name the `fields` in question."""
    known = {field.key for field in fields}
    missing = [field.key for field in fields if field.required and not _said(answers, field)]
    if missing:
        return Refused(code="form_incomplete", params={"fields": ",".join(missing)})
    wrong = [field.key for field in fields if _said(answers, field) and not _fits(field, answers[field.key])]
    strange = sorted(key for key in answers if key not in known)
    if wrong or strange:
        return Refused(code="form_invalid", params={"fields": ",".join([*wrong, *strange])[:400]})
    return None


def _said(answers: Mapping[str, str], field: FormField) -> bool:
    return bool(answers.get(field.key, "").strip())


def _fits(field: FormField, answer: str) -> bool:
    if len(answer) > field.max_length:
        return False
    if field.kind == "choice":
        return answer in {choice.value for choice in field.choices}
    if field.kind == "email":
        return _EMAIL.fullmatch(answer.strip()) is not None
    allowed = "\n\t" if field.kind == "paragraph" else "\t"
    return not any(unicodedata.category(each) == "Cc" and each not in allowed for each in answer.replace("\r\n", "\n"))
