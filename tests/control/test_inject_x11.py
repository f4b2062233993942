"""What is injected arrives in a real program, character for character, on a real X server."""

import subprocess
from collections.abc import Iterator
from typing import Any

import pytest
from Xlib import display as xdisplay

from shared.control import keysyms as k
from shared.control.inject_x11 import X11Injector
from shared.control.injector import ControlFault

SHIFT, CONTROL, CAPS = 0xFFE1, 0xFFE3, 0xFFE5


@pytest.fixture
def injector(screen: str) -> Iterator[X11Injector]:
    made = X11Injector(screen)
    yield made
    made.close()


@pytest.fixture
def looker(screen: str) -> Iterator[xdisplay.Display]:
    server = xdisplay.Display(screen)
    yield server
    server.close()


def type_all(injector: X11Injector, text: str, until: Any) -> None:
    for at, character in enumerate(text):
        until(lambda at=at: injector.prepare(text[at:]) == 0, "a spare key code")
        assert injector.character(character), character


@pytest.mark.parametrize(
    "text",
    [
        "plain words, 0123456789",
        "Capitals And !@#$%^&*()_+{}|:\"<>?~` signs []\\;',./-=",
        "naïve façade — “quotes” … 100 €",
        "你好，远程支持：打印机没有反应。",
        "привет, мир",
        "emoji 😀🚀 and 漢字 mixed ÄÖÜß",
    ],
)
def test_text_arrives_exactly(injector: X11Injector, typist: Any, until: Any, text: str) -> None:
    type_all(injector, text + "\n", until)
    until(lambda: typist.text() == text + "\n", f"{text!r}")


def test_more_new_characters_than_spare_key_codes(injector: X11Injector, typist: Any, until: Any) -> None:
    text = "".join(map(chr, range(0x4E00, 0x4E00 + 120)))
    type_all(injector, text + "\n", until)
    until(lambda: typist.text() == text + "\n", "all of them")


def test_text_ignores_modifiers_that_we_hold(injector: X11Injector, typist: Any, until: Any) -> None:
    assert injector.key(SHIFT, True)
    assert injector.key(CONTROL, True)
    type_all(injector, "aB你\n", until)
    injector.key(CONTROL, False)
    injector.key(SHIFT, False)
    until(lambda: typist.text() == "aB你\n", "plain text")


def test_caps_lock_there_does_not_turn_letters_round(injector: X11Injector, typist: Any, until: Any) -> None:
    injector.key(CAPS, True)
    injector.key(CAPS, False)
    try:
        type_all(injector, "aBc 1!\n", until)
        until(lambda: typist.text() == "aBc 1!\n", "the right case")
    finally:
        injector.key(CAPS, True)
        injector.key(CAPS, False)


def test_a_layout_changed_on_the_way_is_followed(injector: X11Injector, typist: Any, until: Any, screen: str) -> None:
    type_all(injector, "zy", until)
    subprocess.run(["setxkbmap", "-display", screen, "de"], check=True, timeout=20)
    try:
        type_all(injector, "zyäß@{\n", until)
        until(lambda: typist.text() == "zyzyäß@{\n", "text on a German layout")
    finally:
        subprocess.run(["setxkbmap", "-display", screen, "us"], check=True, timeout=20)


def test_a_second_group_is_followed(injector: X11Injector, typist: Any, until: Any, screen: str) -> None:
    subprocess.run(["setxkbmap", "-display", screen, "us,ru", "-option", "grp:menu_toggle"], check=True, timeout=20)
    try:
        type_all(injector, "ab", until)
        assert injector.key(0xFE08, True)  # ISO_Next_Group
        injector.key(0xFE08, False)
        type_all(injector, "\u0430\u0431a\n", until)
        until(lambda: typist.text() == "ab\u0430\u0431a\n", "both scripts")
    finally:
        subprocess.run(["setxkbmap", "-display", screen, "us", "-option", ""], check=True, timeout=20)


def test_pointer_goes_where_it_is_sent(injector: X11Injector, looker: xdisplay.Display, until: Any) -> None:
    def at() -> tuple[int, int]:
        pointer = looker.screen().root.query_pointer()
        return pointer.root_x, pointer.root_y

    for x, y in ((0, 0), (999, 699), (123, 456)):
        injector.move(x, y)
        until(lambda x=x, y=y: at() == (x, y), f"the pointer at {x}, {y}")


def test_nothing_stays_down_and_the_layout_is_as_before(screen: str, looker: xdisplay.Display, until: Any) -> None:
    def layout() -> list[list[int]]:
        return [list(row) for row in looker.get_keyboard_mapping(8, 248)]

    before = layout()
    injector = X11Injector(screen)
    injector.key(SHIFT, True)
    injector.key(ord("a"), True)
    assert injector.prepare("漢") == 0
    assert injector.character("漢")
    until(lambda: any(looker.query_keymap()), "a key down")
    assert layout() != before
    injector.close()
    assert not any(looker.query_keymap())
    assert layout() == before


def test_focus_is_found_inside_a_window(injector: X11Injector, looker: xdisplay.Display, until: Any) -> None:
    root = looker.screen().root
    ours = root.create_window(0, 0, 100, 100, 0, 24)
    inside = ours.create_window(0, 0, 50, 50, 0, 24)
    other = root.create_window(200, 0, 100, 100, 0, 24)
    for window in (ours, inside, other):
        window.map()
    inside.set_input_focus(1, 0)
    looker.sync()
    assert injector.has_focus(frozenset({ours.id}))
    assert injector.has_focus(frozenset({inside.id}))
    assert not injector.has_focus(frozenset({other.id}))
    assert not injector.has_focus(frozenset())


def test_a_key_that_is_not_there_is_no_key(injector: X11Injector) -> None:
    assert not injector.key(0xFFDA, True)  # F29
    assert not injector.character("\x00")


def test_no_display_is_a_fault_with_a_code() -> None:
    with pytest.raises(ControlFault) as caught:
        X11Injector("no display")
    assert caught.value.code == "control.unavailable"


def test_keypad_is_never_used(injector: X11Injector) -> None:
    keypad = {code for code, row in injector._layout._rows.items() if any(one in k.KEYPAD for one in row)}
    for character in "0123456789+-*/.":
        stroke = injector._layout.find(ord(character), 0)
        assert stroke is not None
        assert stroke.code not in keypad
