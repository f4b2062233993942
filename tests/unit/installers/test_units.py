"""The systemd units: what they name is there, they are as tight as told, and a relay has the time that it may take."""

import re
import shlex
import subprocess
from pathlib import Path

import pytest

from relay_server.settings import ENVIRONMENT, NAMES, Settings, load

LINUX = Path(__file__).resolve().parents[3] / "installers" / "linux"
UNITS = sorted(LINUX.glob("*.service"))
EXPOSED_AT_MOST = 1.5
COMMIT_S = 15
"""The longest that the last statement of a stopping relay may take, and a little more."""


def values(unit: Path, key: str) -> list[str]:
    return re.findall(rf"^{key}=(.*)$", unit.read_text("utf-8"), re.MULTILINE)


def environment(unit: Path) -> dict[str, str]:
    """What the relay finds: the unit's own, and the example of the file it names."""
    lines = [word for line in values(unit, "Environment") for word in shlex.split(line)]
    for file in values(unit, "EnvironmentFile"):
        assert file == "/etc/threeline/node.conf"
        example = (LINUX / "threeline-relay-node.conf").read_text("utf-8")
        lines += [line for line in example.splitlines() if line and not line.startswith("#")]
    return dict(line.split("=", 1) for line in lines)


@pytest.mark.parametrize("unit", UNITS, ids=lambda each: each.stem)
class TestUnit:
    def test_systemd_understands_every_line(self, unit: Path, tmp_path: Path) -> None:
        copy = tmp_path / unit.name
        copy.write_text(unit.read_text("utf-8").replace("/usr/bin/threeline-relay", "/bin/true"), "utf-8")
        told = subprocess.run(["systemd-analyze", "verify", "--man=no", copy], capture_output=True, encoding="utf-8")
        assert [line for line in told.stderr.splitlines() if unit.name in line] == []
        assert told.returncode == 0, told.stderr

    def test_it_is_exposed_little(self, unit: Path) -> None:
        command = ["systemd-analyze", "security", "--offline=true", "--no-pager", unit]
        told = subprocess.run(command, capture_output=True, encoding="utf-8", check=True)
        (level,) = re.findall(r"exposure level for .*: ([0-9.]+)", told.stdout)
        assert float(level) <= EXPOSED_AT_MOST, told.stdout

    def test_every_setting_it_names_exists_and_is_taken(self, unit: Path, tmp_path: Path) -> None:
        given = environment(unit)
        assert {each.removeprefix(ENVIRONMENT).lower() for each in given} <= set(NAMES)
        load(tmp_path, given, {})

    def test_a_stop_has_the_time_that_its_settings_may_take(self, unit: Path, tmp_path: Path) -> None:
        settings = load(tmp_path, environment(unit), {}).settings
        asked_s = settings.drain_notice_s + settings.drain_spread_s + settings.drain_s
        (allowed,) = values(unit, "TimeoutStopSec")
        assert int(allowed) >= asked_s + COMMIT_S

    def test_there_are_files_for_all_links(self, unit: Path, tmp_path: Path) -> None:
        (allowed,) = values(unit, "LimitNOFILE")
        assert int(allowed) >= 3 * load(tmp_path, environment(unit), {}).settings.max_links

    def test_it_waits_for_what_init_makes_with_either_store(self, unit: Path) -> None:
        conditions = values(unit, "ConditionPathExists")
        assert str(Settings(data_dir=Path("/var/lib/threeline")).pass_key_file) in conditions


def test_a_node_gets_its_secrets_as_credentials_and_no_file_holds_one() -> None:
    (unit,) = [each for each in UNITS if each.stem.endswith("node")]
    loaded = dict(line.split(":", 1) for line in values(unit, "LoadCredential"))
    named = {value.removeprefix("%d/") for value in environment(unit).values() if value.startswith("%d/")}
    assert named == set(loaded)
    assert not {"STORE_PASSWORD", "BUS_PASSWORD"} & {each.removeprefix(ENVIRONMENT) for each in environment(unit)}
