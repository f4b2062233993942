"""The command line and a serving relay on PostgreSQL, where they differ from a file."""

import asyncio
import signal
from pathlib import Path

import aiohttp
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from relay_server.__main__ import main
from shared.strings import set_language
from tests import pg
from tests.protocol.postgres import store_in
from tests.protocol.wire import WAIT_S, Frame, House, Wire, code, in_process


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    set_language("en")


@pytest.fixture
def engine() -> str:
    return "postgres"


def run(data_dir: Path, *words: str) -> int:
    return main(["--dir", str(data_dir), *words])


def test_init_works_once_a_database_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    database = pg.copy_database(pg.shared_server())
    for name in ("a", "b"):
        store_in(tmp_path / name, database)
    assert run(tmp_path / "a", "init", "--organisation", "Acme") == 0
    assert run(tmp_path / "a", "check") == 0
    capsys.readouterr()
    assert run(tmp_path / "b", "init") == 1
    assert "cannot be run again" in capsys.readouterr().err
    assert not (tmp_path / "a" / "relay.sqlite3").exists()


def test_a_directory_of_another_installation_is_not_served(data_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    store_in(data_dir, pg.fresh_database())
    assert run(data_dir, "serve", "--port", "0") == 1
    assert "is not set up" in capsys.readouterr().err


def test_a_server_that_is_not_there_is_named_without_its_password(
    data_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    nowhere = "store_url=postgresql://threeline@127.0.0.1:1/threeline"
    assert run(data_dir, "--set", nowhere, "--set", "store_password=hunter2", "check") == 1
    said = capsys.readouterr().err
    assert "127.0.0.1:1/threeline" in said
    assert "hunter2" not in said


@pytest.mark.parametrize(
    "url", ["mysql://threeline@db/threeline", "postgresql://threeline@db", "postgresql://me:hunter2@db/threeline"]
)
def test_what_is_no_address_is_refused(data_dir: Path, url: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(data_dir, "--set", f"store_url={url}", "check") == 1
    said = capsys.readouterr().err
    assert "store_url" in said
    assert "hunter2" not in said


def test_show_settings_masks_the_password(data_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    url = "postgresql://me:hunter2@db/threeline"
    assert (
        run(data_dir, "--set", f"store_url={url}", "--set", "store_password=hunter3", "serve", "--show-settings") == 0
    )
    said = capsys.readouterr().out
    assert "me:******@db/threeline" in said
    assert "hunter" not in said


async def asked_until_served(wire: Wire) -> Frame:
    """As a client's program that is told to come again."""
    async with asyncio.timeout(WAIT_S):
        while (answer := await wire.ask({"do": "get_home"})).get("f") == "refused":
            assert code(answer) == "busy"
    return answer


async def test_people_are_told_to_come_again_while_the_server_is_away(tmp_path: Path) -> None:
    server = await asyncio.to_thread(pg.start_server)
    try:
        store_in(tmp_path / "data", pg.copy_database(server), server)
        assert await asyncio.to_thread(run, tmp_path / "data", "init", "--sample") == 0
        async with in_process(tmp_path / "data") as relay, aiohttp.ClientSession() as session:
            house = House(relay, session)
            wire, early = await house.customer(), await house.hello("customer")
            assert (await asked_until_served(wire))["is"] == "home"
            await asyncio.to_thread(pg.stop, server, signal.SIGKILL, keep=True)
            assert code(await wire.ask({"do": "get_home"})) == "busy"
            assert code(await house.prove(early, Ed25519PrivateKey.generate())) == "busy"
            async with session.get(relay.url("/readyz"), ssl=relay.tls()) as ready:
                assert ready.status == 503
            server = await asyncio.to_thread(pg.start_again, server.home, server.port)
            assert (await asked_until_served(wire))["is"] == "home"
            for each in house.wires:
                await each.socket.close()
    finally:
        await asyncio.to_thread(pg.stop, server)
