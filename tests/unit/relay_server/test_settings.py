"""Defaults, file, environment, flags: the later layer wins, and secrets stay hidden."""

from pathlib import Path

import pytest

from relay_server.settings import FILE_NAME, SHORTEST_LEASE_S, load, show
from shared.common.errors import ConfigError


def test_later_layers_win(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text('port = 1000\nhost = "10.0.0.1"\nlink_rate = 7\n', "utf-8")
    resolved = load(tmp_path, {"THREELINE_RELAY_PORT": "2000", "THREELINE_RELAY_HOST": "::1"}, {"port": "3000"})
    settings, sources = resolved.settings, resolved.sources
    assert (settings.port, settings.host, settings.link_rate, settings.ping_s) == (3000, "::1", 7, 20)
    assert [sources[name] for name in ("port", "host", "link_rate", "ping_s")] == [
        "flag",
        "environment",
        "file",
        "default",
    ]


def test_lists_are_separated_by_commas(tmp_path: Path) -> None:
    environment = {"THREELINE_RELAY_TRUSTED_PROXIES": "10.0.0.1, 10.0.0.2"}
    assert load(tmp_path, environment, {}).settings.trusted_proxies == ("10.0.0.1", "10.0.0.2")


def test_secrets_are_masked(tmp_path: Path) -> None:
    shown = show(load(tmp_path, {"THREELINE_RELAY_METRICS_TOKEN": "hunter2hunter2"}, {}))
    assert "hunter2" not in shown
    assert "metrics_token = ******  # environment" in shown
    assert "metrics_token = (none)  # default" in show(load(tmp_path, {}, {}))
    assert "port = 7443  # default" in shown


@pytest.mark.parametrize(
    ("words", "flags", "named"),
    [
        ("ports = 1\n", {}, "ports"),
        ("port = 70000\n", {}, "port"),
        ("port = [\n", {}, FILE_NAME),
        ("", {"log_level": "LOUD"}, "log_level"),
        ("", {"tls": "off", "host": "10.0.0.1"}, "tls"),
        ("", {"tls": "off", "host": "relay.example"}, "tls"),
        ("", {"data_dir": "/elsewhere"}, "data_dir"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, words: str, flags: dict[str, str], named: str) -> None:
    (tmp_path / FILE_NAME).write_text(words, "utf-8")
    with pytest.raises(ConfigError, match=named):
        load(tmp_path, {}, flags)


def test_files_are_found_in_the_data_directory_unless_named(tmp_path: Path) -> None:
    settings = load(tmp_path, {}, {"key_file": "/etc/key.pem"}).settings
    assert settings.server_certificate == tmp_path / "tls" / "server.pem"
    assert settings.server_key == Path("/etc/key.pem")


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost"])
def test_without_tls_only_this_machine_is_served(tmp_path: Path, host: str) -> None:
    assert load(tmp_path, {}, {"tls": "off", "host": host}).settings.tls == "off"


def test_a_relay_that_is_declared_dead_holds_no_turn_any_more(tmp_path: Path) -> None:
    lease = {"lease_s": str(SHORTEST_LEASE_S - 0.5)}
    assert load(tmp_path, {}, lease).settings.lease_s == SHORTEST_LEASE_S - 0.5
    with pytest.raises(ConfigError, match="lease_s"):
        load(tmp_path, {}, {**lease, "store_url": "postgresql://threeline@127.0.0.1/threeline"})
