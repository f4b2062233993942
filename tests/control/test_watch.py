"""What every watch must do, on the two that there are: only the person stops, and the person always does.

X11's own runs in Xephyr: xdotool outside is the person, XTEST inside is not. The portable one hears nothing in Xephyr
(its keys and mouse come from no core device there), so it runs on Xvfb, where xdotool is the person. Windows and macOS
mark injected events; X11 does not, so there the test marks them itself: a ledger of what the injector is about to do.
"""

import functools
import importlib
import os
import subprocess
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from Xlib import X
from Xlib import display as xdisplay

from shared.control.inject_x11 import X11Injector
from shared.control.injector import Injector
from shared.control.watch import StopWatching
from shared.control.watch_x11 import Watch
from shared.rules.coordinates import Area

CHORD = (0xFFE3, 0xFFE1, 0xFFC9)


class Heard:
    def __init__(self) -> None:
        self.stops: list[str] = []
        self.local = 0
        self.lost = threading.Event()

    def use(self) -> None:
        self.local += 1


@dataclass(frozen=True)
class Stand:
    """A machine with a watch on it: `person` is xdotool in the person's name, `injector` is ours."""

    heard: Heard
    watch: StopWatching
    person: Callable[..., None]
    injector: Injector
    name: str


@pytest.fixture(params=["x11", "portable"])
def stand(request: pytest.FixtureRequest) -> Stand:
    return request.getfixturevalue(f"{request.param}_stand")


@pytest.fixture
def x11_stand(desk: Any) -> Iterator[Stand]:
    heard = Heard()
    watch = Watch(heard.stops.append, heard.use, heard.lost.set, desk.inner)
    watch.start()
    injector = X11Injector(desk.inner)
    yield Stand(heard, watch, desk.person, injector, desk.inner)
    injector.close()
    watch.close()


class Ledger:
    """What the injector is about to do, in the listeners' words; each entry marks one event."""

    def __init__(self) -> None:
        self._deeds: Counter[tuple[Any, ...]] = Counter()

    def driver(self, real: Any, kind: str) -> Any:
        return Announcing(real, kind, self._deeds)

    def marks(self, *deed: Any) -> bool:
        found = self._deeds[deed] > 0
        self._deeds[deed] -= found
        return found


class Announcing:
    """A controller of pynput's that says first what it does."""

    def __init__(self, real: Any, kind: str, deeds: Counter[tuple[Any, ...]]) -> None:
        self._real, self._kind, self._deeds = real, kind, deeds

    def let_go(self) -> None:
        """Of the connection, while its server is still there."""
        self._real = None

    @property
    def position(self) -> tuple[int, int]:
        return self._real.position

    @position.setter
    def position(self, at: tuple[int, int]) -> None:
        self._deeds[("move", *at)] += 1
        self._real.position = at

    def press(self, what: Any) -> None:
        self._deeds[(self._kind, what, True)] += 1
        self._real.press(what)

    def release(self, what: Any) -> None:
        self._deeds[(self._kind, what, False)] += 1
        self._real.release(what)

    def scroll(self, dx: int, dy: int) -> None:
        self._deeds[("scroll", dx > 0, dy > 0)] += abs(dx) + abs(dy)
        self._real.scroll(dx, dy)


@dataclass(frozen=True)
class Marked:
    """The watch's ears, with the mark that X11 does not give."""

    ears: Any
    ledger: Ledger

    def pressed(self, key: Any, injected: bool) -> None:
        self.ears.pressed(key, injected or self.ledger.marks("key", key, True))

    def released(self, key: Any, injected: bool) -> None:
        self.ears.released(key, injected or self.ledger.marks("key", key, False))

    def moved(self, x: int, y: int, injected: bool) -> None:
        self.ears.moved(x, y, injected or self.ledger.marks("move", x, y))

    def clicked(self, x: int, y: int, button: Any, down: bool, injected: bool) -> None:
        self.ears.clicked(x, y, button, down, injected or self.ledger.marks("button", button, down))

    def scrolled(self, x: int, y: int, dx: int, dy: int, injected: bool) -> None:
        self.ears.scrolled(x, y, dx, dy, injected or self.ledger.marks("scroll", dx > 0, dy > 0))


@pytest.fixture
def portable_stand(screen: str, monkeypatch: pytest.MonkeyPatch, until: Any) -> Iterator[Stand]:
    monkeypatch.setenv("DISPLAY", screen)
    watching = importlib.import_module("shared.control.watch_pynput")
    injecting = importlib.import_module("shared.control.inject_pynput")
    heard, ledger, person = Heard(), Ledger(), functools.partial(xdotool, screen)
    watch = watching.PynputWatch(
        heard.stops.append,
        heard.use,
        heard.lost.set,
        lambda ears: watching.native_listeners(Marked(ears, ledger)),
    )
    before = threading.active_count()
    watch.start()
    pointer = ledger.driver(injecting.mouse.Controller(), "button")
    keys = ledger.driver(injecting.keyboard.Controller(), "key")
    injector = injecting.PynputInjector(pointer, keys, lambda _: False)
    yield Stand(heard, watch, person, injector, screen)
    injector.close()
    pointer.let_go()
    keys.let_go()
    close_with_events(watch, person, until)
    assert threading.active_count() == before
    assert not heard.lost.is_set()


def xdotool(screen: str, *command: str) -> None:
    subprocess.run(["xdotool", *command], env={**os.environ, "DISPLAY": screen}, check=True, timeout=20)


def close_with_events(watch: StopWatching, person: Callable[..., None], until: Any) -> None:
    """On X11, and only there, a listener of pynput's sees at its next event that it is to end."""
    closing = threading.Thread(target=watch.close)
    closing.start()

    def closed() -> bool:
        person("key", "F11", "mousemove_relative", "1", "0")
        return not closing.is_alive()

    until(closed, "the listeners to end")


def test_the_persons_chord_stops(stand: Stand, until: Any) -> None:
    stand.person("key", "ctrl+shift+F12")
    until(lambda: stand.heard.stops == ["key"], "the stop key")
    assert stand.heard.local > 0


@pytest.mark.parametrize("keys", ["F12", "ctrl+F12", "shift+F12", "ctrl+shift+F11", "ctrl+shift+a"])
def test_less_than_the_chord_does_not(stand: Stand, until: Any, keys: str) -> None:
    stand.person("key", keys)
    until(lambda: stand.heard.local >= 2, "the keys to be heard")
    assert stand.heard.stops == []


def test_injected_input_is_never_taken_for_the_person(stand: Stand, until: Any) -> None:
    stand.watch.stop_areas = (Area(100, 100, 50, 50),)
    for down in (True, False):
        for keysym in CHORD:
            assert stand.injector.key(keysym, down)
    stand.injector.move(120, 120)
    stand.injector.button(1, True)
    stand.injector.button(1, False)
    stand.injector.wheel(0, 2)
    stand.person("mousemove", "300", "300")
    until(lambda: stand.heard.local > 0, "the person's own move, behind all of it")
    assert stand.heard.local == 1
    assert stand.heard.stops == []


def test_a_chord_made_half_by_the_engineer_does_not_stop(stand: Stand, until: Any) -> None:
    stand.injector.key(CHORD[0], True)
    stand.injector.key(CHORD[1], True)
    stand.person("key", "F12")
    until(lambda: stand.heard.local >= 2, "the person's key")
    assert stand.heard.stops == []


def test_a_press_on_the_stop_button_stops_and_one_beside_it_does_not(stand: Stand, until: Any) -> None:
    stand.watch.stop_areas = (Area(400, 20, 80, 40),)
    stand.person("mousemove", "399", "30", "click", "1")
    until(lambda: stand.heard.local >= 3, "the click beside it")
    assert stand.heard.stops == []
    stand.person("mousemove", "400", "20", "click", "1")
    until(lambda: stand.heard.stops == ["button"], "the click on it")


def test_the_wheel_over_stop_is_no_press(stand: Stand, until: Any) -> None:
    stand.watch.stop_areas = (Area(400, 20, 80, 40),)
    stand.person("mousemove", "420", "30", "click", "4")
    until(lambda: stand.heard.local >= 2, "the wheel")
    assert stand.heard.stops == []


def test_a_held_key_goes_on_counting_as_use(stand: Stand, until: Any) -> None:
    stand.person("keydown", "shift")
    until(lambda: stand.heard.local >= 1, "the key")
    before = stand.heard.local
    until(lambda: stand.heard.local >= before + 2, "still held")
    stand.person("keyup", "shift")


def test_another_clients_grab_hides_nothing(stand: Stand, until: Any) -> None:
    grabber = xdisplay.Display(stand.name)
    root = grabber.screen().root
    assert root.grab_keyboard(True, X.GrabModeAsync, X.GrabModeAsync, X.CurrentTime) == 0
    stand.person("key", "ctrl+shift+F12")
    until(lambda: stand.heard.stops == ["key"], "the stop key under a grab")
    grabber.close()
