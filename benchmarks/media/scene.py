"""Where a case is measured: two displays, a system between them, and whose CPU is whose."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.media import shaper
from benchmarks.media.network import Network
from tests.e2e.driver.geometry import Point, Rect

Groups = dict[str, tuple[int, ...]]
"""Processes by whose they are: `sharer`, `sharer_x`, `viewer`, `viewer_x`."""


class BenchError(RuntimeError):
    """A system did not do what a figure is asked of."""


@dataclass(frozen=True)
class Screens:
    """The customer's screen in pixels, and what follows from it."""

    width: int = 1920
    height: int = 1080

    @property
    def customer(self) -> tuple[int, int]:
        return (self.width, self.height)

    @property
    def agent(self) -> tuple[int, int]:
        """Room for the customer's picture 1:1 below the bars of the agent's window."""
        return (self.width + 40, self.height + 220)

    @property
    def pattern(self) -> Rect:
        """On the customer's screen: clear of the banner at the top and the frame along the edges."""
        return Rect(8, 160, self.width - 16, self.height - 168)


@dataclass(frozen=True)
class Place:
    """What a system is given to run in; `first_over` is the network from when a viewer is let in."""

    room: Path
    screens: Screens
    network: Network
    viewers: int
    first_over: shaper.Path


@dataclass(frozen=True)
class Scene:
    """A running system. `shown_at` is where the customer's top left pixel lies on the agent's display.

    `first_s` is how long a viewer who had just been let in waited for the first picture.
    """

    system: str
    customer: str
    agent: str
    screens: Screens
    network: Network
    shown_at: Point
    groups: Callable[[], Groups]
    first_s: float

    @property
    def pattern_shown(self) -> Rect:
        """Where the agent's display shows the pattern."""
        at = self.screens.pattern
        return Rect(self.shown_at.x + at.x, self.shown_at.y + at.y, at.width, at.height)
