"""Text in the line of a Qt program, character for character, whatever the layout, also when it is long and all new."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from Xlib import display as xdisplay

from shared.control.inject_x11 import X11Injector

PROGRAM = Path(__file__).with_name("line_edit.py")


@pytest.fixture
def written(screen: str, tmp_path: Path, until: Any) -> Iterator[Path]:
    file = tmp_path / "written"
    environment = {**os.environ, "DISPLAY": screen, "QT_QPA_PLATFORM": "xcb", "LC_ALL": "C.UTF-8"}
    program = subprocess.Popen([sys.executable, str(PROGRAM), str(file)], env=environment)
    server = xdisplay.Display(screen)
    try:
        until(file.exists, "the program")
        until(lambda: focus_the_window(server), "its window")
        yield file
    finally:
        program.terminate()
        program.wait(10)
        server.close()


def focus_the_window(server: xdisplay.Display) -> bool:
    """No window manager here: the one window gets the keyboard by hand."""
    shown = [one for one in server.screen().root.query_tree().children if one.get_attributes().map_state == 2]
    if shown:
        shown[-1].set_input_focus(1, 0)
        server.sync()
    return bool(shown)


@pytest.mark.parametrize(
    "text",
    [
        "Plain WORDS, 0123 !@#$%^&*() {}[]",
        "你好，远程支持：打印机没有反应。",
        "naïve façade €, привет, 😀🚀 漢字 ÄÖÜß",
        "".join(map(chr, range(0x4E00, 0x4E00 + 100))),
    ],
)
def test_text_arrives_exactly(screen: str, written: Path, until: Any, text: str) -> None:
    injector = X11Injector(screen)
    try:
        for at, character in enumerate(text):
            until(lambda at=at: injector.prepare(text[at:]) == 0, "a spare key code")
            assert injector.character(character)
        until(lambda: written.read_text(encoding="utf-8") == text, f"{text!r}")
    finally:
        injector.close()


def test_a_shortcut_reaches_it_too(screen: str, written: Path, until: Any) -> None:
    injector = X11Injector(screen)
    try:
        for character in "abc":
            assert injector.character(character)
        for keysym, down in ((0xFFE3, True), (ord("a"), True), (ord("a"), False), (0xFFE3, False)):
            injector.key(keysym, down)
        assert injector.character("x")
        until(lambda: written.read_text(encoding="utf-8") == "x", "the shortcut")
    finally:
        injector.close()
