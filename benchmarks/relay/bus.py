"""A NATS server of the bench's own, as Debian packages it, on loopback and with a password."""

import asyncio
import secrets
import shutil
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.relay.cases import Unavailable
from benchmarks.relay.postgres import free_port

START_S, STOP_S = 20.0, 10.0
USER = "relay"


@dataclass(frozen=True)
class Nats:
    """A running server."""

    port: int
    pid: int
    password: str

    @property
    def settings(self) -> dict[str, str]:
        """What a relay is told."""
        return {"bus_url": f"nats://127.0.0.1:{self.port}", "bus_user": USER, "bus_password": self.password}


@asynccontextmanager
async def open_nats(room: Path) -> AsyncGenerator[Nats]:
    """Raises Unavailable where the package is missing."""
    program = shutil.which("nats-server")
    if program is None:
        raise Unavailable("nats-server is not installed: apt-get install nats-server")
    port, password = free_port(), secrets.token_hex(8)
    settings = room / "nats.conf"
    settings.write_text(
        f'listen: 127.0.0.1:{port}\nauthorization {{ user: {USER}, password: "{password}" }}\n', "utf-8"
    )
    with (room / "nats.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(program, "-c", str(settings), stdout=log, stderr=log)
    try:
        async with asyncio.timeout(START_S):
            await _until_it_listens(port)
        yield Nats(port, process.pid, password)
    finally:
        if process.returncode is None:
            process.terminate()
            async with asyncio.timeout(STOP_S):
                await process.wait()


async def _until_it_listens(port: int) -> None:
    while True:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.05)
        else:
            writer.close()
            return
