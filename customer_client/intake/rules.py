"""What an answer must be before it is sent. The relay checks again."""

import re
from collections.abc import Iterable, Mapping
from typing import Final, Literal

from shared.protocol.messages.organisation import FormField

Fault = Literal["missing", "too_long", "no_email", "no_choice"]
_EMAIL: Final = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_EMAIL_MAX: Final = 200


def fault(field: FormField, answer: str) -> Fault | None:
    """What is wrong with an answer, or None."""
    answer = answer.strip()
    if not answer:
        return "missing" if field.required else None
    if len(answer) > field.max_length:
        return "too_long"
    if field.kind == "email" and (len(answer) > _EMAIL_MAX or not _EMAIL.fullmatch(answer)):
        return "no_email"
    if field.kind == "choice" and answer not in {choice.value for choice in field.choices}:
        return "no_choice"
    return None


def faults(fields: Iterable[FormField], answers: Mapping[str, str]) -> dict[str, Fault]:
    """All that is wrong, by field, in the form's order."""
    found: dict[str, Fault] = {}
    for field in fields:
        wrong = fault(field, answers.get(field.key, ""))
        if wrong is not None:
            found[field.key] = wrong
    return found


def subject(fields: Iterable[FormField], answers: Mapping[str, str], longest: int = 120) -> str:
    """The request's title: the first line of the first free answer, cut between words where it is too long."""
    free = next((answers[f.key] for f in fields if f.kind == "paragraph" and answers.get(f.key, "").strip()), "")
    free = free or next((answers[f.key] for f in fields if f.kind == "line" and answers.get(f.key, "").strip()), "")
    line = next((each.strip() for each in free.splitlines() if each.strip()), "")
    if len(line) <= longest:
        return line
    cut = line[: longest - 1]
    return f"{cut.rsplit(' ', 1)[0] if ' ' in cut[longest // 2 :] else cut}…"
