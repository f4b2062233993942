"""Real X servers. The customer's desktop is Xephyr inside Xvfb: XTEST inside is the remote engineer, what xdotool does
outside reaches the inner server through Xephyr's own devices and is the person."""

import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from Xlib import display as xdisplay

Until = Callable[..., None]


@dataclass(frozen=True)
class Desk:
    """`outer` is the person's side of the screen, `inner` the desktop that is shared."""

    outer: str
    inner: str

    def person(self, *command: str) -> None:
        """The person at the machine: xdotool outside."""
        subprocess.run(["xdotool", *command], env={**os.environ, "DISPLAY": self.outer}, check=True, timeout=20)

    def wait(self, true: Callable[[], object], what: str = "") -> None:
        """`until`, for a thread."""
        wait_until(true, what)

    def terminal(self, folder: Path) -> AbstractContextManager["Typist"]:
        """A terminal on the shared desktop."""
        return terminal(self.inner, folder)

    def engineer(self, *command: str) -> None:
        """Something injected by XTEST inside, by a program that is not ours."""
        subprocess.run(["xdotool", *command], env={**os.environ, "DISPLAY": self.inner}, check=True, timeout=20)


def wait_until(true: Callable[[], object], what: str = "", timeout_s: float = 15.0) -> None:
    """Waits for a condition, looking every few milliseconds."""
    end = time.monotonic() + timeout_s
    while not true():
        assert time.monotonic() < end, f"waited {timeout_s} s in vain for {what or true}"
        time.sleep(0.005)


@pytest.fixture
def until() -> Until:
    """`until(condition, what)`."""
    return wait_until


@contextmanager
def server(command: list[str], environment: dict[str, str] | None = None) -> Iterator[str]:
    read_end, write_end = os.pipe()
    process = subprocess.Popen(
        [*command, "-displayfd", str(write_end), "-nolisten", "tcp", "-noreset"],
        pass_fds=[write_end],
        stderr=subprocess.DEVNULL,
        env={**os.environ, **(environment or {})},
    )
    os.close(write_end)
    try:
        with os.fdopen(read_end) as numbers:
            yield f":{numbers.readline().strip()}"
    finally:
        process.terminate()
        process.wait(10)


@pytest.fixture(scope="module")
def screen() -> Iterator[str]:
    """A plain display of this module's own."""
    with server([shutil.which("Xvfb") or "Xvfb", "-screen", "0", "1000x700x24"]) as name:
        yield name


@pytest.fixture(scope="module")
def desk() -> Iterator[Desk]:
    """A person's display with the shared desktop in it, as large as it."""
    with server([shutil.which("Xvfb") or "Xvfb", "-screen", "0", "1000x700x24"]) as outer:
        xephyr = [shutil.which("Xephyr") or "Xephyr", "-screen", "1000x700", "-no-host-grab"]
        with server(xephyr, {"DISPLAY": outer}) as inner:
            made = Desk(outer, inner)
            wait_until(lambda: _mapped(outer), "the inner desktop")
            made.person("mousemove", "500", "350")
            yield made


def _mapped(name: str) -> bool:
    server = xdisplay.Display(name)
    try:
        windows = server.screen().root.query_tree().children
        if not windows:
            return False
        windows[0].set_input_focus(1, 0)
        server.sync()
        return windows[0].get_attributes().map_state == 2
    finally:
        server.close()


@dataclass(frozen=True)
class Typist:
    """A real terminal that writes what is typed to a file."""

    file: Path

    def text(self) -> str:
        return self.file.read_text(encoding="utf-8") if self.file.exists() else ""


@contextmanager
def terminal(name: str, folder: Path) -> Iterator[Typist]:
    file = folder / "typed"
    script = f"stty -echo; : > '{file}'; exec cat > '{file}'"
    command = ["xterm", "-u8", "-geometry", "60x15+0+0", "-e", "sh", "-c", script]
    process = subprocess.Popen(
        command,
        env={**os.environ, "DISPLAY": name, "LC_ALL": "C.UTF-8"},
        stderr=subprocess.DEVNULL,
        stdin=subprocess.DEVNULL,
    )
    try:
        wait_until(file.exists, "the terminal")
        _focus_first(name)
        yield Typist(file)
    finally:
        process.terminate()
        process.wait(10)


def _focus_first(name: str) -> None:
    """No window manager here: the one window gets the keyboard by hand."""
    server = xdisplay.Display(name)
    shown = [one for one in server.screen().root.query_tree().children if one.get_attributes().map_state == 2]
    shown[-1].set_input_focus(1, 0)
    server.sync()
    server.close()


@pytest.fixture
def typist(screen: str, tmp_path: Path) -> Iterator[Typist]:
    with terminal(screen, tmp_path) as opened:
        yield opened
