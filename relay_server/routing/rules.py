"""Who gets which conversation, and what becomes of an agent's state. Pure and deterministic."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush
from types import MappingProxyType
from typing import Final, Literal

from shared.protocol.types import AgentState

VIP_MS: Final = 120_000
"""What one VIP level is worth, in milliseconds of waiting."""
PRIORITY_MS: Final = 60_000
"""The same for one step of a group's priority (0 to 9)."""
LIFT_MS: Final = 600_000
"""For whoever waits again through no fault of theirs."""
HIGHEST_VIP: Final = 9
HIGHEST_PRIORITY: Final = 9
LONGEST_LEAD_MS: Final = HIGHEST_VIP * VIP_MS + HIGHEST_PRIORITY * PRIORITY_MS + LIFT_MS
"""Nobody is overtaken by anyone who came later than this: so nothing starves."""
NEW_PASS_MS: Final = 10_000
"""All have refused: everyone is considered again so long after the last refusal."""

AgentEvent = Literal["choose_available", "choose_busy", "choose_break", "choose_offline", "miss_offer", "lose"]
Why = Literal["only_free", "least_load", "longest_free"]

_STATES: Final[tuple[AgentState, ...]] = ("available", "busy", "break", "offline")
_CHOICES: Final[Mapping[AgentEvent, AgentState]] = MappingProxyType(
    {
        "choose_available": "available",
        "choose_busy": "busy",
        "choose_break": "break",
        "choose_offline": "offline",
        "lose": "offline",
    }
)

AGENT_TABLE: Final[Mapping[tuple[AgentState, AgentEvent], AgentState]] = MappingProxyType(
    {
        **{(state, event): following for state in _STATES for event, following in _CHOICES.items()},
        ("available", "miss_offer"): "break",
        ("busy", "miss_offer"): "busy",
        ("break", "miss_offer"): "break",
    }
)
"""An agent may choose any state from any; a missed offer: nobody sits there. `lose`: gone beyond the grace."""


def choice(state: AgentState) -> AgentEvent:
    """The event of choosing a state."""
    return next(event for event, following in _CHOICES.items() if following == state)


def begins_later(asked: AgentState, units_in_hand: int, *, now: bool) -> bool:
    """Whether a state waits for the current work: "busy after this"."""
    return asked != "available" and units_in_hand > 0 and not now


def rank_ms(since_ms: int, vip_level: int, priority: int, *, lifted: bool = False) -> int:
    """What the line is ordered by, the smallest first: the time of asking, moved back by what the customer and the
    group are worth. All wait equally fast, so the order of two never turns while they wait."""
    lead = min(max(vip_level, 0), HIGHEST_VIP) * VIP_MS + min(max(priority, 0), HIGHEST_PRIORITY) * PRIORITY_MS
    return since_ms - lead - (LIFT_MS if lifted else 0)


@dataclass(frozen=True, slots=True)
class Work:
    """A waiting conversation. `refused`: agents who refused it in this pass."""

    conversation_id: str
    group_id: str
    rank_ms: int
    weight: int = 1
    refused: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Candidate:
    """An available agent. `used` counts pending offers too; `idle_since_ms` is when they last handled something."""

    agent_id: str
    group_ids: tuple[str, ...]
    used: int
    maximum: int
    idle_since_ms: int


@dataclass(frozen=True, slots=True)
class Assignment:
    """One proposal, and why this agent: `free` were eligible, `load_percent` was theirs before."""

    conversation_id: str
    agent_id: str
    group_id: str
    why: Why
    free: int
    load_percent: int


def still_refused(refused_ms: Mapping[str, int], members: Iterable[str], now_ms: int) -> frozenset[str]:
    """Who is passed over for a piece of work: nobody once all available members refused and the pause is over. A
    refusal from further ahead than the pause is from before the clock was set back."""
    everyone = frozenset(members)
    if everyone and everyone <= refused_ms.keys() and abs(now_ms - max(refused_ms.values())) >= NEW_PASS_MS:
        return frozenset()
    return frozenset(refused_ms)


def pick(waiting: Iterable[Work], agents: Iterable[Candidate], now_ms: int) -> list[Assignment]:
    """Proposals in the order of work: the smallest rank first; for each the least loaded member, then who has been
    without new work longest. Nobody is given more than they hold. O((work + memberships) log agents)."""
    floor = _Floor(agents)
    chosen: list[Assignment] = []
    for work in sorted(waiting, key=lambda each: (each.rank_ms, each.conversation_id)):
        found = floor.take(work, now_ms)
        if found is not None:
            chosen.append(found)
    return chosen


@dataclass(order=True, slots=True)
class _Seat:
    load: float
    idle_since_ms: int
    agent_id: str
    used: int = field(compare=False)


class _Floor:
    """The available agents as one heap a group. A seat that is older than what its agent holds now is thrown away."""

    def __init__(self, agents: Iterable[Candidate]) -> None:
        self._agents = {each.agent_id: each for each in agents}
        self._used = {each.agent_id: each.used for each in self._agents.values()}
        self._heaps: dict[str, list[_Seat]] = {}
        self._free: dict[str, int] = {}
        for agent in self._agents.values():
            if agent.used < agent.maximum:
                for group_id in agent.group_ids:
                    self._heaps.setdefault(group_id, []).append(self._seat(agent, agent.idle_since_ms))
        for group_id, heap in self._heaps.items():
            self._free[group_id] = len(heap)
            heapify(heap)

    def take(self, work: Work, now_ms: int) -> Assignment | None:
        heap = self._heaps.get(work.group_id, [])
        passed: list[_Seat] = []
        seat = self._top(heap)
        while seat is not None and not self._fits(seat, work):
            passed.append(heappop(heap))
            seat = self._top(heap)
        taken = None if seat is None else self._seated(heap, heappop(heap), work, now_ms)
        for each in passed:
            heappush(heap, each)
        return taken

    def _seated(self, heap: list[_Seat], seat: _Seat, work: Work, now_ms: int) -> Assignment:
        agent = self._agents[seat.agent_id]
        free = self._free[work.group_id]
        following = self._top(heap)
        why: Why = "only_free" if free == 1 else "longest_free"
        if free > 1 and (following is None or following.load > seat.load):
            why = "least_load"
        self._used[agent.agent_id] += work.weight
        full = self._used[agent.agent_id] >= agent.maximum
        for group_id in agent.group_ids:
            if full:
                self._free[group_id] -= 1
            else:
                heappush(self._heaps[group_id], self._seat(agent, now_ms))
        return Assignment(
            work.conversation_id, agent.agent_id, work.group_id, why, free, round(100 * seat.used / agent.maximum)
        )

    def _seat(self, agent: Candidate, idle_since_ms: int) -> _Seat:
        used = self._used[agent.agent_id]
        return _Seat(used / agent.maximum, idle_since_ms, agent.agent_id, used)

    def _top(self, heap: list[_Seat]) -> _Seat | None:
        while heap and heap[0].used != self._used[heap[0].agent_id]:
            heappop(heap)
        return heap[0] if heap else None

    def _fits(self, seat: _Seat, work: Work) -> bool:
        agent = self._agents[seat.agent_id]
        return seat.agent_id not in work.refused and seat.used + work.weight <= agent.maximum
