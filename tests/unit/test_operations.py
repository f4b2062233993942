"""What docs/operations.md tells people to watch and to set is there."""

import re
from pathlib import Path

from relay_server.engine import bus_nats
from relay_server.gateway import metrics
from relay_server.settings import NAMES

ROOT = Path(__file__).resolve().parents[2]
WORDS = (ROOT / "docs" / "operations.md").read_text("utf-8")
SOURCE = "".join(Path(str(each.__file__)).read_text("utf-8") for each in (metrics, bus_nats))


def test_every_metric_exists() -> None:
    named = {each.removesuffix("_total") for each in re.findall(r"`(threeline_[a-z_]+)", WORDS)}
    assert len(named) > 8
    for each in named:
        parts = each.removeprefix("threeline_bus_")
        assert f'"{each}"' in SOURCE or (parts != each and f'"{parts}"' in SOURCE), each


def test_every_setting_exists() -> None:
    named = {*re.findall(r"^([a-z_]+) = ", WORDS, re.MULTILINE)} | {
        *re.findall(r"`((?:drain|max|bus)_[a-z_]+)`", WORDS)
    }
    strangers = named - {*NAMES} - {"archive_mode", "archive_command", "restore_command"}
    assert {each for each in strangers if not each.startswith("recovery_")} == set()


def test_every_file_of_the_containers_and_units_exists() -> None:
    for each in re.findall(r"`(installers/[a-z./_-]+)`", WORDS):
        assert (ROOT / each).exists(), each
