"""The portable watch where a system gives it listeners that fail, or keys whose release is never heard."""

import importlib
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from shared.control.guard_mac import MacGuard, kind_of
from shared.control.injector import ControlFault


class Listener(threading.Thread):
    """One that runs until told, or `fails`: "at once" ends, "untrusted" hears nothing."""

    def __init__(self, fails: str = "") -> None:
        super().__init__(daemon=True)
        self.end = threading.Event()
        self.fails = fails
        self.IS_TRUSTED = fails != "untrusted"

    def run(self) -> None:
        self.end.wait(0 if self.fails == "at once" else None)

    def wait(self) -> None:
        if self.fails == "at once":
            self.join()
        if self.fails == "never ready":
            self.end.wait()

    def stop(self) -> None:
        self.end.set()


class Heard:
    def __init__(self) -> None:
        self.stops: list[str] = []
        self.local = 0
        self.lost = threading.Event()

    def use(self) -> None:
        self.local += 1


@pytest.fixture
def backend(screen: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("DISPLAY", screen)
    return importlib.import_module("shared.control.watch_pynput")


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def listeners() -> tuple[Listener, ...]:
    return Listener(), Listener()


@pytest.fixture
def watch(backend: Any, heard: Heard, listeners: tuple[Listener, ...]) -> Iterator[Any]:
    made = backend.PynputWatch(heard.stops.append, heard.use, heard.lost.set, lambda _: listeners)
    made.start()
    yield made
    made.close()
    made.close()
    assert not any(one.is_alive() for one in listeners)


@pytest.mark.parametrize("fails", ["at once", "untrusted", "never ready"])
def test_a_listener_that_hears_nothing_is_a_fault(
    backend: Any, heard: Heard, monkeypatch: pytest.MonkeyPatch, fails: str
) -> None:
    monkeypatch.setattr(backend, "_START_S", 0.2)
    both = (Listener(), Listener(fails))
    watch = backend.PynputWatch(heard.stops.append, heard.use, heard.lost.set, lambda _: both)
    with pytest.raises(ControlFault) as caught:
        watch.start()
    assert caught.value.code == "control.unavailable"
    assert not any(one.is_alive() for one in both)


def test_a_listener_that_ends_by_itself_is_told(watch: Any, heard: Heard, listeners: Any) -> None:
    listeners[1].stop()
    assert heard.lost.wait(10)


def test_what_the_system_marks_is_not_the_persons(backend: Any, watch: Any, heard: Heard) -> None:
    key, button = backend.keyboard.Key, backend.mouse.Button.left
    for one in (key.ctrl_l, key.shift_r, key.f12):
        watch.pressed(one, True)
    watch.clicked(1, 1, button, True, True)
    watch.moved(2, 2, True)
    watch.scrolled(2, 2, 0, 1, True)
    assert (heard.local, heard.stops) == (0, [])
    for one in (key.ctrl_l, key.shift_r, key.f12):
        watch.pressed(one, False)
    assert heard.stops == ["key"]


def test_after_the_end_nothing_is_heard(backend: Any, watch: Any, heard: Heard) -> None:
    watch.close()
    watch.moved(1, 1, False)
    assert heard.local == 0


def test_a_key_whose_character_changes_before_it_comes_up_is_up(
    backend: Any, watch: Any, heard: Heard, until: Any
) -> None:
    code = backend.keyboard.KeyCode
    watch.pressed(code(vk=65, char="A"), False)
    until(lambda: heard.local >= 2, "still held")
    watch.released(code(vk=65, char="a"), False)
    assert not watch._down


def test_what_seems_held_for_good_stops_counting(
    backend: Any, watch: Any, heard: Heard, monkeypatch: pytest.MonkeyPatch, until: Any
) -> None:
    watch.pressed(backend.keyboard.Key.ctrl_l, False)
    until(lambda: heard.local >= 2, "still held")
    monkeypatch.setattr(backend, "HELD_S", 0.0)
    until(lambda: not watch.holding(), "forgotten")


@pytest.mark.parametrize(
    ("locked", "owners", "guarded"),
    [
        (False, {"Finder", "Dock"}, ""),
        (True, {"Finder"}, "locked"),
        (False, {"loginwindow"}, "locked"),
        (False, {"Finder", "SecurityAgent"}, "prompt"),
    ],
)
def test_what_keeps_input_out_on_macos(locked: bool, owners: set[str], guarded: str) -> None:
    assert kind_of(locked, frozenset(owners)) == guarded


def test_the_guard_tells_changes_and_fails_shut(until: Any) -> None:
    told: list[str] = []
    now: list[Any] = [""]

    def look() -> Any:
        if now[0] is None:
            raise OSError
        return now[0]

    guard = MacGuard(told.append, look)
    guard.start()
    now[0] = "prompt"
    until(lambda: told == ["prompt"], "the prompt")
    now[0] = None
    until(lambda: told == ["prompt", "locked"], "the fault")
    now[0] = ""
    until(lambda: told[-1] == "", "its end")
    guard.close()
    guard.close()
