"""What we are made of: pinned by hash, under licences that we can take, and written down."""

import re

import pytest

from installers import sbom

LOCK = sbom.LOCK.read_text("utf-8")


def test_everything_in_the_lock_is_pinned_by_hash_and_comes_from_no_named_host() -> None:
    entries = re.split(r"\n(?=[A-Za-z0-9])", re.sub(r"^\s*#.*\n", "", LOCK, flags=re.MULTILINE).strip())
    assert len(entries) > 100
    for entry in entries:
        assert re.match(r"[A-Za-z0-9._-]+==[^ ;\\]+", entry), entry
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", entry), entry
    assert "://" not in LOCK
    assert "--index-url" not in LOCK


def test_the_setup_takes_nothing_that_is_not_in_the_lock() -> None:
    assert "--no-deps --require-hashes -r requirements.lock" in (sbom.ROOT / "dev").read_text("utf-8")


def test_no_licence_that_we_cannot_take() -> None:
    assert sbom.faults() == []


@pytest.mark.parametrize(
    ("words", "refused"),
    [
        ("GPL-3.0-or-later", True),
        ("AGPL-3.0", True),
        ("GNU General Public License v2 (GPLv2)", True),
        ("SSPL-1.0", True),
        ("", True),
        ("see its text", True),
        ("LGPL-3.0-only OR GPL-2.0-only", False),
        ("GNU Lesser General Public License v3 (LGPLv3)", False),
        ("Apache-2.0 AND MIT", False),
    ],
)
def test_a_licence_is_judged(monkeypatch: pytest.MonkeyPatch, words: str, refused: bool) -> None:
    known = sbom.licence
    monkeypatch.setattr(sbom, "licence", lambda name: words if name == "aiohttp" else known(name))
    assert any(each.startswith("aiohttp") for each in sbom.faults()) == refused


def test_the_bill_of_materials_names_everything_once_with_what_is_shipped() -> None:
    made = sbom.document()
    assert made["bomFormat"] == "CycloneDX"
    by_name = {each["name"].lower().replace("_", "-").replace(".", "-"): each for each in made["components"]}
    assert set(by_name) == set(sbom.pinned())
    assert by_name["aiohttp"]["scope"] == by_name["pyside6-essentials"]["scope"] == "required"
    assert by_name["pytest"]["scope"] == by_name["pyinstaller"]["scope"] == "excluded"
    assert all(each.get("licenses") for each in made["components"] if each["scope"] == "required")
    assert "GPL" in by_name["av"]["description"]
