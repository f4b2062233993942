"""The figures there are, each counted from rows at the moment of asking. Times are when the thing began or was said."""

from typing import Final, Literal

from msgspec import Struct

from relay_server.engine.raw import Rows
from relay_server.identity.actors import KeyActor
from relay_server.identity.permissions import refuse
from shared.protocol.frames import Refused


class Ratings(Struct, frozen=True, kw_only=True):
    """What customers answered. Means are over those who answered that question, `null` without any."""

    count: int
    solved: dict[str, int]
    easy_mean: float | None
    in_control_mean: float | None


class Figures(Struct, frozen=True, kw_only=True):
    """Of what began (ratings: was said) from `from_ms` on and before `to_ms`; `waiting_now` is the present moment."""

    from_ms: int
    to_ms: int
    conversations_opened: int
    conversations_by_state: dict[str, int]
    tickets_opened: int
    tickets_by_state: dict[str, int]
    ratings: Ratings
    waiting_now: int


_SUMS: Final = {
    "easy": "SELECT coalesce(sum(easy), 0), count(*) FROM ratings WHERE at_ms >= ? AND at_ms < ? AND easy > 0",
    "in_control": (
        "SELECT coalesce(sum(in_control), 0), count(*) FROM ratings WHERE at_ms >= ? AND at_ms < ? AND in_control > 0"
    ),
}


def figures(rows: Rows, actor: KeyActor, from_ms: int, to_ms: int) -> Figures | Refused:
    """Refused: `not_allowed`."""
    if refused := refuse(actor, "figures.read"):
        return refused
    between = (from_ms, to_ms)
    talks = _counts(
        rows, "SELECT state, count(*) FROM conversations WHERE opened_ms >= ? AND opened_ms < ? GROUP BY state", between
    )
    work = _counts(
        rows, "SELECT state, count(*) FROM tickets WHERE opened_ms >= ? AND opened_ms < ? GROUP BY state", between
    )
    waiting = rows("SELECT count(*) FROM conversations WHERE state IN ('queued', 'offered')", ())[0][0]
    return Figures(
        from_ms=from_ms,
        to_ms=to_ms,
        conversations_opened=sum(talks.values()),
        conversations_by_state=talks,
        tickets_opened=sum(work.values()),
        tickets_by_state=work,
        ratings=_ratings(rows, between),
        waiting_now=waiting,
    )


def _ratings(rows: Rows, between: tuple[int, int]) -> Ratings:
    solved = _counts(
        rows, "SELECT solved, count(*) FROM ratings WHERE at_ms >= ? AND at_ms < ? GROUP BY solved", between
    )
    return Ratings(
        count=sum(solved.values()),
        solved={answer: count for answer, count in solved.items() if answer},
        easy_mean=_mean(rows, "easy", between),
        in_control_mean=_mean(rows, "in_control", between),
    )


def _mean(rows: Rows, question: Literal["easy", "in_control"], between: tuple[int, int]) -> float | None:
    total, count = rows(_SUMS[question], between)[0]
    return round(int(total) / count, 3) if count else None


def _counts(rows: Rows, statement: str, between: tuple[int, int]) -> dict[str, int]:
    return dict(sorted((state, count) for state, count in rows(statement, between)))
