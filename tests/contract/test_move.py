"""A filled SQLite store moves to PostgreSQL: every row, proved on both sides, or none; services go on from there."""

import asyncio
import sqlite3
from pathlib import Path

import pytest
from sqlalchemy.util import greenlet_spawn

from relay_server.__main__ import main
from relay_server.engine import audit, dump, lock, move
from relay_server.engine.load import LoadError
from relay_server.engine.postgres_link import PostgresAddress, opened
from relay_server.engine.sqlite_file import close, connect, core
from shared.protocol.messages import conversations as c
from shared.strings import set_language
from tests import pg
from tests.record_house import close as finish
from tests.relay_house import adopt, ok, open_house


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("filled") / "relay.sqlite3"

    async def live() -> None:
        async with open_house(path) as house:
            li = await house.customer("Li 李")
            agent = await house.served(li, "C1")
            for number in range(dump.PAGE + 20):
                said = c.SendChat(conversation_id="C1", client_id=f"m{number}", text=f"行 {number}")
                ok(await house.conversations.send_chat(li, said))
            await finish(house, agent, "C1")
            await house.served(await house.customer("Bo"), "C2")
            ok(await house.journal.write(lambda tx: audit.record(tx, "cli", "x") or True))

    asyncio.run(live())
    return path


@pytest.fixture
def store(filled: Path, tmp_path: Path) -> Path:
    path = tmp_path / "relay.sqlite3"
    path.write_bytes(filled.read_bytes())
    return path


@pytest.fixture
def target() -> PostgresAddress:
    return pg.copy_database(pg.shared_server())


def sums_here(path: Path) -> dict[str, dump.Sum]:
    sql = core(connect(path, read_only=True))
    try:
        return dump.sums(sql)
    finally:
        close(sql)


async def sums_there(address: PostgresAddress) -> dict[str, dump.Sum]:
    async with opened(address) as (_, sql):
        return await greenlet_spawn(dump.sums, sql)


async def test_every_row_is_there_and_services_go_on(store: Path, target: PostgresAddress, tmp_path: Path) -> None:
    moved = await move.to_postgres(store, target)
    assert moved == sums_here(store) == await sums_there(target)
    assert moved["events"].rows > dump.PAGE
    path = tmp_path / "there"
    adopt(path, target)
    async with open_house(path, engine="postgres") as house:
        bo = await house.customer("Bo")
        ok(await house.conversations.send_chat(bo, c.SendChat(conversation_id="C2", client_id="n1", text="and on")))
        await finish(house, house.agents["lin"], "C2")
        events = await house.events(c.public_stream("C2"))
        assert [record.seq for record, _ in events] == list(range(1, len(events) + 1))
        await house.served(await house.customer("New"), "C3")  # numbers go on where the file's ended
        assert isinstance(await house.journal.read(audit.examine), audit.Held)


async def test_a_database_with_something_in_it_is_left_alone(store: Path) -> None:
    target = pg.fresh_database()
    async with opened(target) as (db, _):
        await db.execute("INSERT INTO ticket_numbers (year, last) VALUES (2026, 1)")
    before = await sums_there(target)
    with pytest.raises(move.NotEmpty, match="ticket_numbers"):
        await move.to_postgres(store, target)
    assert await sums_there(target) == before


async def test_a_stranger_is_left_alone(store: Path, target: PostgresAddress) -> None:
    async with opened(target) as (db, _):
        await db.execute("CREATE TABLE theirs (id bigint PRIMARY KEY)")
    with pytest.raises(move.NotEmpty, match="theirs"):
        await move.to_postgres(store, target)


@pytest.mark.parametrize(
    ("harm", "words"),
    [
        (("DROP TRIGGER audit_no_update", "UPDATE audit SET actor = 'nobody'"), "audit chain is broken at row 1"),
        (("DELETE FROM participants", "DELETE FROM customers"), "violates foreign key"),
        (("UPDATE customers SET vip_level = 'high'",), "does not take it"),
    ],
)
async def test_what_cannot_be_moved_whole_is_not_moved(
    store: Path, target: PostgresAddress, harm: tuple[str, ...], words: str
) -> None:
    db = sqlite3.connect(store)
    for each in harm:
        db.execute(each)
    db.commit()
    db.close()
    with pytest.raises(LoadError, match=words):
        await move.to_postgres(store, target)
    assert await sums_there(target) == {}


def run(data_dir: Path, *words: str) -> int:
    return main(["--dir", str(data_dir), *words])


def test_by_command_while_no_relay_runs(
    tmp_path: Path, target: PostgresAddress, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    set_language("en")
    data_dir = tmp_path / "data"
    assert run(data_dir, "init", "--sample") == 0
    with lock.held(data_dir):
        assert run(data_dir, "migrate", "--to", target.url) == 1
    assert "another relay is using" in capsys.readouterr().err
    assert run(data_dir, "migrate", "--to", target.url) == 0
    assert "articles: " in capsys.readouterr().out
    assert not (data_dir / "relay.sqlite3").exists()
    assert run(data_dir, "migrate", "--to", target.url) == 1
    assert "not set up" in capsys.readouterr().err
    (data_dir / "relay.sqlite3.before-move").rename(data_dir / "relay.sqlite3")
    assert run(data_dir, "migrate", "--to", target.url) == 1
    assert "not empty" in capsys.readouterr().err
    assert (data_dir / "relay.sqlite3").exists()
