"""What only X11's own watch does; test_watch.py has what every watch must. Outer input is the person's."""

from collections.abc import Iterator
from typing import Any

import pytest
from Xlib import display as xdisplay

from shared.control.inject_x11 import X11Injector, let_go_of_leftovers
from shared.control.injector import ControlFault
from shared.control.watch_x11 import Watch
from shared.rules.coordinates import Area

CHORD = (0xFFE3, 0xFFE1, 0xFFC9)


class Heard:
    def __init__(self) -> None:
        self.stops: list[str] = []
        self.local = 0

    def use(self) -> None:
        self.local += 1


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def watch(desk: Any, heard: Heard) -> Iterator[Watch]:
    made = Watch(heard.stops.append, heard.use, lambda: None, desk.inner)
    made.start()
    yield made
    made.close()


def test_what_any_program_injects_is_never_taken_for_the_person(
    desk: Any, watch: Watch, heard: Heard, until: Any
) -> None:
    watch.stop_areas = (Area(100, 100, 50, 50),)
    injector = X11Injector(desk.inner)
    assert injector.prepare("漢") == 0
    injector.character("漢")
    injector.close()
    desk.engineer("key", "ctrl+shift+F12")
    desk.engineer("mousemove", "120", "120", "click", "1")
    assert heard.local == 0
    desk.person("mousemove", "300", "300")
    until(lambda: heard.local > 0, "the person's own move, behind all of it")
    assert heard.stops == []


def test_no_display_is_a_fault() -> None:
    with pytest.raises(ControlFault):
        Watch(lambda _: None, lambda: None, lambda: None, "no display")


def test_leftovers_of_a_killed_injector_come_up_and_the_persons_keys_stay(desk: Any, until: Any) -> None:
    server = xdisplay.Display(desk.inner)

    def down() -> set[int]:
        pressed = server.query_keymap()
        return {code for code in range(256) if pressed[code // 8] >> code % 8 & 1}

    theirs = int(server.keysym_to_keycode(ord("q")))
    left = int(server.keysym_to_keycode(CHORD[1]))
    desk.person("keydown", "q")
    desk.engineer("keydown", "shift")
    until(lambda: down() == {theirs, left}, "both keys down")
    let_go_of_leftovers(desk.inner)
    assert down() == {theirs}
    desk.person("keyup", "q")
    until(lambda: not down(), "the person's key up")
    server.close()
