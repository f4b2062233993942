"""The container's files, without a container: what they name is there, and their programs read them."""

import re
import shutil
import subprocess
import sys
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

import pytest
import yaml

from installers import relay_lock
from relay_server.settings import ENVIRONMENT, NAMES, Settings, load

ROOT = Path(__file__).resolve().parents[3]
HERE = ROOT / "installers" / "container"
FILE = (HERE / "Containerfile").read_text("utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load((HERE / "compose.yaml").read_text("utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
RELAYS = ("relay-1", "relay-2")
COMMIT_S = 15


def built_in() -> dict[str, str]:
    """The environment that the image gives."""
    return dict(re.findall(r"(THREELINE_RELAY_[A-Z_]+)=(\S+)", FILE))


@pytest.mark.parametrize("name", RELAYS)
class TestRelay:
    def environment(self, name: str) -> dict[str, str]:
        return built_in() | SERVICES[name]["environment"]

    def test_every_setting_exists_and_is_taken(self, name: str, tmp_path: Path) -> None:
        given = self.environment(name)
        assert {each.removeprefix(ENVIRONMENT).lower() for each in given} <= {*NAMES}
        settings = load(tmp_path, given, {}).settings
        assert settings.store_url
        assert settings.bus_url

    def test_the_stop_has_its_time(self, name: str, tmp_path: Path) -> None:
        settings = load(tmp_path, self.environment(name), {}).settings
        asked_s = settings.drain_notice_s + settings.drain_spread_s + settings.drain_s
        assert int(SERVICES[name]["stop_grace_period"].removesuffix("s")) >= asked_s + COMMIT_S

    def test_secrets_come_as_files(self, name: str) -> None:
        given = self.environment(name)
        files = {value for value in given.values() if value.startswith("/run/secrets/")}
        assert files == {f"/run/secrets/{each}" for each in SERVICES[name]["secrets"]}
        assert not {"STORE_PASSWORD", "BUS_PASSWORD", "METRICS_TOKEN"} & {
            each.removeprefix(ENVIRONMENT) for each in given
        }

    def test_each_has_data_of_its_own_and_files_in_common(self, name: str) -> None:
        assert SERVICES[name]["volumes"] == [f"{name}:/data", "files:/files"]
        assert self.environment(name)["THREELINE_RELAY_FILES_DIR"] == "/files"


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_every_service_is_confined(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]
    assert "privileged" not in service
    assert name == "share-keys" or service["mem_limit"]
    assert {*service.get("secrets", ())} <= {*COMPOSE["secrets"]}
    for volume in service.get("volumes", ()):
        source = volume.split(":")[0]
        assert (HERE / source).is_file() if source.startswith("./") else source in COMPOSE["volumes"], volume


def test_only_balancer_and_turn_are_reached_from_outside() -> None:
    open_ones = {name for name, each in SERVICES.items() if each.get("ports") or each.get("network_mode") == "host"}
    assert open_ones == {"balancer", "coturn"}


def test_what_the_second_relay_is_given_is_what_nodes_have_in_common() -> None:
    words = "\n".join(SERVICES["share-keys"]["command"])
    settings = Settings(data_dir=Path("/data"))
    for path in (settings.pass_key_file, settings.sealing_key_file, settings.tls_dir, settings.webhook_key_file):
        assert path.name in words
    assert settings.turn_secret_file.name in words
    assert "node.id" not in words
    assert settings.organisation_key_file.name not in words


def test_the_image_runs_as_nobody_from_what_is_there() -> None:
    assert re.search(r"^USER 10001:10001$", FILE, re.MULTILINE)
    assert "HEALTHCHECK" in FILE
    for line in re.findall(r"^COPY (?!--from)(.*)$", FILE, re.MULTILINE):
        for source in line.split()[:-1]:
            assert (ROOT / source).exists(), source


def test_the_image_holds_all_that_a_relay_imports(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "relay_server", tmp_path / "relay_server")
    shutil.copytree(ROOT / "shared", tmp_path / "shared")
    for each in re.findall(r"/opt/threeline/source/shared/(\w+)", FILE):
        shutil.rmtree(tmp_path / "shared" / each)
    for name in relay_lock.needed():
        for top in {file.parts[0] for file in distribution(name).files or () if file.parts[0] != ".."}:
            (tmp_path / top).symlink_to(Path(str(distribution(name).locate_file(top))))
    command = [sys.executable, "-I", "-S", "-c", _IMPORT_ALL, str(tmp_path)]
    told = subprocess.run(command, capture_output=True, encoding="utf-8")
    assert told.returncode == 0, told.stderr
    assert int(told.stdout) > 150


def test_the_lock_of_the_image_is_the_lock() -> None:
    assert relay_lock.WHERE.read_text("utf-8") == relay_lock.text()


def test_haproxy_takes_its_file_and_knows_all_relays(tmp_path: Path) -> None:
    words = (HERE / "haproxy.cfg").read_text("utf-8")
    assert re.findall(r"^ *server (\S+) (\S+)", words, re.MULTILINE) == [(each, f"{each}:7443") for each in RELAYS]
    assert "send-proxy" not in words
    authority = tmp_path / "ca.pem"
    make = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1"]
    subprocess.run(
        [*make, "-subj", "/CN=x", "-keyout", "/dev/null", "-out", authority], check=True, capture_output=True
    )
    copy = tmp_path / "haproxy.cfg"
    copy.write_text(words.replace("/run/secrets/relay_ca", str(authority)), "utf-8")
    told = subprocess.run(["/usr/sbin/haproxy", "-c", "-f", copy], capture_output=True, encoding="utf-8")
    assert told.returncode == 0, told.stderr


def test_nats_takes_its_file(tmp_path: Path) -> None:
    words = (HERE / "nats.conf").read_text("utf-8")
    (tmp_path / "authorization").write_text('authorization { user: relay, password: "x" }\n')
    copy = tmp_path / "nats.conf"
    copy.write_text(words.replace("/run/secrets/nats_authorization", "authorization"), "utf-8")
    told = subprocess.run(["/usr/sbin/nats-server", "-t", "-c", copy], capture_output=True, encoding="utf-8")
    assert told.returncode == 0, told.stderr


_IMPORT_ALL = """
import importlib, pkgutil, sys
sys.path.append(sys.argv[1])
import relay_server, uvloop
count = 0
for each in pkgutil.walk_packages(relay_server.__path__, "relay_server."):
    if ".migrations." not in each.name:
        importlib.import_module(each.name)
        count += 1
print(count)
"""
