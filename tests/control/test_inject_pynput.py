"""The portable backend against recorded controllers, and its pointer on a real display."""

import importlib
from typing import Any

import pytest
from Xlib import display as xdisplay

from shared.control.injector import ControlFault


class Recorder:
    position = (0, 0)

    def __init__(self) -> None:
        self.done: list[tuple[str, Any]] = []

    def press(self, what: Any) -> None:
        self.done.append(("press", what))

    def release(self, what: Any) -> None:
        self.done.append(("release", what))

    def scroll(self, dx: int, dy: int) -> None:
        self.done.append(("scroll", (dx, dy)))


def nowhere(_windows: frozenset[int]) -> bool:
    return False


@pytest.fixture
def backend(screen: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("DISPLAY", screen)
    return importlib.import_module("shared.control.inject_pynput")


def test_pointer_buttons_and_wheel(backend: Any) -> None:
    pointer = Recorder()
    injector = backend.PynputInjector(pointer, Recorder(), nowhere)
    injector.move(3, 4)
    injector.button(1, True)
    injector.button(1, False)
    injector.wheel(1, -2)
    left = backend.mouse.Button.left
    assert pointer.position == (3, 4)
    assert pointer.done == [("press", left), ("release", left), ("scroll", (1, -2))]


def test_keys_go_down_once_and_come_up_on_close(backend: Any) -> None:
    keys = Recorder()
    injector = backend.PynputInjector(Recorder(), keys, nowhere)
    assert injector.key(0xFFE1, True)
    assert injector.key(0xFFE1, True)
    assert injector.key(0x61, True)
    assert injector.key(0x61, False)
    assert not injector.key(0x61, False)
    assert not injector.key(0xFE51, True)
    injector.close()
    shift, letter = backend.keyboard.Key.shift_l, backend.keyboard.KeyCode.from_char("a")
    assert keys.done == [("press", shift), ("press", letter), ("release", letter), ("release", shift)]


def test_text_lifts_modifiers(backend: Any) -> None:
    keys = Recorder()
    injector = backend.PynputInjector(Recorder(), keys, nowhere)
    injector.key(0xFFE3, True)
    keys.done.clear()
    assert injector.prepare("你") == 0
    assert injector.character("你")
    control, letter = backend.keyboard.Key.ctrl_l, backend.keyboard.KeyCode.from_char("你")
    assert keys.done == [("release", control), ("press", letter), ("release", letter), ("press", control)]


def test_focus_is_the_foreground_window(backend: Any) -> None:
    injector = backend.PynputInjector(Recorder(), Recorder(), lambda windows: 7 in windows)
    assert injector.has_focus(frozenset({7}))
    assert not injector.has_focus(frozenset({8}))
    assert not backend.PynputInjector(Recorder(), Recorder(), lambda _: True).has_focus(frozenset())


def test_where_nobody_can_tell_the_focus_no_key_lands(backend: Any) -> None:
    injector = backend.PynputInjector(Recorder(), Recorder())
    with pytest.raises(ControlFault):
        injector.has_focus(frozenset({7}))


def test_the_real_pointer_moves(backend: Any, screen: str, until: Any) -> None:
    injector = backend.PynputInjector(keys=Recorder(), focused=nowhere)
    server = xdisplay.Display(screen)
    injector.move(321, 123)
    until(lambda: (at := server.screen().root.query_pointer()) and (at.root_x, at.root_y) == (321, 123), "the move")
    server.close()
