"""Only the person stops, and the person always does: outer input is theirs, XTEST inside is not."""

import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from Xlib import X
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
        self.lost = threading.Event()
        self.at_s = 0.0

    def stop(self, cause: str) -> None:
        self.at_s = time.monotonic()
        self.stops.append(cause)

    def use(self) -> None:
        self.local += 1


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def watch(desk: Any, heard: Heard) -> Iterator[Watch]:
    made = Watch(heard.stop, heard.use, heard.lost.set, desk.inner)
    made.start()
    yield made
    made.close()


def test_the_persons_chord_stops(desk: Any, watch: Watch, heard: Heard, until: Any) -> None:
    desk.person("key", "ctrl+shift+F12")
    until(lambda: heard.stops == ["key"], "the stop key")
    assert heard.local > 0


@pytest.mark.parametrize("keys", ["F12", "ctrl+F12", "shift+F12", "ctrl+shift+F11", "ctrl+shift+a"])
def test_less_than_the_chord_does_not(desk: Any, watch: Watch, heard: Heard, until: Any, keys: str) -> None:
    desk.person("key", keys)
    until(lambda: heard.local >= 2, "the keys to be heard")
    assert heard.stops == []


def test_injected_input_is_never_taken_for_the_person(desk: Any, watch: Watch, heard: Heard, until: Any) -> None:
    watch.stop_areas = (Area(100, 100, 50, 50),)
    injector = X11Injector(desk.inner)
    for keysym in CHORD:
        assert injector.key(keysym, True)
    for keysym in CHORD:
        assert injector.key(keysym, False)
    injector.move(120, 120)
    injector.button(1, True)
    injector.button(1, False)
    injector.wheel(0, 2)
    assert injector.prepare("漢") == 0
    injector.character("漢")
    injector.close()
    desk.engineer("key", "ctrl+shift+F12")
    desk.engineer("mousemove", "120", "120", "click", "1")
    assert heard.local == 0
    desk.person("mousemove", "300", "300")
    until(lambda: heard.local > 0, "the person's own move, behind all of it")
    assert heard.stops == []


def test_a_chord_made_half_by_the_engineer_does_not_stop(desk: Any, watch: Watch, heard: Heard, until: Any) -> None:
    injector = X11Injector(desk.inner)
    injector.key(CHORD[0], True)
    injector.key(CHORD[1], True)
    desk.person("key", "F12")
    until(lambda: heard.local >= 2, "the person's key")
    injector.close()
    assert heard.stops == []


def test_a_press_on_the_stop_button_stops_and_one_beside_it_does_not(
    desk: Any, watch: Watch, heard: Heard, until: Any
) -> None:
    watch.stop_areas = (Area(400, 20, 80, 40),)
    desk.person("mousemove", "399", "30", "click", "1")
    until(lambda: heard.local >= 2, "the click beside it")
    assert heard.stops == []
    desk.person("mousemove", "400", "20", "click", "1")
    until(lambda: heard.stops == ["button"], "the click on it")


def test_the_wheel_over_stop_is_no_press(desk: Any, watch: Watch, heard: Heard, until: Any) -> None:
    watch.stop_areas = (Area(400, 20, 80, 40),)
    desk.person("mousemove", "420", "30", "click", "4")
    until(lambda: heard.local >= 2, "the wheel")
    assert heard.stops == []


def test_a_held_key_goes_on_counting_as_use(desk: Any, watch: Watch, heard: Heard, until: Any) -> None:
    desk.person("keydown", "shift")
    until(lambda: heard.local >= 1, "the key")
    before = heard.local
    until(lambda: heard.local >= before + 2, "still held")
    desk.person("keyup", "shift")


def test_another_clients_grab_hides_nothing(desk: Any, watch: Watch, heard: Heard, until: Any) -> None:
    grabber = xdisplay.Display(desk.inner)
    root = grabber.screen().root
    assert root.grab_keyboard(True, X.GrabModeAsync, X.GrabModeAsync, X.CurrentTime) == 0
    desk.person("key", "ctrl+shift+F12")
    until(lambda: heard.stops == ["key"], "the stop key under a grab")
    grabber.close()


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
