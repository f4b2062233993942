"""A relay process, and a hand on it."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from tests.crash.relay_program import new_clock, turn_clock

ROOT: Final = Path(__file__).parents[2]
HERE: Final = "127.0.0.1"
START_S: Final = 20
END_S: Final = 15


def plain_environment(home: Path) -> dict[str, str]:
    """What a service gets."""
    kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}
    return {**kept, "HOME": str(home), "LANG": "C.UTF-8", "PYTHONPATH": str(ROOT)}


def prepare(data_dir: Path) -> None:
    """A data directory with the sample organisation; `credentials.json` is in it."""
    command = [sys.executable, "-m", "relay_server", "--dir", str(data_dir), "init", "--sample"]
    command += ["--credentials-file", str(data_dir.parent / "credentials.json")]
    subprocess.run(command, env=plain_environment(data_dir.parent), cwd=ROOT, check=True, capture_output=True)
    (data_dir.parent / "credentials.json").rename(data_dir / "credentials.json")


class RelayProcess:
    """One relay on a port that stays its own; `settings` are `NAME=VALUE`. `prefix` goes before its command (a tracer,
    a name space); `program` is a file of this directory; what is written about it is `beside` the data, which under a
    `prefix` that sees other file systems are `inside`."""

    def __init__(
        self,
        data_dir: Path,
        settings: Sequence[str] = (),
        prefix: Sequence[str] = (),
        program: str = "relay_program.py",
        beside: Path | None = None,
        inside: Path | None = None,
    ) -> None:
        self.data_dir = data_dir
        self.port = 0
        self._beside = beside or data_dir.parent
        self._inside = inside or data_dir
        self.log = self._beside / "relay.log"
        self.clock = self._beside / "clock"
        self.starts = 0
        self._settings = tuple(settings)
        self._prefix = tuple(prefix)
        self._program = str(Path(__file__).with_name(program))
        self._process: asyncio.subprocess.Process | None = None
        new_clock(self.clock)

    @property
    def url(self) -> str:
        """What clients are given."""
        return f"wss://{HERE}:{self.port}/ws"

    @property
    def pid(self) -> int:
        """Of the relay itself, also under a `prefix`."""
        assert self._process is not None
        return int((self._beside / "pid").read_text("ascii"))

    def words(self) -> str:
        """What the relay has logged, over all starts."""
        return self.log.read_text("utf-8", "replace") if self.log.exists() else ""

    async def start(self) -> None:
        """Starts it, again on the same port, and waits until it listens."""
        self.starts += 1
        port_file = self._beside / "port"
        port_file.unlink(missing_ok=True)
        command = [sys.executable, self._program, str(self.clock), "--dir", str(self._inside)]
        for each in self._settings:
            command += ["--set", each]
        command += ["serve", "--port", str(self.port), "--port-file", str(port_file), "--log-level", "INFO"]
        pid_file = self._beside / "pid"
        noted = ["sh", "-c", f'echo $$ > "{pid_file}"; exec "$@"', "sh", *command]
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *self._prefix, *noted, env=plain_environment(self._beside), cwd=ROOT, stdout=log, stderr=log
            )
        async with asyncio.timeout(START_S):
            while not port_file.exists():
                if self._process.returncode is not None:
                    raise RuntimeError(f"the relay ended with {self._process.returncode}:\n{self.words()[-3000:]}")
                await asyncio.sleep(0.01)
        self.port = int(port_file.read_text("ascii"))

    def send(self, number: signal.Signals) -> None:
        """A signal to the relay."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, number)

    async def ended(self) -> int:
        """Waits until it is gone; its exit status."""
        assert self._process is not None
        async with asyncio.timeout(END_S):
            return await self._process.wait()

    async def kill(self) -> None:
        """kill -9."""
        self.send(signal.SIGKILL)
        await self.ended()

    async def stop(self) -> int:
        """SIGTERM, and its exit status."""
        self.send(signal.SIGTERM)
        return await self.ended()

    async def clear(self) -> None:
        """Whatever state it is in, it is gone afterwards."""
        if self._process is not None and self._process.returncode is None:
            self.send(signal.SIGCONT)
            await self.kill()

    def turn_clock(self, seconds: float) -> None:
        """The relay's wall clock is off by so much from now on."""
        turn_clock(self.clock, seconds)

    def rss_kib(self) -> int:
        """What the relay holds in memory."""
        lines = Path(f"/proc/{self.pid}/status").read_text("ascii").splitlines()
        return int(next(line.split()[1] for line in lines if line.startswith("VmRSS:")))
