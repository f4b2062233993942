"""A store of an earlier schema with data in it is brought up: everything is there, services work, a copy lies beside
it; the way back loses nothing or is not taken; a store of a later build is left alone."""

import asyncio
import sqlite3
from pathlib import Path

import pytest

from relay_server.__main__ import main
from relay_server.engine import dump, migrate, revisions, traces
from relay_server.engine.dump import Sum
from relay_server.engine.load import open_sqlite_loader
from relay_server.engine.sqlite_file import close, connect, core
from shared.protocol.messages import conversations as c
from shared.strings import set_language
from tests.record_house import close as finish
from tests.relay_house import ok, open_house

OLD = "0003"


def sums(path: Path) -> dict[str, Sum]:
    sql = core(connect(path, read_only=True))
    try:
        return dump.sums(sql)
    finally:
        close(sql)


def revision(path: Path) -> str | None:
    sql = core(connect(path, read_only=True))
    try:
        return migrate.revision_of(sql)
    finally:
        close(sql)


def in_old_clothes(new: Path, old: Path) -> None:
    """The same rows in a store of the old schema: what it has no table or column for is left out."""
    revisions.run(old, OLD)
    sql = core(connect(new, read_only=True))
    try:
        shapes = {shape.name: shape for shape in dump.shapes(sql)}
        with open_sqlite_loader(old) as loader:
            for shape in loader.shapes():
                places = [shapes[shape.name].columns.index(name) for name in shape.columns]
                for page in dump.pages(sql, shapes[shape.name]):
                    loader.add(shape, [[row[place] for place in places] for row in page])
    finally:
        close(sql)


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of the old schema in which two conversations took place, one of them still open."""
    directory = tmp_path_factory.mktemp("old")

    async def live() -> None:
        async with open_house(directory / "new.sqlite3") as house:
            li, bo = await house.customer("Li"), await house.customer("Bo")
            agent = await house.served(li, "C1")
            ok(await house.conversations.send_chat(li, c.SendChat(conversation_id="C1", client_id="m1", text="hello")))
            await finish(house, agent, "C1")
            await house.served(bo, "C2")

    asyncio.run(live())
    in_old_clothes(directory / "new.sqlite3", directory / "relay.sqlite3")
    return directory / "relay.sqlite3"


@pytest.fixture
def old(filled: Path, tmp_path: Path) -> Path:
    path = tmp_path / "relay.sqlite3"
    path.write_bytes(filled.read_bytes())
    return path


async def test_everything_is_there_afterwards_and_services_work(old: Path) -> None:
    before = sums(old)
    migrate.upgrade(old)
    assert revision(old) == migrate.NEWEST
    after = sums(old)
    assert {name for name in before if before[name].rows != after[name].rows} == set()
    assert {name for name in before if before[name] != after[name]} <= {"customers", "agent_states"}  # a column more
    async with open_house(old) as house:
        events = await house.events(c.public_stream("C1"))
        assert [event.text for _, event in events if isinstance(event, c.ChatPosted)] == ["hello"]
        bo = await house.customer("Bo")
        ok(await house.conversations.send_chat(bo, c.SendChat(conversation_id="C2", client_id="m2", text="still here")))
        await finish(house, house.agents["lin"], "C2")


def test_a_copy_is_the_way_back(old: Path) -> None:
    before = sums(old)
    migrate.upgrade(old)
    copy = old.with_name(f"{old.name}.before-{migrate.NEWEST}")
    assert copy.stat().st_mode & 0o777 == 0o600
    assert (revision(copy), sums(copy)) == (OLD, before)
    copy.replace(old)
    migrate.upgrade(old)
    assert revision(old) == migrate.NEWEST


def test_a_store_of_its_own_age_is_not_copied(tmp_path: Path) -> None:
    path = tmp_path / "relay.sqlite3"
    migrate.upgrade(path)
    migrate.upgrade(path)
    assert [each.name for each in tmp_path.glob("relay.sqlite3*") if "before" in each.name] == []


def test_back_without_loss_is_back(old: Path) -> None:
    before = sums(old)
    migrate.upgrade(old)
    revisions.take_back(old, OLD)
    assert (revision(old), sums(old)) == (OLD, before)
    db = sqlite3.connect(old)
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        db.execute("UPDATE events SET body = '{}'")
    db.close()


def test_back_with_loss_is_not_taken(old: Path) -> None:
    migrate.upgrade(old)
    db = sqlite3.connect(old)
    db.execute("INSERT INTO holds (customer_id, at_ms, reason) SELECT id, 1, 'claim' FROM customers LIMIT 1")
    db.commit()
    db.close()
    before = sums(old)
    with pytest.raises(RuntimeError, match="not without loss: holds"):
        revisions.take_back(old, OLD)
    assert (revision(old), sums(old)) == (migrate.NEWEST, before)


def test_what_earlier_builds_left_in_free_places_is_gone(old: Path) -> None:
    db = sqlite3.connect(old)
    db.execute("PRAGMA secure_delete = OFF")
    db.execute("CREATE TABLE scrap (words TEXT)")
    db.execute("INSERT INTO scrap VALUES ('leftoverqzv')")
    db.execute("DROP TABLE scrap")
    db.commit()
    db.close()
    assert b"leftoverqzv" in old.read_bytes()
    migrate.upgrade(old)
    assert b"leftoverqzv" not in old.read_bytes()
    traces.forget_upgrade_copies(old)
    assert not any(b"leftoverqzv" in path.read_bytes() for path in old.parent.iterdir())


def test_a_store_of_a_later_build_is_refused_in_words_and_left_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    set_language("en")
    data_dir = tmp_path / "data"
    assert main(["--dir", str(data_dir), "init"]) == 0
    store = data_dir / "relay.sqlite3"
    db = sqlite3.connect(store)
    db.execute("UPDATE alembic_version SET version_num = '9999'")
    db.commit()
    db.close()
    before = store.read_bytes()
    assert main(["--dir", str(data_dir), "serve"]) == 1
    assert "9999, which a later version made" in capsys.readouterr().err
    assert store.read_bytes() == before
