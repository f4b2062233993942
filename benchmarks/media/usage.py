"""What the kernel says that processes and the loopback device have used."""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.driver.processes import descendants

TICKS = os.sysconf("SC_CLK_TCK")


def tree(pid: int) -> tuple[int, ...]:
    """A process and all below it."""
    return (pid, *(child.pid for child in descendants(pid)))


def cpu_s(pids: Iterable[int]) -> dict[int, float]:
    """Seconds of CPU of each process that still runs, user and system together."""
    found: dict[int, float] = {}
    for pid in pids:
        try:
            fields = Path(f"/proc/{pid}/stat").read_text("ascii", errors="replace").rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue  # it has ended since it was listed
        found[pid] = (int(fields[11]) + int(fields[12])) / TICKS
    return found


def machine_s() -> float:
    """Seconds of CPU of everything that ran on this machine."""
    fields = [int(each) for each in Path("/proc/stat").read_text("ascii").splitlines()[0].split()[1:]]
    user, nice, system, _, _, irq, softirq = fields[:7]
    return (user + nice + system + irq + softirq) / TICKS


@dataclass(frozen=True)
class Moment:
    """Everything as it stands now. Groups keep their processes apart by name."""

    at_us: int
    groups: dict[str, dict[int, float]]
    machine_s: float
    bytes: int

    def cores(self, later: "Moment") -> dict[str, float]:
        """Cores that each group used from here to `later`, and `other`: whatever else ran."""
        took = (later.at_us - self.at_us) / 1e6
        used = {
            name: sum(now - before[pid] for pid, now in later.groups[name].items() if pid in before)
            for name, before in self.groups.items()
        }
        rest = later.machine_s - self.machine_s - sum(used.values())
        return {name: seconds / took for name, seconds in {**used, "other": max(0.0, rest)}.items()}

    def kbps(self, later: "Moment") -> float:
        """Kilobits a second over the network from here to `later`."""
        return (later.bytes - self.bytes) * 8000 / (later.at_us - self.at_us)
