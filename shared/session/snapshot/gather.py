"""The whole snapshot: what any system tells, and what Linux tells besides."""

import os
import platform
import shutil
import sys
import time
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

from shared.control.facts import Fact, Section
from shared.media.capture import open_screen
from shared.media.capture.source import CaptureError
from shared.session.snapshot import network, programs
from shared.session.snapshot.made import fact, first_line, gib, section, text_of

_DISKS: Final = frozenset({"ext2", "ext3", "ext4", "xfs", "btrfs", "zfs", "f2fs", "vfat", "exfat", "ntfs3", "overlay"})
_MAX_DISKS: Final = 8
_MINUTE_S: Final = 60


def gather() -> tuple[Section, ...]:
    """Everything there is to say, sections in the order in which they are shown. Blocks for up to two seconds."""
    found = (
        section("system", _system()),
        section("hardware", _hardware()),
        section("storage", _storage()),
        section("screens", _screens()),
        section("network", network.kinds()),
        section("addresses", network.addresses()),
        section("region", _region()),
        section("programs", programs.busiest()),
    )
    return tuple(one for one in found if one is not None)


def _system() -> Iterator[Fact]:
    yield fact("os", _os())
    yield fact("kernel", platform.release())
    yield fact("machine", platform.machine())
    yield fact("uptime", _uptime())
    try:
        yield fact("program", version("threeline"))
    except PackageNotFoundError:
        return


def _os() -> str:
    try:
        return platform.freedesktop_os_release()["PRETTY_NAME"]
    except (OSError, KeyError):
        return f"{platform.system()} {platform.version()}"


def _uptime() -> str:
    words = first_line(Path("/proc/uptime")).split()
    if not words:
        return ""
    minutes = int(float(words[0])) // _MINUTE_S
    days, rest = divmod(minutes, 24 * 60)
    return f"{days} d {rest // 60:02}:{rest % 60:02}"


def _hardware() -> Iterator[Fact]:
    yield fact("processor", _processor())
    yield fact("cores", str(os.cpu_count() or ""))
    if hasattr(os, "getloadavg"):
        yield fact("load", " ".join(f"{load:.2f}" for load in os.getloadavg()))
    memory = _memory()
    yield fact("memory", _free_of(memory.get("MemAvailable", 0), memory.get("MemTotal", 0)))
    yield fact("swap", _free_of(memory.get("SwapFree", 0), memory.get("SwapTotal", 0)))


def _processor() -> str:
    for line in text_of(Path("/proc/cpuinfo")).splitlines():
        key, _, value = line.partition(":")
        if key.strip() == "model name":
            return value
    return platform.processor()


def _memory() -> dict[str, int]:
    """Bytes by the kernel's names."""
    found: dict[str, int] = {}
    for line in text_of(Path("/proc/meminfo")).splitlines():
        words = line.split()
        if len(words) >= 2 and words[1].isdigit():
            found[words[0].rstrip(":")] = int(words[1]) * 1024
    return found


def _free_of(free: int, total: int) -> str:
    return f"{gib(free)} / {gib(total)}" if total else ""


def _storage() -> Iterator[Fact]:
    for place in _places():
        try:
            usage = shutil.disk_usage(place)
        except OSError:
            continue
        yield fact("disk", _free_of(usage.free, usage.total), place)


def _places() -> list[str]:
    """Where disks of this computer are; network drives may hang and are left out."""
    if sys.platform != "linux":
        return [Path.home().anchor]
    found: dict[str, str] = {}
    for line in text_of(Path("/proc/mounts")).splitlines():
        device, place, kind, *_ = [*line.split(), "", "", ""]
        if kind in _DISKS:
            found.setdefault(device, place)
    return list(found.values())[:_MAX_DISKS] or ["/"]


def _screens() -> Iterator[Fact]:
    try:
        source = open_screen()
    except CaptureError:
        return
    try:
        monitors = source.monitors()
    except CaptureError:
        return
    finally:
        source.close()
    for monitor in monitors:
        yield fact("screen", f"{monitor.rect.width} x {monitor.rect.height}", monitor.name)


def _region() -> Iterator[Fact]:
    yield fact("language", next((os.environ[key] for key in ("LC_ALL", "LANG") if os.environ.get(key)), ""))
    now = time.localtime()
    yield fact("zone", f"{now.tm_zone} {time.strftime('%z', now)}")
    yield fact("time", time.strftime("%Y-%m-%d %H:%M", now))
