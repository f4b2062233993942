"""Debian's Chromium to itself: getDisplayMedia in one window, a video element in another, as a web tool would."""

import json
import time
from collections.abc import Generator
from contextlib import ExitStack, contextmanager

from benchmarks.media.bare import open_desks
from benchmarks.media.browser import Page, open_page
from benchmarks.media.glimpse import watch_first
from benchmarks.media.scene import BenchError, Groups, Place, Scene
from benchmarks.media.usage import tree
from tests.e2e.driver.geometry import Point
from tests.e2e.driver.processes import Programs

SHARING_SIZE = (500, 120)
"""The sharing window: above the pattern, and as good as nothing moves in it."""
SENT_S = 10.0


@contextmanager
def open_chromium(place: Place, system: str, codec: str) -> Generator[Scene]:
    """Shares the screen and shows it full size. Raises BenchError when that fails or another codec is taken."""
    with ExitStack() as stack:
        programs = stack.enter_context(Programs(place.room))
        desks = open_desks(programs, place)
        sharing = open_page(programs, place.room / "share", "share.html", SHARING_SIZE, desks.on(desks.customer))
        sharer = stack.enter_context(sharing)
        viewers: list[Page] = []
        for number, display in enumerate(desks.agents):
            room, env = place.room / f"view-{number}", desks.on(display)
            there = place.network.over_there
            viewing = open_page(programs, room, "view.html", place.screens.agent, env, before=there, whole=True)
            viewers.append(stack.enter_context(viewing))
        sharer.call("share()")
        first = stack.enter_context(watch_first(place, desks.agent))
        for number, viewer in enumerate(viewers):
            if number == 0:
                first.start()
            _introduce(sharer, viewer, codec)
        waited = first.seconds()
        _check_codec(sharer, codec)

        def groups() -> Groups:
            seen = tuple(pid for each in viewers for pid in tree(each.program.pid))
            return {"sharer": tree(sharer.program.pid), "viewer": seen, **desks.servers}

        shown = _place(viewers[0], place)
        yield Scene(system, desks.customer, desks.agent, place.screens, place.network, shown, groups, waited)


def _introduce(sharer: Page, viewer: Page, codec: str) -> None:
    offer = sharer.call(f"offer({json.dumps(codec)})")
    answer = viewer.call(f"answer({json.dumps(offer)})")
    sharer.call(f"accept({json.dumps(answer)})")


def _check_codec(sharer: Page, codec: str) -> None:
    until = time.monotonic() + SENT_S
    while f"video/{codec}" not in (sent := sharer.call("sent()")):
        if time.monotonic() > until:
            raise BenchError(f"{codec} was wanted, {sent} is sent")
        time.sleep(0.1)


def _place(viewer: Page, place: Place) -> Point:
    at = viewer.call("place()")
    if (at["width"], at["height"]) != place.screens.customer:
        raise BenchError(f"the video is {at['width']} x {at['height']}")
    return Point(at["left"], at["top"])
