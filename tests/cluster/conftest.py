"""A PostgreSQL of this lane's own, which tests may restart; each test gets a copy of a sample organisation in it."""

import shutil
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from relay_server.__main__ import main
from relay_server.engine.postgres_link import PostgresAddress
from tests import pg
from tests.cluster.town import Town, town


@dataclass
class Store:
    """The server now running, and the template: data directory and database."""

    server: pg.Server
    data_dir: Path
    database: PostgresAddress

    def restart(self) -> None:
        """At once, as after a power cut; the port stays."""
        pg.stop(self.server, keep=True)
        self.server = pg.start_again(self.server.home, self.server.port, durable=True)


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    server = pg.start_server(durable=True)
    try:
        database = pg.copy_database(server)
        directory = tmp_path_factory.mktemp("cluster") / "data"
        made = tmp_path_factory.mktemp("credentials") / "credentials.json"
        url = server.loopback(pg.name_of(database)).url
        where = ("--set", f"store_url={url}", "--set", f"store_password={pg.PASSWORD}")
        words = ["--dir", str(directory), *where, "init", "--sample", "--credentials-file", str(made)]
        assert main(words) == 0
        shutil.copy(made, directory / "credentials.json")
        held = Store(server, directory, database)
        yield held
        server = held.server
    finally:
        pg.stop(server)


@pytest.fixture
async def built(store: Store, tmp_path: Path) -> AsyncIterator[Town]:
    database = pg.copy_database(store.server, pg.name_of(store.database))
    async with town(store.data_dir, database, store.server, tmp_path) as made:
        yield made
