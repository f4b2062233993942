"""What the agents did with what they were granted: the customer's receipt is made from it."""

from collections.abc import Iterable, Iterator, Mapping

from msgspec.structs import replace

from shared.protocol.types import Capability
from shared.session.channel import Used


class Usage:
    """Counts connections that showed the screen and what parts report; what input came to, the gate has counted."""

    def __init__(self) -> None:
        self._seen: dict[str, Used] = {}
        self._parts: dict[tuple[str, Capability], Used] = {}
        self._told: dict[tuple[str, Capability], Used] = {}

    def connected(self, agent_id: str, now_ms: int) -> None:
        """One more connection shows this agent the screen."""
        fresh = Used(agent_id=agent_id, capability="view", count=0, refused=0, first_ms=now_ms, last_ms=now_ms)
        old = self._seen.get(agent_id, fresh)
        self._seen[agent_id] = replace(old, count=old.count + 1, last_ms=now_ms)

    def used(self, agent_id: str, capability: Capability, now_ms: int, *, refused: bool = False) -> None:
        """One more use of a capability, or one that was turned away."""
        fresh = Used(agent_id=agent_id, capability=capability, count=0, refused=0, first_ms=now_ms, last_ms=now_ms)
        old = self._parts.get((agent_id, capability), fresh)
        landed, turned_away = old.count + (not refused), old.refused + refused
        self._parts[agent_id, capability] = replace(old, count=landed, refused=turned_away, last_ms=now_ms)

    def news(
        self, connected: Iterable[str], tallies: Mapping[str, tuple[int, int, int, int]], now_ms: int
    ) -> Iterator[Used]:
        """What has changed since it was last asked for. `tallies`: landed, refused, first and last time by agent."""
        for agent_id in connected:
            if agent_id in self._seen:
                self._seen[agent_id] = replace(self._seen[agent_id], last_ms=now_ms)
        for used in (*self._seen.values(), *self._parts.values(), *_controlled(tallies)):
            key = (used.agent_id, used.capability)
            if self._told.get(key) != used:
                self._told[key] = used
                yield used


def _controlled(tallies: Mapping[str, tuple[int, int, int, int]]) -> Iterator[Used]:
    for agent_id, (landed, refused, first_ms, last_ms) in tallies.items():
        yield Used(
            agent_id=agent_id, capability="control", count=landed, refused=refused, first_ms=first_ms, last_ms=last_ms
        )
