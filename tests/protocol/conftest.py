"""A relay with the sample organisation, set up once and copied for each test."""

import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import aiohttp
import pytest

from relay_server.__main__ import main
from relay_server.engine.postgres_link import PostgresAddress
from tests import pg
from tests.protocol.postgres import store_in
from tests.protocol.wire import House, Relay, in_process


@pytest.fixture(scope="session")
def sample_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("sample") / "data"
    made = tmp_path_factory.mktemp("credentials") / "credentials.json"
    assert main(["--dir", str(directory), "init", "--sample", "--credentials-file", str(made)]) == 0
    shutil.copy(made, directory / "credentials.json")
    return directory


@pytest.fixture
def engine() -> str:
    """What the relay under test keeps its data in; modules that matter on both parametrise it."""
    return "sqlite"


@pytest.fixture(scope="session")
def postgres_template(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, PostgresAddress]:
    directory = tmp_path_factory.mktemp("sample-postgres") / "data"
    database = pg.copy_database(pg.shared_server())
    store_in(directory, database)
    made = tmp_path_factory.mktemp("credentials") / "credentials.json"
    assert main(["--dir", str(directory), "init", "--sample", "--credentials-file", str(made)]) == 0
    shutil.copy(made, directory / "credentials.json")
    return directory, database


@pytest.fixture
def data_dir(request: pytest.FixtureRequest, engine: str, tmp_path: Path) -> Path:
    if engine == "sqlite":
        return Path(shutil.copytree(request.getfixturevalue("sample_template"), tmp_path / "data"))
    directory, database = request.getfixturevalue("postgres_template")
    copied = Path(shutil.copytree(directory, tmp_path / "data"))
    store_in(copied, pg.copy_database(pg.shared_server(), pg.name_of(database)))
    return copied


@pytest.fixture
def flags() -> dict[str, str]:
    """Settings of the relay under test; tests parametrise it."""
    return {}


@pytest.fixture
async def relay(data_dir: Path, flags: dict[str, str]) -> AsyncIterator[Relay]:
    async with in_process(data_dir, flags) as running:
        yield running


@pytest.fixture
async def house(relay: Relay) -> AsyncIterator[House]:
    async with aiohttp.ClientSession() as session:
        opened = House(relay, session)
        yield opened
        for wire in opened.wires:  # a dropped one would be found open by whichever test runs when it is collected
            await wire.socket.close()


@pytest.fixture(autouse=True)
def restored_logging() -> Iterator[None]:
    """`main` sets logging up for a program; tests keep pytest's."""
    import logging

    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
