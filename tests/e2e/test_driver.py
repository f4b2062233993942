"""The driver itself, against a small real program: what it says it saw and did, it saw and did."""

import os
import re
import signal
import sys
import time
from pathlib import Path

import pytest

from tests.e2e.driver.desktop import Desktop, open_desktop
from tests.e2e.driver.eyes import colour_at, differs, largest_difference
from tests.e2e.driver.geometry import Point, Rect
from tests.e2e.driver.processes import Program, Programs, living_in, process_state
from tests.e2e.driver.waiting import wait_for
from tests.e2e.programs.foreign import open_pattern, open_terminal
from tests.e2e.programs.pattern import CELL, LIVE, LIVE_COLOURS, still_colour

SWATCH = (0x20, 0x60, 0xC0)


def open_sample(desktop: Desktop) -> Program:
    return desktop.start("sample", [sys.executable, str(Path(__file__).with_name("sample_window.py"))])


def nudge(desktop: Desktop) -> bool:
    """Move the person's pointer a little; always true."""
    at = desktop.hands.at()
    desktop.hands.move(Point(at.x ^ 1, at.y))
    return True


def typed_into(desktop: Desktop, kept: Path, lines: str) -> None:
    wait_for(lambda: kept.exists() and kept.read_text("utf-8") == lines, f"{lines!r} in the terminal's file")


def test_a_person_outside_finds_clicks_types_and_reads_in_the_inner_screen(customer_desktop: Desktop) -> None:
    sample = open_sample(customer_desktop)
    field = customer_desktop.fill(sample, "Ann 王小明 ä", "Your name", role="text")
    button = customer_desktop.click(sample, "Greet")
    greeting = customer_desktop.find(sample, identifier="greeting")

    assert customer_desktop.wait_text(greeting, "Hello") == "Hello Ann 王小明 ä"
    assert customer_desktop.text(field) == "Ann 王小明 ä"
    assert button.role == "push button"
    assert button.rect.contains(customer_desktop.hands.at())


def test_a_disabled_button_waits_until_it_is_enabled(customer_desktop: Desktop) -> None:
    sample = open_sample(customer_desktop)
    assert not customer_desktop.find(sample, "Later").is_enabled
    with pytest.raises(LookupError, match="Later"):
        customer_desktop.click(sample, "Later", timeout_s=0.2)

    switch = customer_desktop.click(sample, re.compile("^Allow"))
    customer_desktop.find(sample, "Later", states=["enabled"])
    assert customer_desktop.accessibility.again(switch) is not None
    assert customer_desktop.find(sample, "Allow later").is_checked


def test_pictures_show_what_is_on_the_screen(customer_desktop: Desktop, tmp_path: Path) -> None:
    sample = open_sample(customer_desktop)
    swatch = customer_desktop.find(sample, "Swatch")
    customer_desktop.eyes.wait_colour(swatch.rect.centre, SWATCH)

    window = customer_desktop.window(sample)
    inside = customer_desktop.window_picture(sample)
    assert inside.size == (window.rect.width, window.rect.height)
    assert (
        colour_at(inside, Point(swatch.rect.centre.x - window.rect.x, swatch.rect.centre.y - window.rect.y)) == SWATCH
    )

    before = customer_desktop.eyes.wait_still(swatch.rect)
    customer_desktop.fill(sample, "x", "Your name")
    assert not differs(before, customer_desktop.eyes.picture(swatch.rect))
    assert differs(inside, customer_desktop.window_picture(sample))
    assert customer_desktop.eyes.save(tmp_path / "whole.png").stat().st_size > 1000


def test_the_inner_screen_tells_the_person_from_the_remote_engineer(customer_desktop: Desktop) -> None:
    listener = customer_desktop.start("xinput", ["stdbuf", "-oL", "xinput", "test-xi2", "--root"])
    devices = customer_desktop.start("devices", ["xinput", "list"])
    devices.wait_exit()
    injected = {number for name, number in re.findall(r"(\w.*\S)\s+id=(\d+)", devices.output()) if "XTEST" in name}
    wait_for(lambda: nudge(customer_desktop) and listener.output(), "the listener to listen")

    def sources(kind: str, seen: int) -> set[str]:
        return set(re.findall(rf"EVENT type \d+ \({kind}\)\s+device: \d+ \((\d+)\)", listener.output()[seen:]))

    for hands, remote in ((customer_desktop.hands, False), (customer_desktop.remote_hands, True)):
        for act, kind in (
            (lambda hands=hands: hands.click(Point(300, 300)), "RawButtonPress"),
            (lambda hands=hands: hands.key("a"), "RawKeyPress"),
        ):
            seen = len(listener.output())
            act()
            found = wait_for(lambda kind=kind, seen=seen: sources(kind, seen), f"a {kind}")
            assert found <= injected if remote else found.isdisjoint(injected)


def test_the_pattern_is_exact_changes_on_demand_and_tells_what_lands(customer_desktop: Desktop) -> None:
    place = Rect(100, 60, 640, 480)
    pattern = open_pattern(customer_desktop, place)
    picture = customer_desktop.eyes.wait_still(place)
    cells = [(column, row) for column in range(20) for row in range(15)]
    middle = CELL // 2
    outside = [cell for cell in cells if not LIVE.contains(Point(cell[0] * CELL, cell[1] * CELL))]
    for column, row in outside:
        found = colour_at(picture, Point(column * CELL + middle, row * CELL + middle))
        assert found == still_colour(column, row)

    patch = Rect(place.x + LIVE.x, place.y + LIVE.y, LIVE.width, LIVE.height)
    pattern.send_line("live #123456")
    customer_desktop.eyes.wait_colour(patch.centre, (0x12, 0x34, 0x56))
    customer_desktop.hands.click(patch)
    customer_desktop.eyes.wait_colour(patch.centre, LIVE_COLOURS[0])
    customer_desktop.remote_hands.key("Shift+F5")
    told = pattern.wait_output("key F5")
    assert f"button 1 {LIVE.centre.x} {LIVE.centre.y}" in told
    assert largest_difference(picture, customer_desktop.eyes.picture(place)) == 0


def test_a_real_terminal_keeps_what_is_typed(customer_desktop: Desktop, tmp_path: Path) -> None:
    kept = tmp_path / "typed.txt"
    _, window = open_terminal(customer_desktop, kept)
    wait_for(kept.exists, "the terminal to be ready")
    customer_desktop.hands.click(window)
    customer_desktop.hands.type("by hand ~@#\n")
    typed_into(customer_desktop, kept, "by hand ~@#\n")
    customer_desktop.remote_hands.type("by XTEST 你好\n")
    typed_into(customer_desktop, kept, "by hand ~@#\nby XTEST 你好\n")


def test_the_clipboard_is_the_desktops_own(customer_desktop: Desktop, agent_desktop: Desktop) -> None:
    sample = open_sample(customer_desktop)
    agent_desktop.hands.copy("the agent's")
    notes = customer_desktop.click(sample, "Notes")
    customer_desktop.hands.paste("第一行\nline 2")
    customer_desktop.wait_text(notes, "line 2")
    assert customer_desktop.text(notes) == "第一行\nline 2"
    assert agent_desktop.hands.clipboard() == "the agent's"


def test_monitors_wheel_and_drag(agent_desktop: Desktop) -> None:
    left, right = Rect(0, 0, 640, 800), Rect(640, 0, 640, 800)
    agent_desktop.set_monitors({"left": left, "right": right})
    listed = agent_desktop.start("monitors", ["xrandr", "--listmonitors"])
    listed.wait_exit()
    assert "Monitors: 2" in listed.output()

    pattern = open_pattern(agent_desktop, right)
    agent_desktop.hands.wheel(right, 2)
    agent_desktop.hands.drag(Point(700, 20), Point(900, 220))
    told = pattern.wait_output("button 1 60 20")
    assert told.count("button 5 ") == 2
    assert agent_desktop.hands.at() == Point(900, 220)


def test_the_keyring_of_a_desktop_is_open_and_its_own(agent_desktop: Desktop) -> None:
    store = "import keyring; keyring.set_password('e2e', 'me', 'sesame'); print(keyring.get_password('e2e', 'me'))"
    program = agent_desktop.start("keyring-user", [sys.executable, "-c", store])
    assert program.wait_exit() == 0, program.output()
    assert program.output().strip() == "sesame"


def test_freezing_killing_and_closing_leave_nothing() -> None:
    with open_desktop("short", nested=True) as desktop:
        room = desktop.room
        sleeper = desktop.start("family", ["sh", "-c", "setsid sleep 600 & exec sleep 600"])
        child = wait_for(sleeper.children, "its child")[0]
        sleeper.freeze()
        wait_for(lambda: process_state(sleeper.pid) == "T", "it to be frozen")
        sleeper.thaw()
        wait_for(lambda: process_state(sleeper.pid) == "S", "it to run again")
        sleeper.kill_9()
        assert sleeper.wait_exit() == -signal.SIGKILL
        assert child.is_alive()
    assert not child.is_alive()
    assert living_in(room) == ()
    assert not room.exists()


def test_a_program_that_ends_early_is_named_with_its_words(tmp_path: Path) -> None:
    with Programs(tmp_path) as programs:
        program = programs.start("brief", ["sh", "-c", "echo no licence; exit 3"], env={"PATH": os.environ["PATH"]})
        with pytest.raises(RuntimeError, match=r"brief ended \(3\) without 'ready':\nno licence"):
            program.wait_output("ready")


def test_a_desktop_opens_within_two_seconds() -> None:
    began = time.monotonic()
    with open_desktop("quick", nested=True):
        assert time.monotonic() - began < 2.0
