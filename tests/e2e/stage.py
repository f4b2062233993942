"""Two desktops, one relay, two real programs: what every end-to-end story of Threeline is played on."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from tests.e2e.driver.desktop import Desktop, open_desktop
from tests.e2e.driver.processes import Program, Programs
from tests.e2e.driver.relay import ROOT, Relay, open_relay

CUSTOMER: Final = "customer"
AGENT: Final = "agent"
AGENT_SCREEN: Final = (1400, 900)
"""Room for a window of 1280 x 800 with its frame."""


@dataclass(slots=True)
class Stage:
    """Where a story is played. `pictures` None: no picture is kept of each step.

    The engineer's program is started by a command that begins with `app_before` and ends with `app_arguments`.
    """

    relay: Relay
    customer: Desktop
    agent: Desktop
    pictures: Path | None = None
    narrate: bool = False
    app_before: tuple[str, ...] = ()
    app_arguments: tuple[str, ...] = ()
    client_env: dict[str, str] = field(default_factory=dict[str, str])
    _client: Program | None = None
    _app: Program | None = None
    _step: int = field(default=0)

    @property
    def client(self) -> Program:
        """The customer's program."""
        assert self._client is not None, "the customer has not opened the program yet"
        return self._client

    @property
    def app(self) -> Program:
        """The engineer's program."""
        assert self._app is not None, "the engineer has not opened the program yet"
        return self._app

    def open_client(self, extra: Sequence[str] = ()) -> Program:
        """The customer starts the program (again)."""
        command = [sys.executable, "-m", "customer_client", *self.relay.customer_arguments, "--lang", "en", *extra]
        return self.start_client(command)

    def start_client(self, command: Sequence[str]) -> Program:
        """The customer's program by a command that was found somewhere."""
        env = {"PYTHONPATH": str(ROOT), **self.client_env}
        self._client = self.customer.start("client", command, cwd=ROOT, env=env)
        return self._client

    def open_app(self, extra: Sequence[str] = ()) -> Program:
        """The engineer starts the program (again)."""
        command = [*self.app_before, sys.executable, "-m", "agent_app", *self.relay.client_arguments]
        command += ["--lang", "en", *self.app_arguments, *extra]
        self._app = self.agent.start("app", command, cwd=ROOT, env={"PYTHONPATH": str(ROOT)})
        return self._app

    def told(self, words: str) -> None:
        """One step of the story is done: says it, and keeps a picture of each desktop."""
        self._step += 1
        if self.narrate:
            sys.stdout.write(f"{self._step:2}. {words}\n")
            sys.stdout.flush()
        if self.pictures is not None:
            self.customer.eyes.save(self.pictures / f"{self._step:02}-customer.png")
            self.agent.eyes.save(self.pictures / f"{self._step:02}-agent.png")

    def keep_evidence(self, folder: Path) -> None:
        """Pictures, widgets and output of everything, for whoever has to find out why it failed."""
        self.customer.keep_evidence(folder)
        self.agent.keep_evidence(folder)
        if self.relay.program is not None:
            (folder / "relay.log").write_text(self.relay.program.output(), "utf-8")


@contextmanager
def open_stage(pictures: Path | None = None, *, narrate: bool = False) -> Iterator[Stage]:
    """Starts the relay and both desktops; ends everything with the block."""
    with ExitStack() as stack:
        room = Path(stack.enter_context(TemporaryDirectory(prefix="threeline-stage-")))
        programs = stack.enter_context(Programs(room))
        relay = open_relay(programs, room / "relay")
        customer = stack.enter_context(open_desktop(CUSTOMER, nested=True))
        agent = stack.enter_context(open_desktop(AGENT, nested=False, size=AGENT_SCREEN))
        if pictures is not None:
            pictures.mkdir(parents=True, exist_ok=True)
        yield Stage(relay, customer, agent, pictures, narrate)
