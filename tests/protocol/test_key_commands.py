"""The organisation's key on the command line, as an administrator uses it on two machines."""

import asyncio
import json
import stat
from pathlib import Path

import aiohttp
import pytest
from msgspec import structs

from relay_server.__main__ import main
from relay_server.identity import bundle
from relay_server.identity.organisation_key import LIGHT_WORK, OrganisationKey, seal
from shared.common.clock import now_ms
from shared.protocol.messages.trust import KeyRequest, RegisterKey
from shared.rules import certificates as rules
from shared.rules import statements
from shared.strings import set_language
from tests.protocol.wire import House, in_process

PRIVATE = bytes([7]) * 32


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    set_language("en")


def key_in(room: Path, organisation: str = "Acme") -> OrganisationKey:
    """A light key, so that tests do not wait for scrypt."""
    key = OrganisationKey(organisation, bytes(range(32, 64)))
    (room / "org.key").write_bytes(seal(key, "a long passphrase", LIGHT_WORK))
    (room / "pass").write_text("a long passphrase\n", "utf-8")
    return key


def org_key(room: Path, *words: str) -> int:
    return main(["org-key", *words, "--passphrase-file", str(room / "pass"), "--key", str(room / "org.key")])


def requested(room: Path, key: OrganisationKey) -> Path:
    """A bundle as a relay exports it, with Ana's key waiting."""
    asked = KeyRequest(
        agent_id="ana",
        name="Ana Torres",
        key=statements.public_key(PRIVATE),
        device="desk",
        asked_ms=5,
        signature=rules.request(PRIVATE, "ana", "desk", 5),
    )
    path = room / "keys.json"
    bundle.write(path, bundle.Bundle(organisation_key=key.public, requests=(asked,)))
    return path


def test_a_new_key_is_made_without_any_relay(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "pass").write_text("a long passphrase\n", "utf-8")
    made = ("create", "--organisation", "Acme", "--bundle", str(tmp_path / "keys.json"))
    assert org_key(tmp_path, *made) == 0
    assert stat.S_IMODE((tmp_path / "org.key").stat().st_mode) == 0o600
    said = capsys.readouterr().out
    public = json.loads((tmp_path / "org.key").read_text("utf-8"))["public"]
    assert public in said
    assert bundle.read(tmp_path / "keys.json").organisation_key == public
    assert org_key(tmp_path, *made) == 1
    assert "exists already" in capsys.readouterr().err


def test_each_key_is_asked_for_before_it_is_signed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    key = key_in(tmp_path)
    path = requested(tmp_path, key)
    monkeypatch.setattr("sys.stdin.readline", lambda: "n\n")
    assert org_key(tmp_path, "certify", "--bundle", str(path)) == 0
    assert statements.short_name(statements.public_key(PRIVATE)) in capsys.readouterr().out
    assert bundle.read(path).certificates == ()
    monkeypatch.setattr("sys.stdin.readline", lambda: "y\n")
    assert org_key(tmp_path, "certify", "--bundle", str(path)) == 0
    (made,) = bundle.read(path).certificates
    assert rules.is_of(made, key.public)
    assert bundle.read(path).requests == ()


def test_revoking_and_rotating(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    key = key_in(tmp_path)
    path = requested(tmp_path, key)
    assert org_key(tmp_path, "certify", "--yes", "--bundle", str(path)) == 0
    new = tmp_path / "new.key"
    assert org_key(tmp_path, "rotate", "--new-key", str(new), "--bundle", str(path)) == 0
    turned = bundle.read(path)
    assert rules.hands_over(turned.rotations[0])
    assert rules.is_of(turned.certificates[0], turned.organisation_key)
    assert org_key(tmp_path, "revoke", "Ana Torres", "--bundle", str(path)) == 1
    assert "another organisation key" in capsys.readouterr().err
    new.replace(tmp_path / "org.key")
    assert org_key(tmp_path, "revoke", "nobody", "--bundle", str(path)) == 1
    assert org_key(tmp_path, "revoke", "Ana Torres", "--bundle", str(path)) == 0
    after = bundle.read(path)
    assert after.revocations is not None
    assert after.revocations.revoked[0].key == turned.certificates[0].key


def test_a_wrong_passphrase_and_a_forged_request(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    key = key_in(tmp_path)
    path = requested(tmp_path, key)
    found = bundle.read(path)
    forged = bundle.Bundle(
        organisation_key=key.public,
        requests=tuple(structs.replace(each, agent_id="eve") for each in found.requests),
    )
    bundle.write(path, forged)
    assert org_key(tmp_path, "certify", "--yes", "--bundle", str(path)) == 1
    assert "not signed by its own key" in capsys.readouterr().err
    (tmp_path / "pass").write_text("another passphrase\n", "utf-8")
    assert org_key(tmp_path, "certify", "--yes", "--bundle", str(path)) == 1
    assert "does not open" in capsys.readouterr().err


async def test_from_an_agents_program_to_its_certificate_while_the_relay_serves(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A real organisation on one machine: init, the agent's program shows its key, the administrator certifies it."""
    data = tmp_path / "data"
    await run(data, "init", "--organisation", "Acme", "--admin", "root")
    lines = capsys.readouterr().out.splitlines()
    password = next(line.split()[1] for line in lines if line.strip().startswith("root "))
    passphrase = next(line for line in lines if "organisation.key" in line).rsplit(" ", 1)[1]
    (tmp_path / "pass").write_text(passphrase, "utf-8")
    pinned = json.loads((data / "profile.json").read_text("utf-8"))["organisation_key"]
    async with in_process(data) as relay, aiohttp.ClientSession() as session:
        wire = await House(relay, session).hello("agent")
        signed_in = await wire.ask({"do": "sign_in_with_password", "username": "root", "password": password})
        agent_id = signed_in["agent"]["person"]["id"]
        at_ms = now_ms()
        command = RegisterKey(
            key=statements.public_key(PRIVATE),
            device="desk",
            asked_ms=at_ms,
            signature=rules.request(PRIVATE, agent_id, "desk", at_ms),
        )
        assert await wire.ask(command) == {"is": "key_standing"}
        await run(data, "agent-keys", "list")
        assert "waits for a certificate" in capsys.readouterr().out
        await run(data, "agent-keys", "certify", "--yes", "--passphrase-file", str(tmp_path / "pass"))
        held = (await wire.ask(command))["certificate"]
        assert held["issuer"] == pinned
        assert held["key"] == command.key
        await run(data, "check")


async def run(data: Path, *words: str) -> None:
    assert await asyncio.to_thread(main, ["--dir", str(data), *words]) == 0
