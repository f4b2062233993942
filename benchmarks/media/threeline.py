"""The real thing: both programs in their windows, a real relay over TLS, and a grant that was clicked."""

import re
import subprocess
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import get_args

from benchmarks.media.glimpse import First, hang_wallpaper, watch_first
from benchmarks.media.scene import BenchError, Groups, Place, Scene, Screens
from benchmarks.media.usage import tree
from shared.control.input import Quality
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
def open_threeline(
    place: Place, system: str = "threeline", app_arguments: tuple[str, ...] = (), quality: Quality = "automatic"
) -> Generator[Scene]:
    """Plays the job up to a live picture. Ends everything with the block."""
    if place.viewers > 1:
        raise BenchError("one engineer at a time has the windows that this drives")
    screens, network = place.screens, place.network
    with ExitStack() as stack:
        programs = stack.enter_context(Programs(place.room))
        relay = open_relay(programs, place.room / "relay", host=network.customer)
        customer = stack.enter_context(open_desktop("customer", size=screens.customer))
        agent = stack.enter_context(open_desktop("agent", size=screens.agent))
        hang_wallpaper(place, customer.display)
        stage = Stage(
            relay,
            customer,
            agent,
            app_before=network.over_there,
            app_arguments=app_arguments,
        )
        for step in (job.sign_in, job.ask_for_help, job.accept):
            step(stage)
        with watch_first(place, agent.display) as first:
            grant_view(stage, first)
            waited = first.seconds()
        clear_the_screen(stage)
        if quality != "automatic":
            choose_quality(stage, quality)
        corner = show_it_1_to_1(stage, screens)
        groups = partial(_groups, stage)
        yield Scene(system, customer.display, agent.display, screens, network, corner, groups, waited)


def grant_view(stage: Stage, first: First) -> None:
    """The engineer asks, the customer says what may be seen and allows it."""
    desk, home = stage.agent, stage.customer
    desk.click(stage.app, "Ask for screen", role="push button")
    desk.click(stage.app, identifier=named("ask.send"))
    wait_for(lambda: _switched_on(home, stage.client), "view to be on", 20, poll_s=SHEET_WAKES_S)
    _choose_monitor(home, stage.client)
    allow = home.find(stage.client, identifier=named("consent.allow"), states=("enabled",), timeout_s=15)
    first.start()
    home.hands.click(allow)
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


def choose_quality(stage: Stage, quality: Quality) -> None:
    """The engineer picks it in the toolbar's menu."""
    desk, app = stage.agent, stage.app
    desk.click(app, identifier=named("remote.quality"), timeout_s=20)
    desk.hands.key(*("Down" for _ in range(1 + get_args(Quality).index(quality))), "Return")


def show_it_1_to_1(stage: Stage, screens: Screens) -> Point:
    """The engineer makes the window full screen and each pixel one pixel; where the picture lies then."""
    desk, app = stage.agent, stage.app
    desk.click(app, identifier=named("remote.full"), timeout_s=20)
    desk.click(app, identifier=named("remote.actual"))
    wide = wait_for(lambda: _wide(desk, app, screens), "a full-screen picture", 15)
    desk.hands.move(CORNER)
    if wide.rect.width < screens.width or wide.rect.height < screens.height:
        raise BenchError(f"the agent's window has too little room for 1:1: {wide.rect}")
    spare_x, spare_y = wide.rect.width - screens.width, wide.rect.height - screens.height
    return Point(wide.rect.x + spare_x // 2, wide.rect.y + spare_y // 2)


def _wide(desk: Desktop, app: Program, screens: Screens) -> Widget | None:
    found = desk.find_all(app, identifier=named("remote.picture"))
    return next((each for each in found if each.rect.width >= screens.width), None)


def _groups(stage: Stage) -> Groups:
    return {
        "sharer": tree(stage.client.pid),
        "sharer_x": _servers(stage.customer),
        "viewer": tree(stage.app.pid),
        "viewer_x": _servers(stage.agent),
    }


def _servers(desktop: Desktop) -> tuple[int, ...]:
    return tuple(each.pid for each in desktop.programs.running() if each.name.endswith(("-xvfb", "-xephyr")))
