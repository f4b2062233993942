"""A whole desktop for one person: screen, window manager, buses, unlocked keyring and a home folder of its own."""

import shutil
import subprocess
import tempfile
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from tests.e2e.driver.eyes import Eyes
from tests.e2e.driver.geometry import Rect
from tests.e2e.driver.hands import Hands
from tests.e2e.driver.processes import Program, Programs
from tests.e2e.driver.servers import Size, start_xephyr, start_xvfb
from tests.e2e.driver.services import private_environment, start_services
from tests.e2e.driver.waiting import wait_for
from tests.e2e.driver.widgets import Accessibility, Wanted, Widget, Words


@dataclass(frozen=True, slots=True)
class Desktop:
    """One person's desktop.

    `hands` are the person's; `remote_hands` inject through XTEST on the same screen, as remote control does (on a
    desktop that is not nested the two cannot be told apart). `env` is what a program started by hand would get.
    """

    name: str
    room: Path
    size: Size
    display: str
    is_nested: bool
    env: Mapping[str, str]
    programs: Programs
    eyes: Eyes
    hands: Hands
    remote_hands: Hands
    accessibility: Accessibility

    def start(
        self,
        name: str,
        command: Sequence[str],
        *,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        talk: bool = False,
    ) -> Program:
        """Start a program on this desktop; `env` adds to the desktop's own variables."""
        return self.programs.start(name, command, env={**self.env, **(env or {})}, cwd=cwd, talk=talk)

    def find(
        self,
        program: Program,
        name: Words | None = None,
        *,
        role: str | None = None,
        identifier: Words | None = None,
        states: Sequence[str] = (),
        timeout_s: float = 10.0,
    ) -> Widget:
        """Wait for a widget that shows, by accessible name, role, object name or states, and return it at rest."""
        return self.accessibility.find(program, Wanted(name, role, identifier, frozenset(states)), timeout_s)

    def find_all(
        self,
        program: Program,
        name: Words | None = None,
        *,
        role: str | None = None,
        identifier: Words | None = None,
        states: Sequence[str] = (),
    ) -> list[Widget]:
        """All such widgets that show now, without waiting."""
        return self.accessibility.all_matching(program, Wanted(name, role, identifier, frozenset(states)))

    def click(
        self,
        program: Program,
        name: Words | None = None,
        *,
        role: str | None = None,
        identifier: Words | None = None,
        timeout_s: float = 10.0,
    ) -> Widget:
        """Wait for an enabled widget, move the pointer there and click it."""
        wanted = ("enabled",)
        widget = self.find(program, name, role=role, identifier=identifier, states=wanted, timeout_s=timeout_s)
        self.hands.click(widget)
        return widget

    def enter(
        self,
        program: Program,
        name: Words | None = None,
        *,
        role: str | None = None,
        identifier: Words | None = None,
        timeout_s: float = 10.0,
    ) -> Widget:
        """Click into a field until it has the keys: a list that is just closing swallows the first click."""
        widget = self.click(program, name, role=role, identifier=identifier, timeout_s=timeout_s)

        def has_keys() -> bool:
            now = self.accessibility.again(widget)
            if now is None or now.is_focused:
                return now is not None
            self.hands.click(now)
            return False

        wait_for(has_keys, f"the keys to go to {widget}", timeout_s, poll_s=0.25)
        return widget

    def fill(
        self,
        program: Program,
        text: str,
        name: Words | None = None,
        *,
        role: str | None = None,
        identifier: Words | None = None,
        timeout_s: float = 10.0,
    ) -> Widget:
        """Click into a field, replace what is in it by typing, and wait until the field shows it."""
        widget = self.enter(program, name, role=role, identifier=identifier, timeout_s=timeout_s)
        self.hands.key("ctrl+a", "Delete")
        self.hands.type(text)
        wait_for(lambda: self.text(widget) == text, f"{text!r} in {widget}", timeout_s)
        return widget

    def text(self, widget: Widget) -> str:
        """The text in a widget now."""
        return self.accessibility.text(widget)

    def wait_text(self, widget: Widget, text: str, timeout_s: float = 10.0) -> str:
        """Wait until a widget's text contains `text`; return all of it."""
        wait_for(lambda: text in self.text(widget), f"{text!r} in {widget}", timeout_s)
        return self.text(widget)

    def wait_gone(
        self,
        program: Program,
        name: Words | None = None,
        *,
        role: str | None = None,
        identifier: Words | None = None,
        timeout_s: float = 10.0,
    ) -> None:
        """Wait until no such widget shows."""
        wanted = Wanted(name, role, identifier)
        gone = f"no widget like {wanted} in {program.name}"
        wait_for(lambda: not self.accessibility.all_matching(program, wanted), gone, timeout_s)

    def window(self, program: Program, title: Words | None = None, timeout_s: float = 10.0) -> Widget:
        """A top-level window of a program (its inside, without the window manager's frame)."""

        def first() -> Widget | None:
            shown = self.find_all(program, title)
            return next((widget for widget in shown if widget.depth == 1), None)

        try:
            return wait_for(first, f"a window of {program.name}", timeout_s)
        except TimeoutError as late:
            raise LookupError(f"{late}\nIt said:\n{program.output()}") from late

    def foreign_window(self, window_class: str, timeout_s: float = 10.0) -> Rect:
        """Where the window of a program without accessibility is (xterm, say), by its X class."""

        def geometry() -> Rect | None:
            command = ["xdotool", "search", "--onlyvisible", "--class", window_class, "getwindowgeometry", "--shell"]
            done = subprocess.run(command, env=self.env, capture_output=True, encoding="utf-8", timeout=10, check=False)
            fields = dict(line.split("=", 1) for line in done.stdout.splitlines() if "=" in line)
            if not fields:
                return None
            return Rect(int(fields["X"]), int(fields["Y"]), int(fields["WIDTH"]), int(fields["HEIGHT"]))

        return wait_for(geometry, f"a window of class {window_class}", timeout_s)

    def window_picture(self, program: Program, title: Words | None = None) -> Image.Image:
        """A window of a program as it shows on the screen."""
        return self.eyes.picture(self.window(program, title).rect)

    def set_monitors(self, monitors: Mapping[str, Rect]) -> None:
        """Divide the screen into monitors (RANDR), as if so many were plugged in."""
        output = "default" if self.is_nested else "screen"  # what Xephyr and Xvfb call their one output
        for index, (name, rect) in enumerate(monitors.items()):
            size = f"{rect.width}/{rect.width // 4}x{rect.height}/{rect.height // 4}+{rect.x}+{rect.y}"
            command = ["xrandr", "--setmonitor", name, size, output if index == 0 else "none"]
            subprocess.run(command, env=self.env, check=True, timeout=10, stderr=subprocess.DEVNULL)

    def keep_evidence(self, folder: Path) -> None:
        """For a failed test: a picture of the screen, and every widget and log in words."""
        self.eyes.save(folder / f"{self.name}.png")
        trees = "\n".join(
            f"=== {program.name}\n{self.accessibility.describe(program)}" for program in self.programs.running()
        )
        (folder / f"{self.name}-widgets.txt").write_text(trees, "utf-8")
        (folder / f"{self.name}-logs.txt").write_text(self.programs.logs(), "utf-8")


@contextmanager
def open_desktop(
    name: str, *, size: Size = (1280, 800), nested: bool = False, language: str = "C.UTF-8"
) -> Generator[Desktop]:
    """Open a desktop and close it with everything that was started on it.

    `nested` makes it a customer's desktop: a screen inside a screen, where the person's hands are real devices and
    XTEST is somebody else's.
    """
    room = Path(tempfile.mkdtemp(prefix="tl-", dir="/tmp"))  # sockets live below: their paths must be short
    try:
        with Programs(room) as programs:
            env = private_environment(room, language)
            outer = start_xvfb(programs, env, size, f"{name}-xvfb")
            env["DISPLAY"] = outer
            if nested:
                env["DISPLAY"] = start_xephyr(programs, env, size, f"{name}-xephyr")
            start_services(programs, env, room)
            accessibility = Accessibility(env["AT_SPI_BUS_ADDRESS"])
            yield Desktop(
                name=name,
                room=room,
                size=size,
                display=env["DISPLAY"],
                is_nested=nested,
                env=env,
                programs=programs,
                eyes=Eyes(env["DISPLAY"]),
                hands=Hands(env, outer, env["DISPLAY"]),
                remote_hands=Hands(env, env["DISPLAY"], env["DISPLAY"]),
                accessibility=accessibility,
            )
            accessibility.close()
    finally:
        shutil.rmtree(room, ignore_errors=True)
