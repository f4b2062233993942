"""A PostgreSQL of this lane's own, which tests may restart; each test gets a copy of a sample organisation in it."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests import pg
from tests.cluster.sample import Store, sample_store
from tests.cluster.town import Town, town


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with sample_store(tmp_path_factory.mktemp("cluster")) as held:
        yield held


@pytest.fixture
async def built(store: Store, tmp_path: Path) -> AsyncIterator[Town]:
    database = pg.copy_database(store.server, pg.name_of(store.database))
    async with town(store.data_dir, database, store.server, tmp_path) as made:
        yield made
