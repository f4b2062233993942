"""The window's side: starts the session process, talks to it, and notices its end. No Qt, no media.

The process is this same executable with `session-process` as its first argument: the program's script under Python,
the program itself when frozen. Never `python -m`, which would look for modules in the directory it was started in.
"""

import asyncio
import logging
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final, Generic, Literal, TypeVar

from msgspec import Struct

import shared
from shared.common.errors import PeerBroken
from shared.session import channel as m
from shared.session.outlet import Outlet

_log = logging.getLogger(__name__)

ARGUMENT: Final = "session-process"
_READ_BYTES: Final = 256 * 1024
_END_S: Final = 4.5
"""After an order to stop; longer than the process's own last resort, so that it is killed only when even that fails."""

Role = Literal["customer", "agent", "player"]
OrderT = TypeVar("OrderT", bound=m.Order)
ReportT = TypeVar("ReportT", bound=m.Report)


class Ended(Struct, frozen=True):
    """The process is gone. `code` is its exit code, negative for a signal; `expected`: the end was asked for."""

    code: int
    expected: bool


class SessionProcess(Generic[OrderT, ReportT]):
    """A running session process; made by `start_customer_session` or `start_agent_session`."""

    def __init__(
        self,
        process: asyncio.subprocess.Process,
        frames: m.Frames[ReportT],
        on_report: Callable[[ReportT], None],
        on_ended: Callable[[Ended], None],
    ) -> None:
        if process.stdin is None or process.stdout is None:
            raise ValueError("a session process is joined by pipes")
        self._process = process
        self._stdin, self._stdout = process.stdin, process.stdout
        self._frames = frames
        self._on_report = on_report
        self._on_ended = on_ended
        self._outlet = Outlet(self._stdin, self.kill)
        self._expected = False
        self._gone = asyncio.Event()
        self._stop_timers: list[asyncio.TimerHandle] = []

    @property
    def alive(self) -> bool:
        """Whether it still runs."""
        return not self._gone.is_set()

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    def send(self, order: OrderT) -> None:
        """Sends an order; never blocks, and does nothing after the end. A stop that is not obeyed is a kill."""
        self._outlet.send(order)
        if isinstance(order, m.StopSharing | m.StopViewing | m.StopPlaying) and self.alive:
            self._expected = True
            self._stop_timers.append(asyncio.get_running_loop().call_later(_END_S, self.kill))

    async def close(self) -> None:
        """Closes the pipe, which ends sharing, and waits for the end; kills what does not end. Idempotent."""
        self._expected = True
        self._hang_up()
        try:
            async with asyncio.timeout(_END_S):
                await self._gone.wait()
        except TimeoutError:
            self.kill()
            await self._gone.wait()

    async def live(self) -> None:
        """Carries messages until the process has ended, then calls `on_ended`. Cancelled: the process ends too."""
        writing = asyncio.create_task(self._outlet.run(), name="session outlet")
        try:
            await self._read()
            self._hang_up()
            code = await self._process.wait()
        except BaseException:
            self.kill()
            await self._process.wait()
            raise
        finally:
            writing.cancel()
            await asyncio.gather(writing, return_exceptions=True)
            self._gone.set()
            for timer in self._stop_timers:
                timer.cancel()
        self._on_ended(Ended(code, self._expected))

    async def _read(self) -> None:
        try:
            while data := await self._stdout.read(_READ_BYTES):
                for report in self._frames.feed(data):
                    self._expected |= isinstance(report, m.Stopped)
                    self._on_report(report)
        except PeerBroken as broken:
            _log.error("the session process says what is none of ours: %s", broken)
            self.kill()

    def _hang_up(self) -> None:
        self._outlet.close()
        if not self._stdin.is_closing():
            self._stdin.close()

    def kill(self) -> None:
        """Ends it at once, without its help."""
        if self._process.returncode is None:
            self._process.kill()


async def start_customer_session(
    tasks: asyncio.TaskGroup,
    *,
    on_report: Callable[[m.CustomerReport], None],
    on_ended: Callable[[Ended], None],
    program: Path | None = None,
    env: Mapping[str, str] | None = None,
    ca_file: Path | None = None,
) -> SessionProcess[m.CustomerOrder, m.CustomerReport]:
    """Starts the customer's side; `tasks` owns it from here. Raises OSError when it cannot be started.

    `ca_file`: the authority that a TURN server's certificate must be of; None: one that the system believes.
    """
    process = await _start("customer", program, _environment(env, ca_file))
    session = SessionProcess[m.CustomerOrder, m.CustomerReport](process, m.customer_reports(), on_report, on_ended)
    tasks.create_task(session.live(), name="customer session process")
    return session


async def start_agent_session(
    tasks: asyncio.TaskGroup,
    *,
    on_report: Callable[[m.AgentReport], None],
    on_ended: Callable[[Ended], None],
    program: Path | None = None,
    env: Mapping[str, str] | None = None,
    ca_file: Path | None = None,
) -> SessionProcess[m.AgentOrder, m.AgentReport]:
    """Starts the agent's side; `tasks` owns it from here. Raises OSError. `ca_file` as there."""
    process = await _start("agent", program, _environment(env, ca_file))
    session = SessionProcess[m.AgentOrder, m.AgentReport](process, m.agent_reports(), on_report, on_ended)
    tasks.create_task(session.live(), name="agent session process")
    return session


async def start_player_session(
    tasks: asyncio.TaskGroup,
    *,
    on_report: Callable[[m.PlayerReport], None],
    on_ended: Callable[[Ended], None],
    program: Path | None = None,
    env: Mapping[str, str] | None = None,
) -> SessionProcess[m.PlayerOrder, m.PlayerReport]:
    """Starts a process that plays a recording; `tasks` owns it. Raises OSError when it cannot be started."""
    process = await _start("player", program, _environment(env, None))
    session = SessionProcess[m.PlayerOrder, m.PlayerReport](process, m.player_reports(), on_report, on_ended)
    tasks.create_task(session.live(), name="player session process")
    return session


def command(role: Role, program: Path | None = None) -> list[str]:
    """The command line. `program` None: the script that runs now. Raises ValueError when there is none."""
    if getattr(sys, "frozen", False):
        return [sys.executable, ARGUMENT, role]
    script = program or _running_script()
    # -P: the script's own directory is not searched, else customer_client/platform would be Python's `platform`
    return [sys.executable, "-P", str(script), ARGUMENT, role]


def _running_script() -> Path:
    name = getattr(sys.modules["__main__"], "__file__", None)
    if not isinstance(name, str):
        raise ValueError("this program has no script; name one")
    return Path(name).resolve()


async def _start(role: Role, program: Path | None, env: Mapping[str, str]) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *command(role, program),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env=env,
    )


def _environment(env: Mapping[str, str] | None, ca_file: Path | None) -> dict[str, str]:
    """The window's own, and where our packages are, since the script's directory is not searched."""
    found = dict(os.environ if env is None else env)
    if ca_file is not None:
        found["SSL_CERT_FILE"] = str(ca_file)
    if not getattr(sys, "frozen", False):
        root = str(Path(shared.__file__).resolve().parent.parent)
        found["PYTHONPATH"] = os.pathsep.join(filter(None, (root, found.get("PYTHONPATH", ""))))
    return found
