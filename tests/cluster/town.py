"""Real relay processes on one PostgreSQL and one NATS, each with a data directory of its own and files in common."""

import asyncio
import os
import shutil
import signal
import sys
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from relay_server.engine.postgres_link import PostgresAddress
from tests import pg
from tests.cluster.cable import Cable
from tests.nats import NatsServer, free_port
from tests.protocol.wire import WAIT_S, House, Relay

LEASE_S = 7.0
"""PostgreSQL ends what a frozen relay has begun after five seconds; a lease must be longer."""


@dataclass
class Node:
    """One relay process, and its cables to PostgreSQL and NATS."""

    data_dir: Path
    port: int
    session: aiohttp.ClientSession
    store: Cable
    bus: Cable
    flags: tuple[str, ...]
    process: asyncio.subprocess.Process | None = None

    @property
    def url(self) -> str:
        """What clients are given."""
        return f"wss://127.0.0.1:{self.port}/ws"

    @property
    def house(self) -> House:
        """Clients of this node."""
        return House(Relay(self.port, self.data_dir), self.session, pongs=True)

    async def begin(self) -> None:
        """Starts the process."""
        (self.data_dir / "port").unlink(missing_ok=True)
        command = (sys.executable, "-m", "relay_server", "--dir", str(self.data_dir), *self.flags, "serve")
        self.process = await asyncio.create_subprocess_exec(
            *command, "--port", str(self.port), "--port-file", str(self.data_dir / "port"), env=_environment()
        )

    async def there(self) -> None:
        """Returns once it takes links."""
        async with asyncio.timeout(WAIT_S * 2):
            while True:
                assert self.process is not None
                assert self.process.returncode is None
                if (self.data_dir / "port").exists():
                    return
                await asyncio.sleep(0.02)

    def send(self, how: signal.Signals) -> None:
        """Freezes it, thaws it, kills it."""
        assert self.process is not None
        self.process.send_signal(how)

    async def end(self, how: signal.Signals = signal.SIGTERM) -> int:
        """Ends it; its exit status."""
        assert self.process is not None
        if self.process.returncode is None:
            self.process.send_signal(signal.SIGCONT)
            self.process.send_signal(how)
        async with asyncio.timeout(WAIT_S):
            return await self.process.wait()


@dataclass
class Town:
    """Nodes, and what they share."""

    nodes: list[Node]
    nats: NatsServer
    files: Path
    database: PostgresAddress


@asynccontextmanager
async def town(template: Path, database: PostgresAddress, server: pg.Server, room: Path) -> AsyncGenerator[Town]:
    """Two nodes over a copy of the sample organisation."""
    async with AsyncExitStack() as stack:
        session = await stack.enter_async_context(aiohttp.ClientSession())
        nats = await stack.enter_async_context(NatsServer())
        built = Town([], nats, room / "files", database)
        for name in ("a", "b"):
            store = await stack.enter_async_context(Cable(server.port))
            bus = await stack.enter_async_context(Cable(nats.port))
            data_dir = Path(await asyncio.to_thread(shutil.copytree, template, room / name))
            node = Node(data_dir, free_port(), session, store, bus, _flags(built, store, bus))
            built.nodes.append(node)
            await node.begin()
            stack.push_async_callback(node.end, signal.SIGKILL)
        for node in built.nodes:
            await node.there()
        yield built


def _flags(built: Town, store: Cable, bus: Cable) -> tuple[str, ...]:
    settings = {
        "store_url": f"postgresql://threeline@127.0.0.1:{store.port}/{pg.name_of(built.database)}",
        "store_password": pg.PASSWORD,
        "bus_url": f"nats://127.0.0.1:{bus.port}",
        "bus_user": built.nats.user,
        "bus_password": built.nats.password,
        "files_dir": str(built.files),
        "lease_s": str(LEASE_S),
        "ping_s": "4",
        "presence_grace_s": "1",
        "drain_s": "1",
        "log_level": "WARNING",
        "link_rate": "1000",
        "link_burst": "4000",
    }
    return tuple(word for name, value in settings.items() for word in ("--set", f"{name}={value}"))


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), "LC_ALL": "C.UTF-8"}
