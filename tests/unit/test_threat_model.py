"""The threat model names nothing that is not there."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
WORDS = (ROOT / "docs" / "security.md").read_text("utf-8")
NAMED = re.findall(r"`((?:tests|shared|relay_server|customer_client|agent_app|installers)/[^`\s]*)`", WORDS)
ROWS = [line for line in WORDS.partition("## Threats")[2].splitlines() if line.startswith("| ")][1:]


def test_every_file_and_test_exists() -> None:
    assert len(NAMED) > 60
    for each in NAMED:
        path, _, name = each.partition("::")
        assert (ROOT / path).exists(), each
        if name:
            assert re.search(rf"^(async )?def {name}\(", (ROOT / path).read_text("utf-8"), re.MULTILINE), each


def test_every_threat_names_a_test() -> None:
    assert len(ROWS) > 40
    for row in ROWS:
        assert "tests/" in row.split("|")[3], row
