"""A lock screen and a prompt for more rights are seen as they come and go; LockedHint on a bus of the test's own."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from Xlib import X
from Xlib import display as xdisplay

from shared.control.guard_x11 import Guard
from shared.control.injector import ControlFault
from shared.control.lockedhint import LockedHint

MANAGER = Path(__file__).with_name("login_manager.py")


@pytest.fixture
def server(screen: str) -> Iterator[xdisplay.Display]:
    made = xdisplay.Display(screen)
    yield made
    made.close()


@pytest.fixture
def told(screen: str) -> Iterator[list[str]]:
    heard: list[str] = []
    guard = Guard(heard.append, screen)
    guard.start()
    yield heard
    guard.close()


def window(server: xdisplay.Display, parent: Any, name: str = "") -> Any:
    made = parent.create_window(10, 10, 100, 80, 0, X.CopyFromParent)
    if name:
        made.set_wm_class(name, name.title())
    return made


@pytest.mark.parametrize(
    ("name", "guarded"),
    [("i3lock", "locked"), ("polkit-gnome-authentication-agent-1", "prompt"), ("pinentry-qt", "prompt")],
)
def test_a_window_of_that_class_guards_while_it_is_up(
    server: xdisplay.Display, told: list[str], until: Any, name: str, guarded: str
) -> None:
    root = server.screen().root
    for other in ("xterm", "firefox"):
        window(server, root, other).map()
    shown = window(server, root, name)
    shown.map()
    server.sync()
    until(lambda: told == [guarded], "the guard")
    shown.unmap()
    server.sync()
    until(lambda: told == [guarded, ""], "its end")


def test_a_prompt_in_a_window_managers_frame_is_seen_too(server: xdisplay.Display, told: list[str], until: Any) -> None:
    frame = window(server, server.screen().root)
    inside = window(server, window(server, frame), "lxpolkit")
    inside.map()
    frame.map()
    server.sync()
    until(lambda: told == ["prompt"], "the prompt")
    frame.destroy()
    server.sync()
    until(lambda: told == ["prompt", ""], "its end")


def test_what_is_up_already_is_seen_at_the_start(server: xdisplay.Display, screen: str) -> None:
    shown = window(server, server.screen().root, "xsecurelock")
    shown.map()
    server.sync()
    heard: list[str] = []
    guard = Guard(heard.append, screen)
    guard.start()
    assert heard == ["locked"]
    guard.close()
    guard.close()
    shown.destroy()
    server.sync()


def test_a_blanked_screen_counts_as_locked(screen: str, told: list[str], until: Any) -> None:
    environment = {**os.environ, "DISPLAY": screen}
    subprocess.run(["xset", "s", "activate"], env=environment, check=True, timeout=10)
    until(lambda: told == ["locked"], "the blanked screen")
    subprocess.run(["xset", "s", "reset"], env=environment, check=True, timeout=10)
    until(lambda: told == ["locked", ""], "the screen again")


def test_no_display_is_a_fault() -> None:
    with pytest.raises(ControlFault):
        Guard(lambda _: None, "no display")


def test_the_login_managers_hint_is_followed(tmp_path: Path, until: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    told = tmp_path / "locked"
    command = ["dbus-daemon", "--session", "--nofork", "--print-address=1"]
    bus = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert bus.stdout is not None
    address = bus.stdout.readline().strip()
    manager = subprocess.Popen(
        [sys.executable, str(MANAGER), str(told)],
        env={**os.environ, "DBUS_SESSION_BUS_ADDRESS": address},
    )
    try:
        until(told.exists, "the login manager")
        monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", address)
        hint = LockedHint(every_s=0.0)
        assert not hint.locked()
        told.write_text("yes")
        assert hint.locked()
        told.write_text("")
        assert not hint.locked()
        manager.kill()
        manager.wait(10)
        assert not hint.locked()
        hint.close()
        assert not hint.locked()
    finally:
        manager.kill()
        manager.wait(10)
        bus.terminate()
        bus.wait(10)
        bus.stdout.close()


def test_no_system_bus_means_not_locked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nowhere/at/all")
    hint = LockedHint()
    assert not hint.locked()
    hint.close()
