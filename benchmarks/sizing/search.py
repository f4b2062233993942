"""The smallest cluster that holds bounds, also while one of its relays is gone."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from benchmarks.sizing.figures import Figures, Load
from benchmarks.sizing.model import OPENINGS, Cluster, Outcome, Plan

MAX_LINKS: Final = 20_000
"""The relay's `max_links`, as it comes."""
NODES_MOST: Final = 32
RUSH: Final = 3


@dataclass(frozen=True)
class Bounds:
    """What a cluster must hold; seconds, and shares of one core."""

    p99_s: float = 0.25
    storm_worst_s: float = 2.0
    storm_back_s: float = 30.0
    rush_p99_s: float = 0.25
    """With three times as many lines."""
    busiest: float = 0.5
    memory_mb: float = 2048.0


@dataclass(frozen=True)
class Sized:
    """A cluster that was played; `broken` names the bounds it does not hold."""

    nodes: int
    outcome: Outcome
    rush_p99_s: float
    memory_mb: float
    broken: tuple[str, ...]


def memory_mb(figures: Figures, links: int) -> float:
    """Of one relay with so many silent links with TLS."""
    return figures.base_mb + links * figures.link_kb / 1024


def least(figures: Figures, load: Load) -> int:
    """Relays below which links have no room once one is gone; two, for one to be gone at all."""
    return max(2, -(-load.links // MAX_LINKS) + 1)


def played(figures: Figures, load: Load, nodes: int, bounds: Bounds, seed: int, openings: int = OPENINGS) -> Sized:
    """One size of cluster."""
    outcome = Cluster(figures, load, Plan(nodes=nodes, seed=seed, openings=openings)).run()
    rush = Cluster(figures, replace(load, talking=load.talking * RUSH), Plan(nodes, seed, death_s=0, end_s=20.0)).run()
    sized = Sized(nodes, outcome, rush.p99_s, memory_mb(figures, outcome.links_most), ())
    return replace(sized, broken=tuple(_broken(sized, bounds)))


def smallest(figures: Figures, load: Load, bounds: Bounds, seed: int, openings: int = OPENINGS) -> Sized:
    """The first that holds, or the largest that was tried."""
    for nodes in range(least(figures, load), NODES_MOST + 1):
        tried = played(figures, load, nodes, bounds, seed, openings)
        if not tried.broken or "rush_p99_s" in tried.broken:  # more relays do not write faster
            break
    return tried


def _broken(sized: Sized, bounds: Bounds) -> Iterator[str]:
    outcome = sized.outcome
    for name in ("p99_s", "storm_worst_s", "storm_back_s", "busiest"):
        if getattr(outcome, name) > getattr(bounds, name):
            yield name
    if sized.rush_p99_s > bounds.rush_p99_s:
        yield "rush_p99_s"
    if sized.memory_mb > bounds.memory_mb:
        yield "memory_mb"
    if outcome.back < outcome.gone:
        yield "not all back"
    if outcome.links_most > MAX_LINKS:
        yield "links"
