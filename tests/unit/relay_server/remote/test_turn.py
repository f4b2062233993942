"""Who may use the TURN server, for how long, and whom it reaches."""

import base64
import hashlib
import hmac
import ipaddress
from pathlib import Path

import pytest

from relay_server.commands import turn_config
from relay_server.remote import turn
from relay_server.settings import Secret, Settings
from shared.common.errors import ConfigError
from shared.protocol.messages.remote import IceServer

URLS = ("stun:turn.example:3478", "turn:turn.example:3478?transport=udp", "turns:turn.example:5349?transport=tcp")


def test_credentials_are_the_users_own_and_end() -> None:
    helpers = turn.Helpers(URLS, "secret", 600)
    stun, relayed = helpers.servers("person1", 1_700_000_000_000)
    assert stun == IceServer(urls=URLS[:1])
    assert (relayed.urls, relayed.username) == (URLS[1:], "1700000600:person1")
    digest = hmac.new(b"secret", b"1700000600:person1", hashlib.sha1).digest()
    assert relayed.credential == base64.b64encode(digest).decode()
    assert turn.Helpers(URLS, "", 600).servers("person1", 0) == (stun,)
    assert turn.NO_HELPERS.servers("person1", 0) == ()


@pytest.mark.parametrize("url", ["", "http://host", "turn:", "turn:host?transport=sctp", "turn:host:3478\nno-auth"])
def test_what_is_no_turn_address_is_found(url: str) -> None:
    assert turn.bad_urls((*URLS, url)) == [url]


@pytest.mark.parametrize(("urls", "secret"), [(["turn:x"], ""), (["x"], "secret")])
def test_a_relay_does_not_start_with_servers_it_cannot_name_or_open(urls: list[str], secret: str) -> None:
    with pytest.raises(ConfigError, match="turn_urls"):
        turn.checked(urls, secret, 600)
    assert turn.checked(URLS[:1], "", 600).servers("a", 0) == (IceServer(urls=URLS[:1]),)


def ranges(configuration: str, name: str) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for line in configuration.splitlines():
        if line.startswith(f"{name}="):
            first, _, last = line.removeprefix(f"{name}=").partition("-")
            found.append((int(ipaddress.ip_address(first)), int(ipaddress.ip_address(last or first))))
    return found


@pytest.mark.parametrize(
    "internal",
    ["127.0.0.1", "10.1.2.3", "172.31.0.9", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.5", "255.1.1.1"],
)
def test_the_configuration_keeps_strangers_off_the_inside(internal: str) -> None:
    words = turn.coturn_configuration(
        secrets=["s"], realm="r", addresses=["203.0.114.9"], allowed_peers=["10.9.0.0-10.9.0.8"]
    )
    inside = int(ipaddress.ip_address(internal))
    assert any(first <= inside <= last for first, last in ranges(words, "denied-peer-ip"))
    assert not any(first <= inside <= last for first, last in ranges(words, "allowed-peer-ip"))
    assert "no-cli" in words.splitlines()


def test_an_address_that_is_none_gets_into_no_configuration() -> None:
    with pytest.raises(ValueError, match="no-auth"):
        turn.coturn_configuration(secrets=["s"], realm="r", addresses=["1.2.3.4\nno-auth"])


def test_the_command_makes_the_secret_once_and_writes_for_its_owner_only(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    settings.store_file.touch()
    for name in ("one.conf", "two.conf"):
        turn_config.run(settings, turn_config.Asked(tmp_path / name, ["198.51.101.1"]))
    secret = settings.shared_turn_secret()
    assert len(secret) == 64
    assert all(f"static-auth-secret={secret}\n" in (tmp_path / name).read_text() for name in ("one.conf", "two.conf"))
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "one.conf", settings.turn_secret_file)} == {0o600}
    assert Settings(data_dir=tmp_path, turn_secret=Secret("mine")).shared_turn_secret() == "mine"
