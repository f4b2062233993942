"""Towns on copies of one prepared data directory."""

import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from tests.crash.sqlite_engine import SqliteEngine
from tests.crash.town import Town, prepare

MakeTown = Callable[..., Town]


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data_dir = tmp_path_factory.mktemp("crash") / "data"
    prepare(data_dir)
    return data_dir


@pytest.fixture
async def make_town(prepared: Path, tmp_path: Path) -> AsyncIterator[MakeTown]:
    """Makes a town that is not started; whatever becomes of it, its relay is gone after the test."""
    async with AsyncExitStack() as stack:

        def make(
            flags: tuple[str, ...] = (),
            prefix: tuple[str, ...] = (),
            kind: type[Town] = Town,
            program: str = "relay_program.py",
        ) -> Town:
            data_dir = Path(shutil.copytree(prepared, tmp_path / "relay" / "data"))
            town = kind(data_dir, SqliteEngine(data_dir / "relay.sqlite3"), flags, prefix, program)
            stack.push_async_callback(town.clear)
            return town

        yield make
