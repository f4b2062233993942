"""Two bare screens for systems that need no desktop: the customer's with its wallpaper, the engineer's empty."""

from dataclasses import dataclass

from benchmarks.media.glimpse import hang_wallpaper
from benchmarks.media.pattern import Canvas
from benchmarks.media.scene import Groups, Place
from tests.e2e.driver.processes import Programs
from tests.e2e.driver.relay import plain_environment
from tests.e2e.driver.servers import start_xvfb

CORNER = (2, 2)
"""Where pointers rest: outside the pattern."""


@dataclass(frozen=True)
class Desks:
    """`agents` has one display for each viewer; figures are read from the first."""

    customer: str
    agents: tuple[str, ...]
    servers: Groups
    env: dict[str, str]

    @property
    def agent(self) -> str:
        return self.agents[0]

    def on(self, display: str) -> dict[str, str]:
        """The environment of a program there."""
        return {**self.env, "DISPLAY": display}


def open_desks(programs: Programs, place: Place) -> Desks:
    """Starts the X servers; they end with `programs`."""
    env = {**plain_environment(place.room), "QT_QPA_PLATFORM": "xcb"}
    customer = start_xvfb(programs, env, place.screens.customer, "customer-xvfb")
    sharer_x = programs.running()[-1].pid
    agents = tuple(start_xvfb(programs, env, place.screens.agent, "agent-xvfb") for _ in range(place.viewers))
    viewer_x = tuple(each.pid for each in programs.running() if each.name == "agent-xvfb")
    for display in (customer, *agents):
        rest_pointer(display)
    hang_wallpaper(place, customer)
    return Desks(customer, agents, {"sharer_x": (sharer_x,), "viewer_x": viewer_x}, env)


def rest_pointer(display: str) -> None:
    """Out of the way: some systems draw it into the picture."""
    canvas = Canvas(display)
    canvas.root.warp_pointer(*CORNER)
    canvas.display.sync()
    canvas.display.close()
