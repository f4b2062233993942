"""A NATS server of the tests' own, on loopback, with a password; it can be ended, frozen and started again."""

import asyncio
import os
import secrets
import signal
import socket
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Final

WAIT_S: Final = 20


class NatsServer:
    """Debian's `nats-server` on a free port that it keeps over restarts."""

    def __init__(self, max_payload: int = 1024 * 1024) -> None:
        self._room = tempfile.TemporaryDirectory(prefix="nats-")
        self._max_payload = max_payload
        self.port = free_port()
        self.user, self.password = "relay", secrets.token_hex(8)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"nats://127.0.0.1:{self.port}"

    async def start(self) -> None:
        """Returns once it takes connections."""
        settings = Path(self._room.name) / "nats.conf"
        settings.write_text(
            f"listen: 127.0.0.1:{self.port}\nmax_payload: {self._max_payload}\n"
            f'authorization {{ user: {self.user}, password: "{self.password}" }}\n',
            "utf-8",
        )
        self._process = await asyncio.to_thread(_begin, settings)
        async with asyncio.timeout(WAIT_S):
            while not await _listens(self.port):
                assert self._process.poll() is None
                await asyncio.sleep(0.02)

    def send(self, how: signal.Signals) -> None:
        """Freezes it, thaws it."""
        assert self._process is not None
        self._process.send_signal(how)

    def stop(self) -> None:
        """Ends it at once."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(WAIT_S)
            self._process = None

    async def __aenter__(self) -> "NatsServer":
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        self._room.cleanup()


def _begin(settings: Path) -> subprocess.Popen[bytes]:
    command = [_program(), "-c", str(settings)]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def free_port() -> int:
    """A port on loopback that nobody has, below those that the kernel gives to who connects: a look at whether
    somebody listens there would otherwise now and then be answered by itself."""
    while True:
        port = 20_000 + secrets.randbelow(12_000)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def _program() -> str:
    """Debian puts it where only root's search path leads."""
    places = [*os.environ.get("PATH", "").split(os.pathsep), "/usr/sbin", "/usr/local/sbin"]
    return next(str(path) for each in places if (path := Path(each) / "nats-server").exists())


async def _listens(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    return True
