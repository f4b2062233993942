"""What processes cost, as the kernel counts it."""

from collections.abc import Iterable
from pathlib import Path


def family(pid: int) -> list[int]:
    """A process and everything that it started."""
    found = [pid]
    for tasks in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in tasks.read_text("ascii").split():
            found += family(int(child))
    return found


def rss_kb(pids: Iterable[int]) -> int:
    """Memory in use, together."""
    return sum(_status(pid, "VmRSS:") for pid in pids)


def cpu_s(pids: Iterable[int]) -> float:
    """Processor time so far, together."""
    return sum(_cpu_s(pid) for pid in pids)


def _cpu_s(pid: int) -> float:
    parts = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(parts[11]) + int(parts[12])) / 100


def _status(pid: int, name: str) -> int:
    lines = Path(f"/proc/{pid}/status").read_text("ascii").splitlines()
    return int(next(line.split()[1] for line in lines if line.startswith(name)))
