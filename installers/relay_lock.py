"""The part of the lock that a relay alone needs, for its container: hashes and versions as they stand in the whole.

`python -m installers.relay_lock` writes `container/requirements.lock`; `./dev check` compares.
"""

import re
import sys
import tomllib
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Final

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT: Final = Path(__file__).resolve().parents[1]
WHERE: Final = ROOT / "installers" / "container" / "requirements.lock"
LINUX: Final = {"sys_platform": "linux", "platform_system": "Linux", "os_name": "posix", "extra": ""}
NOT_ITS: Final = frozenset(
    {"pyside6-essentials", "qasync", "keyring", "aiortc", "aioice", "av", "mss", "pynput", "numpy", "sounddevice"}
    | {"python-xlib"}
)
"""What only the desktop programs and the media session import."""
_BLOCK: Final = re.compile(r"^([A-Za-z0-9._-]+)==.*(?:\n[ \t]+.*)*", re.MULTILINE)


def needed() -> frozenset[str]:
    """Names of everything that a relay imports on Linux, and what that needs."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    wanted = [Requirement(each) for each in project["dependencies"]]
    wanted = [each for each in wanted if canonicalize_name(each.name) not in NOT_ITS]
    found: set[str] = set()
    while wanted:
        one = wanted.pop()
        name = canonicalize_name(one.name)
        if name in found or (one.marker is not None and not one.marker.evaluate(LINUX)):
            continue
        found.add(name)
        wanted += [Requirement(each) for each in _requires(name)]
    return frozenset(found)


def _requires(name: str) -> list[str]:
    try:
        return distribution(name).requires or []
    except PackageNotFoundError:
        return []


def text() -> str:
    """The file."""
    whole = (ROOT / "requirements.lock").read_text("utf-8")
    names = needed()
    blocks = [each.group(0) for each in _BLOCK.finditer(whole) if canonicalize_name(each.group(1)) in names]
    return "# made by python -m installers.relay_lock\n" + "\n".join(blocks) + "\n"


def main() -> int:
    """Writes, or with `--check` compares."""
    if "--check" not in sys.argv[1:]:
        WHERE.write_text(text(), "utf-8")
        return 0
    if WHERE.exists() and WHERE.read_text("utf-8") == text():
        return 0
    sys.stderr.write(f"{WHERE.relative_to(ROOT)} is not what the lock says: python -m installers.relay_lock\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
