"""The real thing: both programs in their windows, a real relay over TLS, and a grant that was clicked."""

import re
import subprocess
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from benchmarks.media.scene import AGENT_SCREEN, SCREEN, BenchError, Scene
from benchmarks.media.usage import tree
from tests.e2e import job
from tests.e2e.driver.desktop import Desktop, open_desktop
from tests.e2e.driver.geometry import Point
from tests.e2e.driver.processes import Program, Programs
from tests.e2e.driver.relay import open_relay
from tests.e2e.driver.waiting import wait_for
from tests.e2e.driver.widgets import Widget
from tests.e2e.stage import Stage

CORNER = Point(2, 2)
"""Where pointers rest: outside the pattern, on both screens."""

SHEET_WAKES_S = 0.8


def named(name: str) -> re.Pattern[str]:
    """A widget by its own name, which Qt puts after those of everything it lies in."""
    return re.compile(rf"(^|\.){re.escape(name)}$")


@contextmanager
def open_threeline(room: Path) -> Generator[Scene]:
    """Plays the job up to a live picture. Ends everything with the block."""
    with ExitStack() as stack:
        programs = stack.enter_context(Programs(room))
        relay = open_relay(programs, room / "relay")
        customer = stack.enter_context(open_desktop("customer", size=SCREEN))
        agent = stack.enter_context(open_desktop("agent", size=AGENT_SCREEN))
        stage = Stage(relay, customer, agent)
        for step in (job.sign_in, job.ask_for_help, job.accept, grant_view, clear_the_screen):
            step(stage)
        picture = show_it_1_to_1(stage)
        yield Scene("threeline", customer.display, agent.display, picture, lambda: _groups(stage))


def grant_view(stage: Stage) -> None:
    """The engineer asks, the customer says what may be seen and allows it."""
    desk, home = stage.agent, stage.customer
    desk.click(stage.app, "Ask for screen", role="push button")
    desk.click(stage.app, identifier=named("ask.send"))
    wait_for(lambda: _switched_on(home, stage.client), "view to be on", 20, poll_s=SHEET_WAKES_S)
    _choose_monitor(home, stage.client)
    home.click(stage.client, identifier=named("consent.allow"))
    home.find(stage.client, identifier=named("banner.stop"), timeout_s=15)


def _switched_on(home: Desktop, client: Program) -> bool:
    """Clicks again when nothing came of it: the sheet is deaf while it is new."""
    switch = home.find(client, identifier=named("consent.switch.view"), timeout_s=15)
    if "checked" not in switch.states:
        home.hands.click(switch)
    return "checked" in switch.states


def _choose_monitor(home: Desktop, client: Program) -> None:
    tile = home.find(client, identifier=named("consent.monitor.1"), timeout_s=15)
    if "checked" not in tile.states:
        home.hands.click(tile)


def clear_the_screen(stage: Stage) -> None:
    """The customer puts the program's window away, so that the pattern has the screen."""
    home = stage.customer
    title = home.window(stage.client).name
    search = ["xdotool", "search", "--onlyvisible", "--name", f"^{re.escape(title)}$"]
    subprocess.run([*search, "windowminimize", "%@"], env=home.env, check=True, timeout=10)
    home.hands.move(CORNER)


def show_it_1_to_1(stage: Stage) -> Point:
    """The engineer makes the window full screen and each pixel one pixel; where the picture lies then."""
    desk, app = stage.agent, stage.app
    desk.click(app, identifier=named("remote.full"), timeout_s=20)
    desk.click(app, identifier=named("remote.actual"))
    wide = wait_for(lambda: _wide(desk, app), "a full-screen picture", 15)
    desk.hands.move(CORNER)
    if wide.rect.width < SCREEN[0] or wide.rect.height < SCREEN[1]:
        raise BenchError(f"the agent's window has too little room for 1:1: {wide.rect}")
    return Point(wide.rect.x + (wide.rect.width - SCREEN[0]) // 2, wide.rect.y + (wide.rect.height - SCREEN[1]) // 2)


def _wide(desk: Desktop, app: Program) -> Widget | None:
    found = desk.find_all(app, identifier=named("remote.picture"))
    return next((each for each in found if each.rect.width >= SCREEN[0]), None)


def _groups(stage: Stage) -> dict[str, tuple[int, ...]]:
    servers = [
        program.pid
        for desktop in (stage.customer, stage.agent)
        for program in desktop.programs.running()
        if program.name.endswith(("-xvfb", "-xephyr"))
    ]
    return {"sharer": tree(stage.client.pid), "viewer": tree(stage.app.pid), "x": tuple(servers)}
