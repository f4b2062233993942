"""Where a case is measured: two displays, a system between them, and whose CPU is whose."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.e2e.driver.geometry import Point, Rect

SCREEN = (1920, 1080)
"""The customer's."""
AGENT_SCREEN = (1960, 1300)
"""Room for the customer's picture 1:1 below the bars of the agent's window."""
PATTERN = Rect(8, 160, 1904, 912)
"""On the customer's screen: clear of the banner at the top and the frame along the edges."""


class BenchError(RuntimeError):
    """A system did not do what a figure is asked of."""


@dataclass(frozen=True)
class Scene:
    """A running system. `shown_at` is where the customer's top left pixel lies on the agent's display."""

    system: str
    customer: str
    agent: str
    shown_at: Point
    groups: Callable[[], dict[str, tuple[int, ...]]]
    """Processes by whose they are: `sharer`, `viewer`, `x`."""

    @property
    def pattern_shown(self) -> Rect:
        """Where the agent's display shows the pattern."""
        return Rect(self.shown_at.x + PATTERN.x, self.shown_at.y + PATTERN.y, PATTERN.width, PATTERN.height)
