"""Figures of the store for whoever watches the relay, counted every few seconds and not at each look."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import Connection

from relay_server.engine.journal import Journal
from relay_server.engine.raw import rows_of

EVERY_S: Final = 15.0
LIVE: Final = ("new", "self_service", "queued", "offered", "active", "held", "wrap_up")
"""Closed and abandoned conversations are not counted: there is no end to them."""


_LIVING: Final = "SELECT state, count(*) FROM conversations WHERE state IN (?,?,?,?,?,?,?) GROUP BY state"


@dataclass(frozen=True, slots=True)
class Count:
    """`behind`: how many events each fold has not looked at yet."""

    waiting: int = 0
    longest_wait_ms: int = 0
    conversations: dict[str, int] = field(default_factory=dict[str, int])
    agents: dict[str, int] = field(default_factory=dict[str, int])
    behind: dict[str, int] = field(default_factory=dict[str, int])


class Census:
    """`latest` is the last one taken."""

    def __init__(self, journal: Journal, now_ms: Callable[[], int]) -> None:
        self._journal, self._now_ms = journal, now_ms
        self.latest = Count()

    async def run(self) -> None:
        """Counts until cancelled."""
        while True:
            self.latest = await self._journal.read(lambda sql: count(sql, self._now_ms()))
            await asyncio.sleep(EVERY_S)


def count(sql: Connection, now_ms: int) -> Count:
    """One look at everything."""
    rows = rows_of(sql)
    states = dict(rows(_LIVING, LIVE))
    ((oldest,),) = rows("SELECT min(since_ms) FROM conversations WHERE state IN ('queued', 'offered')", ())
    ((last,),) = rows("SELECT coalesce(max(position), 0) FROM events", ())
    return Count(
        waiting=states.get("queued", 0) + states.get("offered", 0),
        longest_wait_ms=max(0, now_ms - oldest) if oldest is not None else 0,
        conversations={state: states.get(state, 0) for state in LIVE},
        agents=dict(rows("SELECT state, count(*) FROM agent_states WHERE connected = 1 GROUP BY state", ())),
        behind={
            name: max(0, last - position) for name, position in rows("SELECT name, position FROM fold_cursors", ())
        },
    )
