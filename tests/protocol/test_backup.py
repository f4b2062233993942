"""Backups made while the relay serves: sealed, whole, restored with everything that was acknowledged before they began;
what was torn or tampered with is refused, and then nothing is there."""

import asyncio
import io
import sqlite3
import stat
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest

from relay_server.__main__ import main
from relay_server.commands import restore
from relay_server.commands.store import CommandRefused
from relay_server.engine import dump
from relay_server.engine.sqlite_file import close, connect, core
from shared.common.sealed import keyfile, keys
from shared.common.sealed.archive import SealedReader, SealedWriter
from shared.strings import set_language
from tests.protocol.talk import on_duty, say, served
from tests.protocol.wire import House, Relay, Wire, in_process


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    set_language("en")


def run(data_dir: Path, *words: str) -> int:
    return main(["--dir", str(data_dir), *words])


@dataclass
class Key:
    """A backup key: its file, its public half, its passphrase in a file."""

    file: Path
    public: Path
    passphrase: Path

    def options(self) -> tuple[str, ...]:
        return ("--key", str(self.file), "--passphrase-file", str(self.passphrase))


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> Key:
    directory = tmp_path_factory.mktemp("backup-key")
    pair = keyfile.make_pair()
    key = Key(directory / "k.json", directory / "k.json.pub", directory / "words")
    key.file.write_bytes(keyfile.lock(pair, "words for tests", kind=keyfile.BACKUP, scrypt_n=2**10))
    key.public.write_text(keys.in_text(pair.public) + "\n")
    key.passphrase.write_text("words for tests\n")
    return key


@pytest.fixture
def sealed(data_dir: Path, key: Key, tmp_path: Path) -> Path:
    archive = tmp_path / "backup.3ls"
    assert run(data_dir, "backup", str(archive), "--key", str(key.public)) == 0
    return archive


def sums(data_dir: Path) -> dict[str, dump.Sum]:
    sql = core(connect(data_dir / "relay.sqlite3", read_only=True))
    try:
        return dump.sums(sql)
    finally:
        close(sql)


async def test_what_was_acknowledged_before_it_began_is_there(
    house: House, data_dir: Path, key: Key, tmp_path: Path
) -> None:
    agent, customer = await on_duty(house), await house.customer()
    conversation_id = await served(house, customer, agent)
    accepted = await say(customer, conversation_id, "before the backup", "m1")
    archive = tmp_path / "backup.3ls"
    command = ("backup", str(archive), "--key", str(key.public))
    talking = asyncio.create_task(_keep_talking(customer, conversation_id))
    assert await asyncio.to_thread(run, data_dir, *command) == 0
    talking.cancel()
    assert stat.S_IMODE(archive.stat().st_mode) == 0o600
    assert b"before the backup" not in archive.read_bytes()
    assert await asyncio.to_thread(run, data_dir, *command) == 1
    restored = tmp_path / "restored"
    assert await asyncio.to_thread(run, restored, "restore", str(archive), *key.options()) == 0
    assert await asyncio.to_thread(run, restored, "check") == 0
    async with in_process(restored) as again, aiohttp.ClientSession() as session:
        lin = await House(Relay(again.port, data_dir), session).agent("lin")
        page = await lin.ask({"do": "follow", "stream": f"c/{conversation_id}/public"})
        assert '"client_id":"m1"' in page["events"][accepted["seq"] - 1]["body"]
        assert [event["seq"] for event in page["events"]] == list(range(1, len(page["events"]) + 1))


async def _keep_talking(customer: Wire, conversation_id: str) -> None:
    while True:
        await say(customer, conversation_id, "and on")


def test_a_restored_store_has_the_same_rows_and_files(data_dir: Path, sealed: Path, key: Key, tmp_path: Path) -> None:
    target = tmp_path / "restored"
    target.mkdir()
    before = sums(data_dir)
    assert run(target, "restore", str(sealed), *key.options()) == 0
    after = sums(target)
    assert {name for name in before if before[name] != after[name]} == {"audit"}  # `backup_made` came after it
    for path in (*data_dir.glob("tls/*"), data_dir / "pass.key", data_dir / "profile.json"):
        assert (target / path.relative_to(data_dir)).read_bytes() == path.read_bytes()
    assert not (target / "recording-key.json").exists()
    assert {stat.S_IMODE(path.stat().st_mode) for path in target.rglob("*") if path.is_file()} == {0o600}
    assert stat.S_IMODE(target.stat().st_mode) == 0o700


def test_without_a_key_it_is_made_plain_only_when_asked(
    data_dir: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(data_dir, "backup", str(tmp_path / "a")) == 1
    assert "backup-key create" in capsys.readouterr().err
    assert not (tmp_path / "a").exists()
    assert run(data_dir, "backup", str(tmp_path / "a"), "--plain") == 0
    assert run(tmp_path / "restored", "restore", str(tmp_path / "a")) == 0
    assert run(tmp_path / "restored", "check") == 0


def test_a_key_is_made_once_and_used_from_then_on(
    data_dir: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "backup-key.json"
    assert run(data_dir, "backup-key", "create", str(file)) == 0
    passphrase = capsys.readouterr().out.partition("only now: ")[2].split()[0]
    assert run(data_dir, "backup-key", "use", f"{file}.pub") == 0
    assert run(data_dir, "backup", str(tmp_path / "a")) == 0
    (tmp_path / "words").write_text(passphrase)
    words = ("--key", str(file), "--passphrase-file", str(tmp_path / "words"))
    assert run(tmp_path / "restored", "restore", str(tmp_path / "a"), *words) == 0
    assert (tmp_path / "restored" / "backup-key.pub").exists()


def refused(archive: Path, key: Key, target: Path) -> str:
    pair = keyfile.unlock(key.file.read_bytes(), "words for tests", kind=keyfile.BACKUP)
    with pytest.raises(CommandRefused) as found:
        restore.run(archive, target, pair)
    assert not target.exists()
    assert [each.name for each in target.parent.iterdir() if each.name.startswith(".restore")] == []
    return found.value.code


@pytest.mark.parametrize("where", [0, 3, 60, 5000, -20, -1])
def test_one_changed_byte_is_enough(sealed: Path, key: Key, tmp_path: Path, where: int) -> None:
    raw = bytearray(sealed.read_bytes())
    raw[where] ^= 1
    sealed.write_bytes(raw)
    assert refused(sealed, key, tmp_path / "restored") == "backup_damaged"


@pytest.mark.parametrize("left", [0.0, 0.001, 0.5, 0.999999])
def test_a_torn_one_is_refused(sealed: Path, key: Key, tmp_path: Path, left: float) -> None:
    raw = sealed.read_bytes()
    sealed.write_bytes(raw[: int(len(raw) * left)])
    assert refused(sealed, key, tmp_path / "restored") == "backup_damaged"


def test_something_behind_the_end_is_refused(sealed: Path, key: Key, tmp_path: Path) -> None:
    sealed.write_bytes(sealed.read_bytes() + b"x")
    assert refused(sealed, key, tmp_path / "restored") == "backup_damaged"


def test_another_key_opens_nothing(sealed: Path, tmp_path: Path, key: Key) -> None:
    with pytest.raises(CommandRefused) as found:
        restore.run(sealed, tmp_path / "restored", keyfile.make_pair())
    assert found.value.code == "backup_damaged"
    assert run(tmp_path / "restored", "restore", str(sealed)) == 1
    key.passphrase.with_name("other").write_text("something else")
    words = ("--key", str(key.file), "--passphrase-file", str(key.passphrase.with_name("other")))
    assert run(tmp_path / "restored", "restore", str(sealed), *words) == 1
    assert not (tmp_path / "restored").exists()


def test_a_directory_with_something_in_it_is_left_alone(
    sealed: Path, key: Key, tmp_path: Path, data_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = sorted(data_dir.iterdir())
    assert run(data_dir, "restore", str(sealed), *key.options()) == 1
    assert "not empty" in capsys.readouterr().err
    assert sorted(data_dir.iterdir()) == before


Change = Callable[[tarfile.TarInfo, bytes], tuple[tarfile.TarInfo, bytes] | None]


def named(name: str) -> Change:
    """The first of the relay's own files gets another name."""

    def change(entry: tarfile.TarInfo, data: bytes) -> tuple[tarfile.TarInfo, bytes]:
        if entry.name == "files/pass.key":
            entry.name = name
        return entry, data

    return change


def without(name: str) -> Change:
    return lambda entry, data: None if entry.name.startswith(name) else (entry, data)


def linked(entry: tarfile.TarInfo, data: bytes) -> tuple[tarfile.TarInfo, bytes]:
    if entry.name == "files/pass.key":
        entry.type, entry.linkname, entry.size = tarfile.SYMTYPE, "/etc/passwd", 0
        return entry, b""
    return entry, data


def newer(entry: tarfile.TarInfo, data: bytes) -> tuple[tarfile.TarInfo, bytes]:
    if entry.name == "head.json":
        data = data.replace(b'"revision":"0', b'"revision":"9')
        entry.size = len(data)
    return entry, data


def other_row(entry: tarfile.TarInfo, data: bytes) -> tuple[tarfile.TarInfo, bytes]:
    return entry, data.replace(b"Service desk", b"Service dusk") if entry.name.startswith("rows/groups") else data


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (named("files/../../escaped"), "backup_damaged"),
        (named("files//etc/escaped"), "backup_damaged"),
        (named("files/relay.sqlite3-wal"), "backup_damaged"),
        (named("files/blobs/x/../../../escaped"), "backup_damaged"),
        (named("elsewhere"), "backup_damaged"),
        (linked, "backup_damaged"),
        (without("files/pass.key"), "backup_damaged"),
        (without("rows/articles"), "backup_damaged"),
        (without("manifest.json"), "backup_damaged"),
        (without("head.json"), "backup_damaged"),
        (other_row, "backup_damaged"),
        (newer, "backup_newer"),
    ],
)
def test_one_made_by_somebody_else_with_the_public_key_is_refused_when_it_does_not_add_up(
    sealed: Path, key: Key, tmp_path: Path, change: Change, code: str
) -> None:
    pair = keyfile.unlock(key.file.read_bytes(), "words for tests", kind=keyfile.BACKUP)
    forged = tmp_path / "forged"
    with sealed.open("rb") as source, forged.open("wb") as sink:
        writer = SealedWriter(sink, pair.public)
        with (
            tarfile.open(fileobj=io.BufferedReader(SealedReader(source, pair)), mode="r|") as old,
            tarfile.open(fileobj=writer, mode="w|") as new,
        ):
            for entry, data in _members(old):
                if (changed := change(entry, data)) is not None:
                    new.addfile(changed[0], io.BytesIO(changed[1]))
        writer.finish()
    assert refused(forged, key, tmp_path / "restored") == code
    assert not (tmp_path.parent / "escaped").exists()


def _members(archive: tarfile.TarFile) -> Iterator[tuple[tarfile.TarInfo, bytes]]:
    while (entry := archive.next()) is not None:
        file = archive.extractfile(entry)
        yield entry, file.read() if file else b""


def test_a_broken_audit_chain_does_not_come_back(data_dir: Path, key: Key, tmp_path: Path) -> None:
    db = sqlite3.connect(data_dir / "relay.sqlite3")
    db.execute("DROP TRIGGER audit_no_update")
    db.execute("UPDATE audit SET actor = 'nobody' WHERE id = 1")
    db.commit()
    db.close()
    assert run(data_dir, "backup", str(tmp_path / "a"), "--key", str(key.public)) == 0
    assert refused(tmp_path / "a", key, tmp_path / "restored") == "backup_damaged"


def test_a_file_that_is_lost_is_told_and_the_rest_comes_back(
    data_dir: Path, key: Key, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    db = sqlite3.connect(data_dir / "relay.sqlite3")
    db.execute("INSERT INTO blobs VALUES ('b1', 'u', 'a.txt', 'text/plain', 3, 'x', 0, 0, 1)")
    db.commit()
    db.close()
    assert run(data_dir, "backup", str(tmp_path / "a"), "--key", str(key.public)) == 1
    assert "blobs/b1" in capsys.readouterr().out
    assert run(tmp_path / "restored", "restore", str(tmp_path / "a"), *key.options()) == 0
