"""Towns on copies of one prepared data directory."""

import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import aiohttp
import pytest

from tests.crash.pressed import DOORS, Pressed
from tests.crash.process import RelayProcess, prepare
from tests.crash.run import FLAGS
from tests.crash.sqlite_engine import SqliteEngine
from tests.crash.town import Town
from tests.protocol.talk import open_conversation
from tests.protocol.wire import House, Relay

MakeProcess = Callable[..., RelayProcess]
MakeTown = Callable[..., Town]


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data_dir = tmp_path_factory.mktemp("crash") / "data"
    prepare(data_dir)
    return data_dir


@pytest.fixture
async def make_process(prepared: Path, tmp_path: Path) -> AsyncIterator[MakeProcess]:
    """Makes a relay that is not started; whatever becomes of it, it is gone after the test."""
    async with AsyncExitStack() as stack:

        def make(
            flags: tuple[str, ...] = (),
            prefix: tuple[str, ...] = (),
            kind: type[RelayProcess] = RelayProcess,
            program: str = "relay_program.py",
        ) -> RelayProcess:
            data_dir = Path(shutil.copytree(prepared, tmp_path / "relay" / "data"))
            process = kind(data_dir, flags, prefix, program)
            stack.push_async_callback(process.clear)
            return process

        yield make


@pytest.fixture
def make_town(make_process: MakeProcess) -> MakeTown:
    """One relay with its file."""

    def make(kind: type[RelayProcess] = RelayProcess) -> Town:
        process = make_process(FLAGS, kind=kind)
        return Town((process,), SqliteEngine(process.data_dir / "relay.sqlite3"))

    return make


@pytest.fixture
async def pressed(make_process: MakeProcess) -> AsyncIterator[Pressed]:
    process = make_process(DOORS)
    await process.start()
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        house = House(Relay(process.port, process.data_dir), session)
        agent = await house.agent("chen")
        assert (await agent.ask({"do": "set_state", "state": "busy", "now": True}))["is"] == "done"
        neighbour = await house.customer(name="Neighbour")
        found = Pressed(process, house, neighbour, await open_conversation(neighbour))
        await found.neighbour_talks()
        found.before_kib = process.rss_kib()
        yield found
        await process.clear()
    assert "Traceback" not in process.words()
