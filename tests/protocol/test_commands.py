"""The command line: init locks itself, agents are added, check finds what is wrong, a backup can be restored."""

import asyncio
import json
import sqlite3
import stat
from pathlib import Path

import pytest

from relay_server.__main__ import main
from shared.strings import set_language
from tests.protocol.wire import House


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    set_language("en")


def run(data_dir: Path, *words: str) -> int:
    return main(["--dir", str(data_dir), *words])


def contents(directory: Path) -> dict[str, bytes]:
    return {str(path.relative_to(directory)): path.read_bytes() for path in directory.rglob("*") if path.is_file()}


def test_init_works_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data_dir = tmp_path / "data"
    assert run(data_dir, "init", "--organisation", "Acme", "--admin", "root") == 0
    said = capsys.readouterr().out
    assert "ca.pem" in said
    assert "root" in said
    certificates = contents(data_dir / "tls")
    assert run(data_dir, "init") == 1
    assert "cannot be run again" in capsys.readouterr().err
    assert contents(data_dir / "tls") == certificates
    assert run(data_dir, "check") == 0


def test_what_is_secret_is_private(data_dir: Path) -> None:
    assert stat.S_IMODE(data_dir.stat().st_mode) == 0o700
    for name in ("relay.sqlite3", "pass.key", "tls/ca.key", "tls/server.key"):
        assert stat.S_IMODE((data_dir / name).stat().st_mode) == 0o600


def test_credentials_go_to_a_new_private_file_only(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "credentials.json"
    assert run(tmp_path / "a", "init", "--sample", "--credentials-file", str(target)) == 0
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    document = json.loads(target.read_text("utf-8"))
    assert document["sample"] is True
    assert {"admin", "lin"} <= {each["username"] for each in document["agents"]}
    assert len({each["password"] for each in document["agents"]}) == len(document["agents"])
    assert run(tmp_path / "b", "init", "--credentials-file", str(target)) == 1
    assert "exists already" in capsys.readouterr().err
    assert not (tmp_path / "b").exists()


@pytest.mark.parametrize("command", [["serve"], ["check"], ["backup", "x.tar", "--plain"], ["add-agent", "amy"]])
def test_nothing_works_before_init(tmp_path: Path, command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(tmp_path / "none", *command) == 1
    assert "is not set up" in capsys.readouterr().err


async def added(data_dir: Path, *words: str) -> int:
    return await asyncio.to_thread(run, data_dir, "add-agent", *words)


async def test_an_agent_added_to_a_serving_relay_signs_in(
    house: House, data_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await added(data_dir, "Zoe", "--name", "Zoe Q", "--tier", "2", "--group", "Service desk") == 0
    username, password = capsys.readouterr().out.splitlines()[1].split()[:2]
    wire = await house.hello("agent")
    answer = await wire.ask({"do": "sign_in_with_password", "username": username, "password": password})
    assert answer["agent"]["person"]["name"] == "Zoe Q"
    assert answer["agent"]["group_ids"] == ["desk"]
    assert await added(data_dir, "ZOE") == 1
    assert await added(data_dir, "other", "--group", "nowhere") == 1


def test_show_settings_masks_secrets(
    data_dir: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("THREELINE_RELAY_METRICS_TOKEN", "sesame")
    assert run(data_dir, "serve", "--show-settings", "--port", "1234") == 0
    said = capsys.readouterr().out
    assert "port = 1234  # flag" in said
    assert "metrics_token = ******  # environment" in said
    assert "sesame" not in said


def test_a_wrong_setting_is_named(data_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--dir", str(data_dir), "--set", "colour=red", "check"]) == 1
    assert "colour" in capsys.readouterr().err


def tampered(data_dir: Path, *statements: str) -> None:
    db = sqlite3.connect(data_dir / "relay.sqlite3")
    for statement in statements:
        db.execute(statement)
    db.commit()
    db.close()


@pytest.mark.parametrize(
    ("statements", "words"),
    [
        (("DROP TRIGGER audit_no_update", "UPDATE audit SET actor = 'nobody'"), "audit chain: broken at entry 1"),
        (("UPDATE alembic_version SET version_num = '0000'",), "schema: 0000 found"),
        (
            ("INSERT INTO fold_failures (name, position, at_ms, error) VALUES ('f', 1, 1, 'LookupError: x')",),
            "1 could not be handled, the last one: LookupError: x",
        ),
        (("UPDATE setup SET administrator_id = 'nobody'",), "store integrity: setup"),
    ],
)
def test_check_finds_what_is_wrong_in_the_store(
    data_dir: Path, statements: tuple[str, ...], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    tampered(data_dir, *statements)
    assert run(data_dir, "check") == 1
    assert words in capsys.readouterr().out


def test_check_finds_open_and_missing_files(data_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (data_dir / "pass.key").chmod(0o644)
    (data_dir / "tls" / "server.pem").unlink()
    assert run(data_dir, "check") == 1
    said = capsys.readouterr().out
    assert "others may read" in said
    assert "server.pem" in said


@pytest.mark.parametrize("words", [("serve", "--port", "0"), ("check",)])
def test_a_file_that_is_no_store_is_named_in_words(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...]
) -> None:
    data_dir = tmp_path / "data"
    assert run(data_dir, "init") == 0
    (data_dir / "relay.sqlite3").write_bytes(b"nothing of ours " * 4096)
    assert run(data_dir, *words) == 1
    said = capsys.readouterr()
    assert "The store cannot be used: file is not a database" in said.out + said.err
