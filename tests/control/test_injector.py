"""What every injector must do, on the two that there are, on a real X server. Text: see test_inject_x11.py; what the
portable one types on X11 is no measure of what it types where it is used."""

import functools
import importlib
from collections.abc import Callable, Iterator

import pytest
from Xlib import X
from Xlib import display as xdisplay

from shared.control import keysyms as k
from shared.control.inject_x11 import X11Injector
from shared.control.injector import Injector

SHIFT, CONTROL = 0xFFE1, 0xFFE3
Until = Callable[..., None]


@pytest.fixture
def looker(screen: str) -> Iterator[xdisplay.Display]:
    server = xdisplay.Display(screen)
    yield server
    server.close()


@pytest.fixture(params=["x11", "portable"])
def make(request: pytest.FixtureRequest, screen: str, monkeypatch: pytest.MonkeyPatch) -> Callable[[], Injector]:
    if request.param == "x11":
        return functools.partial(X11Injector, screen)
    monkeypatch.setenv("DISPLAY", screen)
    backend = importlib.import_module("shared.control.inject_pynput")
    return functools.partial(backend.PynputInjector, focused=lambda _: False)


def down(server: xdisplay.Display) -> set[int]:
    pressed = server.query_keymap()
    return {code for code in range(256) if pressed[code // 8] >> code % 8 & 1}


def codes(server: xdisplay.Display, *keysyms: int) -> set[int]:
    return {int(server.keysym_to_keycode(keysym)) for keysym in keysyms}


def test_the_pointer_goes_where_sent(make: Callable[[], Injector], looker: xdisplay.Display, until: Until) -> None:
    injector = make()

    def at() -> tuple[int, int]:
        pointer = looker.screen().root.query_pointer()
        return pointer.root_x, pointer.root_y

    for x, y in ((0, 0), (999, 699), (123, 456)):
        injector.move(x, y)
        until(lambda x=x, y=y: at() == (x, y), f"the pointer at {x}, {y}")
    injector.close()


@pytest.mark.parametrize(("number", "mask"), [(1, X.Button1Mask), (2, X.Button2Mask), (3, X.Button3Mask)])
def test_a_button_goes_down_and_up(
    make: Callable[[], Injector], looker: xdisplay.Display, until: Until, number: int, mask: int
) -> None:
    injector = make()

    def held() -> int:
        return looker.screen().root.query_pointer().mask & (X.Button1Mask | X.Button2Mask | X.Button3Mask)

    injector.button(number, True)
    until(lambda: held() == mask, "the button")
    injector.button(number, False)
    until(lambda: not held(), "the button up")
    injector.close()


def test_keys_are_held_together_and_come_up_one_by_one(
    make: Callable[[], Injector], looker: xdisplay.Display, until: Until
) -> None:
    injector = make()
    for keysym in (CONTROL, SHIFT, k.F1):
        assert injector.key(keysym, True)
        assert injector.key(keysym, True)
    until(lambda: down(looker) == codes(looker, CONTROL, SHIFT, k.F1), "all three")
    assert injector.key(k.F1, False)
    until(lambda: down(looker) == codes(looker, CONTROL, SHIFT), "one up")
    injector.close()


def test_nothing_stays_down_at_the_end(make: Callable[[], Injector], looker: xdisplay.Display, until: Until) -> None:
    injector = make()
    injector.key(SHIFT, True)
    injector.key(k.ESCAPE, True)
    until(lambda: len(down(looker)) == 2, "both")
    injector.close()
    until(lambda: not down(looker), "both up")
    injector.close()


def test_a_key_that_is_not_there_is_no_key(make: Callable[[], Injector], looker: xdisplay.Display) -> None:
    injector = make()
    assert not injector.key(0xFFDA, True)  # F29
    assert not injector.character("\x00")
    assert down(looker) == set()
    injector.close()


def test_without_windows_none_has_the_focus(make: Callable[[], Injector]) -> None:
    injector = make()
    assert not injector.has_focus(frozenset())
    injector.close()
