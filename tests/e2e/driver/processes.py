"""Real programs as processes: started, watched, frozen, killed, and all gone at the end."""

import contextlib
import os
import select
import signal
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from tests.e2e.driver.waiting import wait_for

START_S = 15.0
CLOSE_S = 3.0


@dataclass(slots=True)
class Program:
    """One started program. Its output, both streams together, goes to the file `log`."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def pid(self) -> int:
        return self.process.pid

    def is_alive(self) -> bool:
        return self.process.poll() is None

    def output(self) -> str:
        """Everything it has printed so far."""
        return self.log.read_text("utf-8", errors="replace")

    def wait_output(self, text: str, timeout_s: float = 10.0) -> str:
        """Wait until `text` was printed; return all output. Fails at once if the program has ended without it."""

        def said() -> bool:
            ended = not self.is_alive()
            found = text in self.output()
            if ended and not found:
                raise RuntimeError(f"{self.name} ended ({self.process.returncode}) without {text!r}:\n{self.output()}")
            return found

        wait_for(said, f"{self.name} to print {text!r}", timeout_s)
        return self.output()

    def wait_exit(self, timeout_s: float = 10.0) -> int:
        """Wait for its end; return the exit code (negative: the signal)."""
        return self.process.wait(timeout_s)

    def send_line(self, line: str) -> None:
        """Write one line to its standard input (it must have been started with `talk=True`)."""
        pipe: IO[bytes] | None = self.process.stdin
        if pipe is None:
            raise RuntimeError(f"{self.name} was started without a pipe")
        pipe.write(line.encode() + b"\n")
        pipe.flush()

    def close_input(self) -> None:
        """Let it read the end of its standard input."""
        if self.process.stdin is not None:
            self.process.stdin.close()

    def kill_9(self) -> None:
        """Kill this process alone, as a crash would; its children are left to notice by themselves."""
        os.kill(self.pid, signal.SIGKILL)
        self.process.wait(CLOSE_S)

    def freeze(self) -> None:
        """Stop this process alone from running, as a hang would."""
        os.kill(self.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        os.kill(self.pid, signal.SIGCONT)

    def terminate(self) -> int:
        """Ask it to end (SIGTERM) and wait; return the exit code."""
        self.process.terminate()
        return self.process.wait(CLOSE_S)

    def children(self) -> tuple["Child", ...]:
        """Its descendants now, parents before children."""
        return descendants(self.pid)


@dataclass(frozen=True, slots=True)
class Child:
    """A process that a program started by itself."""

    pid: int
    command: tuple[str, ...]

    def kill_9(self) -> None:
        os.kill(self.pid, signal.SIGKILL)

    def freeze(self) -> None:
        os.kill(self.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        os.kill(self.pid, signal.SIGCONT)

    def is_alive(self) -> bool:
        return process_state(self.pid) not in ("", "Z")


def process_state(pid: int) -> str:
    """The kernel's letter for its state (R, S, D, T, Z); empty when there is no such process."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return ""


def parents() -> dict[int, int]:
    """Parent of every process."""
    found: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                found[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except (FileNotFoundError, ProcessLookupError):
                continue
    return found


def descendants(pid: int) -> tuple[Child, ...]:
    """Every process below `pid`, parents before children."""
    tree = parents()
    found: list[Child] = []
    level = [pid]
    while level:
        level = [child for child, parent in tree.items() if parent in level]
        found += [Child(child, command_line(child)) for child in level]
    return tuple(found)


def command_line(pid: int) -> tuple[str, ...]:
    try:
        raw = Path(f"/proc/{pid}/cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return ()
    return tuple(part.decode(errors="replace") for part in raw.split(b"\0") if part)


def living_in(room: Path) -> tuple[Child, ...]:
    """Every process whose environment names the folder `room`: what programs left behind when they ended."""
    needle = os.fsencode(str(room))
    found: list[Child] = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                belongs = needle in (entry / "environ").read_bytes()
            except (FileNotFoundError, PermissionError, ProcessLookupError):
                continue
            if belongs and process_state(int(entry.name)) not in ("", "Z"):
                found.append(Child(int(entry.name), command_line(int(entry.name))))
    return tuple(found)


@dataclass(slots=True)
class Programs:
    """Everything one test started. Leaving the `with` block ends it all, last started first."""

    room: Path
    _started: list[Program] = field(default_factory=list[Program])

    def start(
        self,
        name: str,
        command: Sequence[str],
        *,
        env: Mapping[str, str],
        cwd: Path | None = None,
        keep_fds: tuple[int, ...] = (),
        talk: bool = False,
    ) -> Program:
        """Start a program in a process group of its own. `talk` gives it a pipe to read lines from."""
        logs = self.room / "logs"
        logs.mkdir(parents=True, exist_ok=True)
        log = logs / f"{len(self._started):02}-{name}.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                list(command),
                env=dict(env),
                cwd=cwd,
                stdin=subprocess.PIPE if talk else subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                pass_fds=keep_fds,
                start_new_session=True,
            )
        program = Program(name, process, log)
        self._started.append(program)
        return program

    def running(self) -> list[Program]:
        return [program for program in self._started if program.is_alive()]

    def logs(self) -> str:
        """The output of every program, with headings."""
        return "\n".join(f"--- {program.name} (pid {program.pid})\n{program.output()}" for program in self._started)

    def close(self) -> None:
        """End every program and whatever they left, last started first; raises if anything survives."""
        for program in reversed(self._started):
            end_group(program)
        for child in living_in(self.room):
            signal_process(child.pid, signal.SIGKILL)
        wait_for(lambda: not living_in(self.room), f"everything of {self.room} to be gone", CLOSE_S)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def end_group(program: Program) -> None:
    """End one program and what still runs in its process group: politely, then by force after three seconds."""
    signal_group(program.pid, signal.SIGTERM)
    signal_group(program.pid, signal.SIGCONT)
    with contextlib.suppress(subprocess.TimeoutExpired):
        program.process.wait(CLOSE_S)
    signal_group(program.pid, signal.SIGKILL)
    program.process.wait(CLOSE_S)
    program.close_input()


def signal_group(group: int, number: signal.Signals) -> None:
    try:
        os.killpg(group, number)
    except ProcessLookupError:
        return


def signal_process(pid: int, number: signal.Signals) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return


def read_line(answers: int, program: Program) -> str:
    """One line that a starting program writes to a pipe."""
    told = b""
    while not told.endswith(b"\n"):
        ready, _, _ = select.select([answers], [], [], START_S)
        piece = os.read(answers, 4096) if ready else b""
        if not piece:
            raise RuntimeError(f"{program.name} did not start:\n{program.output()}")
        told += piece
    return told.decode().strip()
