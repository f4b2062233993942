"""Which programs are busy now, by name only: no arguments, no paths, no owners. Linux tells; elsewhere nothing."""

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from shared.control.facts import Fact
from shared.session.snapshot.made import fact, text_of

_MAX_LOOKED_AT: Final = 4096
_SHOWN: Final = 8
_BETWEEN_S: Final = 0.3
_TIMES: Final = (11, 12)
"""utime and stime, counted from the field after the name (proc_pid_stat(5))."""
_FLAGS: Final = 6
_KERNEL: Final = 0x0020_0000
"""PF_KTHREAD of the flags: a thread of the kernel's own is no program."""


def busiest(proc: Path = Path("/proc")) -> Iterator[Fact]:
    """The programs that used the processor most within 0.3 s, in percent of one core. Blocks for that long."""
    before, began = _ticks(proc), time.monotonic()
    if not before:
        return
    time.sleep(_BETWEEN_S)
    after, passed = _ticks(proc), time.monotonic() - began
    a_second = os.sysconf("SC_CLK_TCK")
    used: dict[str, float] = {}
    for pid, (name, ticks) in after.items():
        spent = ticks - before.get(pid, (name, ticks))[1]
        used[name] = used.get(name, 0) + spent / a_second / passed * 100
    for name, percent in sorted(used.items(), key=lambda one: (-one[1], one[0]))[:_SHOWN]:
        if percent >= 1:
            yield fact("process", f"{name} {percent:.0f} %")


def _ticks(proc: Path) -> dict[str, tuple[str, int]]:
    """Name and processor time by program."""
    found: dict[str, tuple[str, int]] = {}
    try:
        with os.scandir(proc) as entries:
            pids = [entry.name for entry in entries if entry.name.isdigit()][:_MAX_LOOKED_AT]
    except OSError:
        return {}
    for pid in pids:
        head, _, rest = text_of(proc / pid / "stat", 1024).rpartition(")")
        fields = rest.split()
        if len(fields) > max(_TIMES) and not int(fields[_FLAGS]) & _KERNEL:
            found[pid] = (head.partition("(")[2], sum(int(fields[at]) for at in _TIMES))
    return found
