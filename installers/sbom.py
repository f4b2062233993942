"""What the lock names, as CycloneDX, with licences; and the check that nothing comes in under one that we cannot take.

`./dev sbom FILE` writes it; `./dev check` runs `--check`. Licences are those that the installed packages declare, and
those of the table below for packages of other systems.
"""

import argparse
import json
import re
import subprocess
import sys
import tomllib
from functools import cache
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from typing import Any, Final

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from installers.licences import licence_of

ROOT: Final = Path(__file__).resolve().parents[1]
LOCK: Final = ROOT / "requirements.lock"
ELSEWHERE: Final = {
    "atheris": "Apache-2.0",
    "colorama": "BSD-3-Clause",
    "macholib": "MIT",
    "pefile": "MIT",
    "pyobjc-core": "MIT",
    "pyobjc-framework-applicationservices": "MIT",
    "pyobjc-framework-cocoa": "MIT",
    "pyobjc-framework-coretext": "MIT",
    "pyobjc-framework-quartz": "MIT",
    "pywin32-ctypes": "BSD-3-Clause",
    "truststore": "MIT",
}
"""Not installed on every system, or silent about itself."""
TAKEN: Final = re.compile(
    r"MIT|BSD|Apache|ISC|PSF|Python Software Foundation|MPL-2|Mozilla Public License 2|LGPL|Lesser General Public|Zlib",
    re.IGNORECASE,
)
REFUSED: Final = re.compile(
    r"(?<!L)(?<!Lesser )\bA?GPL|(?<!Lesser )General Public License|SSPL|BUSL|Commons Clause", re.I
)
TOOLS_WITH_EXCEPTION: Final = frozenset({"pyinstaller", "pyinstaller-hooks-contrib"})
"""GPL with an exception for what they build; used for building, never shipped."""
_PINNED: Final = re.compile(r"^([A-Za-z0-9._-]+)==([^ ;\\]++)(?! ; sys_platform == 'never')", re.MULTILINE)
"""But what is installed on no system (pyproject.toml says why it stands there)."""


@cache
def pinned() -> dict[str, str]:
    """Name and version of everything in the lock; of several versions the last."""
    return {canonicalize_name(name): version for name, version in _PINNED.findall(LOCK.read_text("utf-8"))}


@cache
def shipped() -> frozenset[str]:
    """What the programs need at run time, on any system."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    found: set[str] = set()
    wanted = [Requirement(each) for each in project["dependencies"]]
    locked = pinned()
    while wanted:
        name = canonicalize_name(wanted.pop().name)
        if name in found or name not in locked:
            continue
        found.add(name)
        one = _installed(name)
        wanted += [Requirement(each) for each in (one.requires if one else None) or () if "extra ==" not in each]
    return frozenset(found)


@cache
def licence(name: str) -> str:
    """As SPDX where the package says so; empty when nothing is known."""
    if name in ELSEWHERE:
        return ELSEWHERE[name]
    one = _installed(name)
    return licence_of(one) if one else ""


def faults() -> list[str]:
    """What may not come in: shipped, unknown or refused; a tool that is refused."""
    found: list[str] = []
    ours = shipped()
    for name in pinned():
        words = licence(name)
        free = " OR " in words and any(TAKEN.search(each) and not REFUSED.search(each) for each in words.split(" OR "))
        if REFUSED.search(words) and not free and name not in TOOLS_WITH_EXCEPTION - ours:
            found.append(f"{name}: {words}")
        elif name in ours and not TAKEN.search(words):
            found.append(f"{name}: its licence is not known ({words or 'nothing said'})")
    return found


def document() -> dict[str, Any]:
    """CycloneDX of the lock: cyclonedx-py makes it, licences and what is shipped are put in."""
    maker = [str(Path(sys.executable).with_name("cyclonedx-py")), "requirements", "--pyproject", "pyproject.toml"]
    options = ["--output-reproducible", "--no-validate", "--short-PURLs", LOCK.name]
    made = subprocess.run([*maker, *options], cwd=ROOT, check=True, capture_output=True)
    found: dict[str, Any] = json.loads(made.stdout)
    ours, locked = shipped(), pinned()
    found["components"] = [each for each in found["components"] if canonicalize_name(each["name"]) in locked]
    kept = {"root-component", *(each["bom-ref"] for each in found["components"])}
    found["dependencies"] = [
        {**each, "dependsOn": [ref for ref in each.get("dependsOn", ()) if ref in kept]}
        for each in found["dependencies"]
        if each["ref"] in kept
    ]
    for each in found["components"]:
        name = canonicalize_name(each["name"])
        each.pop("description", None)  # the line of the lock once more, hashes and all
        each["scope"] = "required" if name in ours else "excluded"
        if words := licence(name):
            each["licenses"] = [{"license": {"name": words}}]
        if name == "av":
            each["description"] = "Its wheels bundle FFmpeg built with x264 (GPL-2.0-or-later)."
    return found


def _installed(name: str) -> Distribution | None:
    try:
        return distribution(name)
    except PackageNotFoundError:
        return None


def main() -> int:
    """Writes the document, or checks the licences."""
    parser = argparse.ArgumentParser("./dev sbom")
    parser.add_argument("file", nargs="?", type=Path, default=Path("sbom.json"))
    parser.add_argument("--check", action="store_true")
    asked = parser.parse_args()
    if asked.check:
        for each in (found := faults()):
            sys.stderr.write(f"a licence that we cannot take: {each}\n")
        return 1 if found else 0
    asked.file.write_text(json.dumps(document(), indent=2, ensure_ascii=False) + "\n", "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
