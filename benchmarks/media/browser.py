"""One Chromium window, driven over a pipe by its DevTools protocol: no port, no driver program."""

import json
import os
import select
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.media.scene import BenchError
from tests.e2e.driver.processes import Program, Programs

ANSWER_S = 20.0
PAGES = Path(__file__).with_name("pages")
SWITCHES = (
    "--no-first-run",
    "--test-type",  # no bar about the switches
    "--no-default-browser-check",
    "--no-sandbox",  # root may not have one
    "--disable-gpu",  # there is none: otherwise it is emulated
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-extensions",
    "--disable-backgrounding-occluded-windows",
    "--disable-renderer-backgrounding",
    "--disable-features=WebRtcHideLocalIpsWithMdns,Translate,CalculateNativeWinOcclusion",
    "--autoplay-policy=no-user-gesture-required",
    "--auto-select-desktop-capture-source=Entire screen",
    "--password-store=basic",
    "--force-device-scale-factor=1",
    "--window-position=0,0",
    "--remote-debugging-pipe",
)


class Page:
    """What the browser shows. Calls are answered in order; events are passed over."""

    def __init__(self, program: Program, orders: int, answers: int) -> None:
        self.program = program
        self._orders, self._answers = orders, answers
        self._heard = b""
        self._count = 0
        self._session: str | None = None

    def attach(self, url: str) -> None:
        """To the page with this address, once it is there. Raises BenchError."""
        until = time.monotonic() + ANSWER_S
        while time.monotonic() < until:
            targets = self._ask("Target.getTargets")["targetInfos"]
            found = next((each for each in targets if each["type"] == "page" and each["url"] == url), None)
            if found is not None:
                asked = {"targetId": found["targetId"], "flatten": True}
                self._session = self._ask("Target.attachToTarget", asked)["sessionId"]
                return
            time.sleep(0.05)
        raise BenchError(f"the browser does not show {url}")

    def call(self, script: str) -> Any:
        """The value of an expression in the page, awaited, as if a person had clicked. Raises BenchError."""
        asked = {"expression": script, "awaitPromise": True, "returnByValue": True, "userGesture": True}
        told = self._ask("Runtime.evaluate", asked)
        if "exceptionDetails" in told:
            raise BenchError(f"{script[:80]}: {json.dumps(told['exceptionDetails'])[:500]}")
        return told["result"].get("value")

    def _ask(self, method: str, asked: dict[str, Any] | None = None) -> Any:
        self._count += 1
        order: dict[str, Any] = {"id": self._count, "method": method, "params": asked or {}}
        if self._session:
            order["sessionId"] = self._session
        os.write(self._orders, json.dumps(order).encode() + b"\0")
        until = time.monotonic() + ANSWER_S
        while True:
            told = self._hear(until)
            if told.get("id") == self._count:
                if "error" in told:
                    raise BenchError(f"{method}: {told['error']}")
                return told["result"]

    def _hear(self, until: float) -> Any:
        while b"\0" not in self._heard:
            ready, _, _ = select.select([self._answers], [], [], max(0.0, until - time.monotonic()))
            piece = os.read(self._answers, 65536) if ready else b""
            if not piece:
                raise BenchError(f"the browser does not answer; it said: {self.program.output()[-500:]}")
            self._heard += piece
        line, _, self._heard = self._heard.partition(b"\0")
        return json.loads(line)


@contextmanager
def open_page(
    programs: Programs,
    room: Path,
    page: str,
    size: tuple[int, int],
    env: dict[str, str],
    *,
    before: tuple[str, ...] = (),
    whole: bool = False,
) -> Generator[Page]:
    """A browser with one window of `size` at the top left of its screen, showing one of our pages.

    `before` is what the command begins with; `whole` leaves nothing in the window but the page.
    """
    room.mkdir(parents=True)
    way = ["--kiosk"] if whole else []
    url = (PAGES / page).as_uri()
    pipes = [room / "orders", room / "answers"]
    for pipe in pipes:
        os.mkfifo(pipe)
    ours = [os.open(pipe, os.O_RDWR) for pipe in pipes]  # both ways, so that opening does not wait for the other side
    words = [*SWITCHES, f"--user-data-dir={room / 'profile'}", f"--window-size={size[0]},{size[1]}", *way, url]
    try:
        start = ["sh", "-c", 'exec "$@" 3<"$0/orders" 4>"$0/answers"', str(room), *before, "chromium", *words]
        program = programs.start(f"chromium-{room.name}", start, env={**env, "HOME": str(room)})
        shown = Page(program, ours[0], ours[1])
        shown.attach(url)
        yield shown
    finally:
        for each in ours:
            os.close(each)
