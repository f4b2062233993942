"""Who gets which conversation, and what becomes of an agent's state. Pure and deterministic."""

from collections.abc import Iterable, Mapping
from heapq import heapify, heappop, heappush
from types import MappingProxyType
from typing import Final, Literal

from msgspec import Struct

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


class Work(Struct, frozen=True):
    """A waiting conversation. `refused`: agents who refused it in this pass."""

    conversation_id: str
    group_id: str
    rank_ms: int
    weight: int = 1
    refused: frozenset[str] = frozenset()


class Candidate(Struct, frozen=True):
    """An available agent. `used` counts pending offers too; `idle_since_ms` is when they last handled something."""

    agent_id: str
    group_ids: tuple[str, ...]
    used: int
    maximum: int
    idle_since_ms: int


Turn = tuple[int, int, str]
"""What the free agents of a group are ordered by: load, since when they are free, who they are."""


class Known(Struct, frozen=True):
    """How much is known of a group's free agents: how many there are, and that nobody comes before `last` but those who
    are among the candidates. `last` None: all are."""

    free: int
    last: Turn | None = None


class Assignment(Struct, frozen=True):
    """One proposal, and why this agent: `free` were eligible, `load_percent` was theirs before."""

    conversation_id: str
    agent_id: str
    group_id: str
    why: Why
    free: int
    load_percent: int


def load(used: int, maximum: int) -> int:
    """How much of what an agent can hold is taken, in millionths; `seats` are stored in this order."""
    return used * 1_000_000 // maximum


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
    return pick_known(waiting, agents, now_ms, {})[0]


def pick_known(
    waiting: Iterable[Work], agents: Iterable[Candidate], now_ms: int, known: Mapping[str, Known]
) -> tuple[list[Assignment], bool]:
    """As `pick`, where only the first of each group's free agents are at hand: the same proposals, up to the first
    piece of work for which one of the others may be the better one. And whether that was all of the work."""
    floor = _Floor(agents, known)
    chosen: list[Assignment] = []
    for work in sorted(waiting, key=lambda each: (each.rank_ms, each.conversation_id)):
        found, sure = floor.take(work, now_ms)
        if not sure:
            return chosen, False
        if found is not None:
            chosen.append(found)
    return chosen, True


_Seat = tuple[int, int, str, int]
"""A turn, and what the agent held when it was given out."""


class _Floor:
    """The available agents as one heap a group. A seat that is older than what its agent holds now is thrown away."""

    def __init__(self, agents: Iterable[Candidate], known: Mapping[str, Known]) -> None:
        self._agents = {each.agent_id: each for each in agents}
        self._used = {each.agent_id: each.used for each in self._agents.values()}
        self._heaps: dict[str, list[_Seat]] = {}
        self._free: dict[str, int] = {}
        self._last = {group_id: each.last for group_id, each in known.items()}
        for agent in self._agents.values():
            if agent.used < agent.maximum:
                for group_id in agent.group_ids:
                    self._heaps.setdefault(group_id, []).append(self._seat(agent, agent.idle_since_ms))
        for group_id, heap in self._heaps.items():
            self._free[group_id] = known[group_id].free if group_id in known else len(heap)
            heapify(heap)

    def take(self, work: Work, now_ms: int) -> tuple[Assignment | None, bool]:
        """Who takes it, if anybody can, and whether that is sure."""
        heap, last = self._heaps.get(work.group_id, []), self._last.get(work.group_id)
        passed: list[_Seat] = []
        seat = self._top(heap)
        while seat is not None and not self._fits(seat, work):
            passed.append(heappop(heap))
            seat = self._top(heap)
        sure = last is None or (seat is not None and seat[:3] <= last)
        taken = self._seated(heap, heappop(heap), work, now_ms) if seat is not None and sure else None
        for each in passed:
            heappush(heap, each)
        return taken, sure

    def _seated(self, heap: list[_Seat], seat: _Seat, work: Work, now_ms: int) -> Assignment:
        agent = self._agents[seat[2]]
        used = seat[3]
        free = self._free[work.group_id]
        following = self._top(heap)
        why: Why = "only_free" if free == 1 else "longest_free"
        if free > 1 and (following is None or following[0] > seat[0]):
            why = "least_load"
        self._used[agent.agent_id] = used + work.weight
        full = used + work.weight >= agent.maximum
        for group_id in agent.group_ids:
            if full:
                self._free[group_id] -= 1
            else:
                heappush(self._heaps[group_id], self._seat(agent, now_ms))
        return Assignment(
            work.conversation_id, agent.agent_id, work.group_id, why, free, round(100 * used / agent.maximum)
        )

    def _seat(self, agent: Candidate, idle_since_ms: int) -> _Seat:
        used = self._used[agent.agent_id]
        return load(used, agent.maximum), idle_since_ms, agent.agent_id, used

    def _top(self, heap: list[_Seat]) -> _Seat | None:
        while heap and heap[0][3] != self._used[heap[0][2]]:
            heappop(heap)
        return heap[0] if heap else None

    def _fits(self, seat: _Seat, work: Work) -> bool:
        return seat[2] not in work.refused and seat[3] + work.weight <= self._agents[seat[2]].maximum
