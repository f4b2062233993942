"""A real relay process with the sample organisation, on a loopback port that stays its own over restarts."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.e2e.driver.processes import Program, Programs
from tests.e2e.driver.waiting import wait_for

ROOT = Path(__file__).parents[3]
HERE = "127.0.0.1"
RELAY = (sys.executable, "-m", "relay_server")


def plain_environment(home: Path) -> dict[str, str]:
    """What a service gets: no display, no settings of the person who runs the tests."""
    kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}
    return {**kept, "HOME": str(home), "LANG": "C.UTF-8", "PYTHONPATH": str(ROOT)}


@dataclass(slots=True)
class Relay:
    """`passwords` by username; `ca_file` and `url` are what clients are given."""

    programs: Programs
    room: Path
    passwords: dict[str, str]
    extra: tuple[str, ...] = ()
    port: int = 0
    host: str = HERE
    program: Program | None = field(default=None)

    @property
    def ca_file(self) -> Path:
        return self.room / "data" / "tls" / "ca.pem"

    @property
    def url(self) -> str:
        return f"wss://{self.host}:{self.port}/ws"

    @property
    def store(self) -> Path:
        return self.room / "data" / "relay.sqlite3"

    @property
    def client_arguments(self) -> tuple[str, ...]:
        """For the engineer's program."""
        return ("--server", self.url, "--ca", str(self.ca_file))

    @property
    def customer_arguments(self) -> tuple[str, ...]:
        """For the customer's: the profile pins the organisation's key; only the port is another than `init` knew."""
        return ("--profile", str(self.room / "data" / "profile.json"), "--server", self.url)

    def start(self) -> None:
        """Starts it, again on the same port, and waits until it answers there."""
        port_file = self.room / "port"
        port_file.unlink(missing_ok=True)
        command = [*RELAY, "--dir", str(self.room / "data"), *self.extra]
        command += ["serve", "--host", self.host, "--port", str(self.port), "--port-file", str(port_file)]
        program = self.programs.start("relay", command, env=plain_environment(self.room), cwd=ROOT)
        self.program = program

        def told() -> bool:
            if not program.is_alive():
                raise RuntimeError(f"the relay ended at once:\n{program.output()}")
            return port_file.exists()

        wait_for(told, "the relay to tell its port", 20)
        self.port = int(port_file.read_text("ascii"))

    def kill_9(self) -> None:
        """As a power cut would end it, as far as one process goes."""
        assert self.program is not None
        self.program.kill_9()

    def run(self, *arguments: str) -> str:
        """One command of `threeline-relay` on this data; its output. Raises CalledProcessError."""
        return run_relay(self.room, *arguments)


def run_relay(room: Path, *arguments: str) -> str:
    """`threeline-relay --dir room/data ...`; raises RuntimeError with its words."""
    command = [*RELAY, "--dir", str(room / "data"), *arguments]
    done = subprocess.run(
        command, env=plain_environment(room), cwd=ROOT, capture_output=True, text=True, check=False, timeout=60
    )
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(arguments)} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout


def open_relay(
    programs: Programs, room: Path, extra: Sequence[str] = (), host: str = HERE, set_up: Sequence[str] = ()
) -> Relay:
    """Sets a relay up with the sample organisation, under the flags `set_up`, and starts it at an address of this
    machine."""
    room.mkdir(parents=True, exist_ok=True)
    credentials = room / "credentials.json"
    names = () if host == HERE else ("--host", host)
    run_relay(room, *set_up, "init", "--sample", "--credentials-file", str(credentials), *names)
    agents = json.loads(credentials.read_text("utf-8"))["agents"]
    relay = Relay(programs, room, {each["username"]: each["password"] for each in agents}, tuple(extra), host=host)
    relay.start()
    return relay
