"""The system summary: what may help an engineer, and nothing that says who the person is."""

import os
import platform
from collections.abc import Sequence
from pathlib import Path

_GIB = 1 << 30


def summary(screens: Sequence[str], language: str, version: str) -> dict[str, str]:
    """Facts by key, in the order in which they are shown; `screens` are sizes such as `1920 x 1080`."""
    found = {
        "system": _system(),
        "release": platform.release(),
        "machine": platform.machine(),
        "memory": _memory(),
        "screens": f"{len(screens)} ({', '.join(screens)})" if screens else "",
        "language": language,
        "client": version,
    }
    return {key: value for key, value in found.items() if value}


def _system() -> str:
    try:
        return platform.freedesktop_os_release()["PRETTY_NAME"]
    except (OSError, KeyError):
        return f"{platform.system()} {platform.version()}".strip()


def _memory() -> str:
    if not Path("/proc/meminfo").exists():
        return ""
    pages, page_bytes, free = os.sysconf("SC_PHYS_PAGES"), os.sysconf("SC_PAGE_SIZE"), os.sysconf("SC_AVPHYS_PAGES")
    return f"{pages * page_bytes / _GIB:.0f} GB, {free * page_bytes / _GIB:.0f} GB free"
