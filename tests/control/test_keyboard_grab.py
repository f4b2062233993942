"""While control is on and the picture has the focus, Alt+Tab goes to the customer's computer, and only then: openbox
takes it for itself otherwise."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

PROGRAM = Path(__file__).with_name("picture_program.py")
ROOT = Path(__file__).parents[2]
THERE = ["KeyDown ffe9", "KeyDown ff09", "KeyUp ffe9", "KeyUp ff09"]
Until = Callable[..., None]


@dataclass(frozen=True)
class Desktop:
    file: Path
    program: subprocess.Popen[str]
    environment: dict[str, str]

    def lines(self) -> list[str]:
        return self.file.read_text(encoding="utf-8").splitlines()

    def sent(self) -> list[str]:
        return [line for line in self.lines() if line.startswith("Key")]

    def active(self) -> str:
        assert self.program.poll() is None
        return next((line for line in reversed(self.lines()) if line.startswith("active")), "")

    def xdotool(self, *command: str) -> None:
        subprocess.run(["xdotool", *command], env=self.environment, check=True, timeout=20)

    def alt_tab(self) -> None:
        self.xdotool("key", "alt+Tab")

    def order(self, words: str) -> None:
        assert self.program.stdin is not None
        self.program.stdin.write(words + "\n")
        self.program.stdin.flush()


@pytest.fixture
def desktop(screen: str, tmp_path: Path, until: Until) -> Iterator[Desktop]:
    environment = {
        **os.environ,
        "DISPLAY": screen,
        "HOME": str(tmp_path),
        "XDG_CONFIG_HOME": str(tmp_path),
        "QT_QPA_PLATFORM": "xcb",
        "PYTHONPATH": str(ROOT),
    }
    manager = subprocess.Popen(["openbox"], env=environment, stderr=subprocess.DEVNULL)
    file = tmp_path / "lines"
    file.touch()
    program = subprocess.Popen([sys.executable, PROGRAM, file], env=environment, stdin=subprocess.PIPE, text=True)
    made = Desktop(file, program, environment)
    try:
        until(lambda: made.active() == "active remote", "the picture's window")
        yield made
    finally:
        for process in (program, manager):
            process.terminate()
            process.wait(10)
        assert program.stdin is not None
        program.stdin.close()


def test_alt_tab_goes_to_the_customer_while_the_picture_has_the_focus(desktop: Desktop, until: Until) -> None:
    desktop.alt_tab()
    until(lambda: desktop.sent() == THERE, "the keys over there")
    assert desktop.active() == "active remote"


def test_ctrl_alt_home_gives_the_keys_back(desktop: Desktop, until: Until) -> None:
    desktop.xdotool("key", "ctrl+alt+Home")
    until(lambda: "released" in desktop.lines(), "the keys back")
    desktop.alt_tab()
    until(lambda: desktop.active() == "active other", "the other window")


def test_the_end_of_control_gives_them_back(desktop: Desktop, until: Until) -> None:
    desktop.order("off")
    until(lambda: "off" in desktop.lines(), "control off")
    desktop.alt_tab()
    until(lambda: desktop.active() == "active other", "the other window")
    assert desktop.sent() == []


def test_a_click_on_another_window_takes_them_away_and_one_on_the_picture_gets_them(
    desktop: Desktop, until: Until
) -> None:
    desktop.xdotool("mousemove", "700", "200", "click", "1")
    until(lambda: desktop.active() == "active other", "the other window")
    desktop.xdotool("key", "a")
    until(lambda: "other 65" in desktop.lines(), "a key there")
    desktop.alt_tab()
    until(lambda: desktop.active() == "active remote", "the picture's window")
    assert desktop.sent() == []
    desktop.alt_tab()
    until(lambda: desktop.sent() == THERE, "the keys over there")
