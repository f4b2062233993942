"""A cluster in virtual time: N relays of one core each, one turn to write for all of them, and a relay that dies.

A line is decoded by its relay, waits there for the relay's turn to write, is committed with everything that waited (one
writer at a time over all relays, turns in the order they were asked for), is acknowledged by its relay, and told at
the relay of the other side. A sign-in is four pieces of work with everything else between them, and one row to write.
Nothing here reads a clock; the same seed gives the same run.
"""

import heapq
import random
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final

from benchmarks.report import percentile
from benchmarks.sizing.figures import Figures, Load

BATCH: Final = 1024
OPENINGS: Final = 2000
STEPS: Final = 4
TICK_S: Final = 0.01
SPREAD_S: Final = 0.5
"""Over which clients of a dead relay come to the others. These are the relay's and the client's own bounds."""
_FIRST_S: Final = 0.5


@dataclass(frozen=True)
class Plan:
    """`warm_s` is not counted; at `death_s` (0: never) the first relay dies; the run ends at `end_s`."""

    nodes: int
    seed: int = 1
    warm_s: float = 2.0
    death_s: float = 20.0
    end_s: float = 80.0
    batch: int = BATCH
    openings: int = OPENINGS
    longest_s: float = 30.0
    """The longest that a client waits for its next try."""


@dataclass(frozen=True)
class Outcome:
    """Seconds and shares; `storm_*` while those of the dead relay come back."""

    mean_s: float
    p50_s: float
    p99_s: float
    storm_p99_s: float
    storm_worst_s: float
    storm_back_s: float
    busiest: float
    """Of the relays, before the death: share of one core."""
    writer: float
    links_most: int
    said: int
    told: int
    lost: int
    """Lines that the dead relay had not acknowledged: clients send them again, which is not played."""
    open: int
    back: int
    gone: int


@dataclass(frozen=True)
class _Row:
    """Somebody signs in; `returns` when they had a link to the dead relay."""

    returns: bool


_Waiting = float | _Row
"""When a line was said, or a row of somebody who signs in."""


@dataclass
class _Node:
    free_s: float = 0.0
    busy_s: float = 0.0
    pending: deque[_Waiting] = field(default_factory=deque[_Waiting])
    asked: bool = False
    alive: bool = True
    openings: int = 0
    links: int = 0

    def work(self, now_s: float, cost_s: float) -> float:
        """One core, first come first served: when it is done."""
        self.free_s = max(self.free_s, now_s) + cost_s
        self.busy_s += cost_s
        return self.free_s


class Cluster:
    """One run."""

    def __init__(self, figures: Figures, load: Load, plan: Plan) -> None:
        self._f, self._load, self._plan = figures, load, plan
        self._chance = random.Random(plan.seed)
        self._nodes = [_Node() for _ in range(plan.nodes)]
        for number in range(load.links):
            self._nodes[number % plan.nodes].links += 1
        self._events: list[tuple[float, int, Callable[[float], None]]] = []
        self._count = 0
        self._turns: deque[_Node] = deque()
        self._writing = False
        self._writer_s = 0.0
        self._steady: list[float] = []
        self._storm: list[float] = []
        self._said = self._told = self._lost = self._back = self._gone = 0
        self._back_s = 0.0
        self._most = max(node.links for node in self._nodes)

    def run(self) -> Outcome:
        """Plays it."""
        self._at(0.0, self._say)
        self._at(0.0, self._arrive)
        for node in self._nodes:
            self._at(0.0, lambda now_s, node=node: self._tick(node, now_s))
        counted_s, busy, writer_s = self._plan.death_s or self._plan.end_s, [0.0], 0.0
        if self._plan.death_s:
            self._at(self._plan.death_s, self._die)
        while self._events and self._events[0][0] < self._plan.end_s:
            now_s, _, deed = heapq.heappop(self._events)
            if now_s < counted_s:
                busy, writer_s = [node.busy_s for node in self._nodes], self._writer_s
            deed(now_s)
        return self._outcome(max(busy) / counted_s, writer_s / counted_s)

    # People

    def _say(self, now_s: float) -> None:
        self._at(now_s + self._chance.expovariate(self._load.lines_per_s), self._say)
        node = self._chance.choice(self._living())
        self._said += 1
        self._at(node.work(now_s, self._f.frame_us / 1e6), lambda at_s: self._queue(node, now_s, at_s))

    def _arrive(self, now_s: float) -> None:
        """One comes, another goes: the number stays."""
        self._at(now_s + self._chance.expovariate(self._load.arrivals_per_s), self._arrive)
        node = self._chance.choice(self._living())
        self._open(node, now_s, STEPS, counted=False)

    def _tick(self, node: _Node, now_s: float) -> None:
        """Pings with their answers, and what clients are told besides, evenly."""
        if node.alive:
            frames = node.links * TICK_S * (2 / self._load.ping_s + 1 / self._load.status_every_s)
            node.work(now_s, frames * self._f.frame_us / 1e6)
            self._at(now_s + TICK_S, lambda at_s: self._tick(node, at_s))

    # The one turn to write

    def _queue(self, node: _Node, what: _Waiting, now_s: float) -> None:
        if not node.alive:
            self._lost += _lines((what,))
            return
        node.pending.append(what)
        self._ask(node, now_s)

    def _ask(self, node: _Node, now_s: float) -> None:
        if node.pending and not node.asked and node.alive:
            node.asked = True
            self._turns.append(node)
            self._grant(now_s)

    def _grant(self, now_s: float) -> None:
        if self._writing or not self._turns:
            return
        node = self._turns.popleft()
        group = [node.pending.popleft() for _ in range(min(len(node.pending), self._plan.batch))]
        lines = _lines(group)
        each_us = lines * self._f.commit_line_us + (len(group) - lines) * self._f.unit_us
        took_s = self._f.commit_fixed_ms / 1e3 + each_us / 1e6
        self._writing = True
        self._writer_s += took_s
        self._at(now_s + took_s, lambda at_s: self._committed(node, group, at_s))

    def _committed(self, node: _Node, group: list[_Waiting], now_s: float) -> None:
        self._writing = node.asked = False
        if node.alive:
            lines = _lines(group)  # what a sign-in costs beside them is in its own figure
            rest_us = bool(lines) * self._f.group_us + lines * max(0.0, self._f.line_us - self._f.frame_us)
            done_s = node.work(now_s, rest_us / 1e6)
            self._at(done_s, lambda at_s: self._acknowledge(node, group, at_s))
            self._ask(node, now_s)
        else:
            self._lost += _lines(group)
        self._grant(now_s)

    def _acknowledge(self, node: _Node, group: list[_Waiting], now_s: float) -> None:
        for said_s in group:
            if isinstance(said_s, _Row):
                self._in(node, now_s, said_s)
                continue
            self._told += 1
            if said_s >= self._plan.warm_s:
                stormy = (
                    self._gone and now_s >= self._plan.death_s and (self._gone > self._back or said_s < self._back_s)
                )
                (self._storm if stormy else self._steady).append(now_s - said_s)
            other = self._chance.choice(self._living())
            other.work(now_s + self._f.bus_us / 1e6, self._f.frame_us / 1e6)

    # A relay dies

    def _die(self, now_s: float) -> None:
        node = self._nodes[0]
        node.alive = False
        self._gone, node.links = node.links, 0
        self._lost += _lines(node.pending)
        node.pending.clear()
        if node in self._turns:
            self._turns.remove(node)
        for _ in range(self._gone):
            self._at(now_s + self._chance.random() * SPREAD_S, lambda at_s: self._come_back(at_s, 1))

    def _come_back(self, now_s: float, attempt: int) -> None:
        node = self._chance.choice(self._living())
        if node.openings < self._plan.openings:
            self._open(node, now_s, STEPS, counted=True)
            return
        done_s = node.work(now_s, self._f.frame_us / 1e6)
        ceiling = min(self._plan.longest_s, _FIRST_S * 2 ** min(attempt - 1, 16))
        wait_s = _FIRST_S / 2 + self._chance.random() * (ceiling - _FIRST_S / 2)
        self._at(done_s + wait_s, lambda at_s: self._come_back(at_s, attempt + 1))

    def _open(self, node: _Node, now_s: float, steps: int, *, counted: bool) -> None:
        node.openings += steps == STEPS
        done_s = node.work(now_s, self._f.sign_in_ms / 1e3 / STEPS)
        if steps > 1:
            self._at(done_s, lambda at_s: self._open(node, at_s, steps - 1, counted=counted))
        else:
            self._at(done_s, lambda at_s: self._opened(node, at_s, counted=counted))

    def _opened(self, node: _Node, now_s: float, *, counted: bool) -> None:
        node.openings -= 1
        self._queue(node, _Row(returns=counted), now_s)

    def _in(self, node: _Node, now_s: float, row: _Row) -> None:
        if row.returns:
            node.links += 1
            self._back += 1
            self._back_s = now_s
            self._most = max(self._most, node.links)

    # The end

    def _at(self, at_s: float, deed: Callable[[float], None]) -> None:
        self._count += 1
        heapq.heappush(self._events, (at_s, self._count, deed))

    def _living(self) -> list[_Node]:
        return [node for node in self._nodes if node.alive]

    def _outcome(self, busiest: float, writer: float) -> Outcome:
        steady, storm = self._steady or [0.0], self._storm or [0.0]
        return Outcome(
            mean_s=sum(steady) / len(steady),
            p50_s=percentile(steady, 0.5),
            p99_s=percentile(steady, 0.99),
            storm_p99_s=percentile(storm, 0.99),
            storm_worst_s=max(storm),
            storm_back_s=self._back_s - self._plan.death_s if self._back else 0.0,
            busiest=busiest,
            writer=writer,
            links_most=self._most,
            said=self._said,
            told=self._told,
            lost=self._lost,
            open=self._said - self._told - self._lost,
            back=self._back,
            gone=self._gone,
        )


def _lines(group: Iterable[_Waiting]) -> int:
    return sum(isinstance(each, float) for each in group)
