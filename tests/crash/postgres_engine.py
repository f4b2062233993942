"""Relays on one PostgreSQL and one NATS, each with a cable of its own to both."""

import asyncio
import shutil
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from tests import pg
from tests.cluster.cable import Cable
from tests.cluster.sample import Store as Server
from tests.crash.history import Store
from tests.crash.plan import LEASE_MS
from tests.crash.process import RelayProcess
from tests.crash.sqlite_engine import CAPACITY, EVENTS, STANDINGS, read
from tests.crash.town import Service, Town
from tests.nats import NatsServer

RELAYS = 2
LEASE = f"lease_s={LEASE_MS / 1000}"
FLAGS = (
    "ping_s=2",
    "presence_grace_s=1",
    "link_rate=500",
    "link_burst=2000",
    "drain_s=1",
    f"lease_s={LEASE_MS / 1000}",
)


@dataclass(frozen=True)
class PostgresEngine:
    """`server` is shared by towns that come one after another; the database is a town's own."""

    server: Server
    database: str
    nats: NatsServer
    cables: tuple[dict[Service, Cable], ...]

    @property
    def services(self) -> "PostgresEngine":
        """Itself."""
        return self

    async def kill(self, service: Service) -> None:
        """kill -9 of all its processes."""
        if service == "store":
            await asyncio.to_thread(self.server.kill)
        else:
            self.nats.stop()

    async def start(self, service: Service) -> None:
        """Starts it again on the same port."""
        if service == "store":
            await asyncio.to_thread(self.server.start)
        else:
            await self.nats.start()

    def cut(self, relay: int, service: Service) -> None:
        """Nothing passes from now on."""
        self.cables[relay][service].cut()

    def mend(self, relay: int, service: Service) -> None:
        """What comes from now on passes."""
        self.cables[relay][service].mend()

    async def store(self) -> Store:
        """Reads the database past the relays, on one snapshot."""
        db = await asyncpg.connect(self.server.server.address(self.database).dsn())
        try:
            await db.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            return read(*[await db.fetch(each) for each in (EVENTS, STANDINGS, CAPACITY)])
        finally:
            await db.close()

    def settings(self, relay: int, files: Path) -> tuple[str, ...]:
        """`NAME=VALUE` for one of the relays."""
        cables = self.cables[relay]
        return (
            f"store_url=postgresql://threeline@127.0.0.1:{cables['store'].port}/{self.database}",
            f"store_password={pg.PASSWORD}",
            f"bus_url=nats://127.0.0.1:{cables['bus'].port}",
            f"bus_user={self.nats.user}",
            f"bus_password={self.nats.password}",
            f"files_dir={files}",
            *FLAGS,
        )


@asynccontextmanager
async def postgres_town(server: Server, room: Path) -> AsyncGenerator[Town]:
    """Two relays that have not started, over a copy of the sample organisation."""
    async with AsyncExitStack() as stack:
        nats = await stack.enter_async_context(NatsServer())
        ports: dict[Service, int] = {"store": server.server.port, "bus": nats.port}
        cables: list[dict[Service, Cable]] = [
            {service: await stack.enter_async_context(Cable(port)) for service, port in ports.items()}
            for _ in range(RELAYS)
        ]
        database = pg.name_of(pg.copy_database(server.server, pg.name_of(server.database)))
        engine = PostgresEngine(server, database, nats, tuple(cables))
        processes: list[RelayProcess] = []
        for relay in range(RELAYS):
            data_dir = Path(shutil.copytree(server.data_dir, room / f"relay{relay}" / "data"))
            processes.append(RelayProcess(data_dir, engine.settings(relay, room / "files")))
        town = Town(tuple(processes), engine)
        stack.push_async_callback(town.clear)
        yield town
