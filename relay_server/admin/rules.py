"""When what is kept has had its time. Pure: `now_ms` is an argument, 0 days are for ever."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from relay_server.organisation.rules import Policy
from shared.rules.erasure import DEPTH, What

DAY_MS: Final = 24 * 3_600_000
UNUSED_MS: Final = 7 * DAY_MS
"""An upload that no message has shown for so long never will be shown."""
WHAT: Final[Mapping[int, What]] = {depth: what for what, depth in DEPTH.items()}


@dataclass(frozen=True, slots=True)
class Due:
    """Conversations that ended before `before_ms` lose this much."""

    what: What
    before_ms: int


def due_conversations(policy: Policy, now_ms: int) -> tuple[Due, ...]:
    """What ended conversations lose by now, the most first."""
    days: tuple[tuple[What, int], ...] = (
        ("everything", policy.conversation_days),
        ("words", policy.message_days),
        ("files", policy.file_days),
    )
    return tuple(Due(what, now_ms - each * DAY_MS) for what, each in days if each)


def before(days: int, now_ms: int) -> int:
    """What is older than this has had its time; 0: nothing has."""
    return now_ms - days * DAY_MS if days else 0
