"""A small disk of a test's own that can be filled: a tmpfs in a mount namespace that a keeper holds open.

The relay is started inside; the test reaches it through `/proc/KEEPER/root`. Where no namespace may be
made (a container without the right to mount), the relay's own files are kept from growing instead (`RLIMIT_FSIZE`).
"""

import os
import subprocess
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Protocol

from tests.crash.nemesis import empty_disk, fill_disk
from tests.crash.process import RelayProcess

SIZE_MIB = 24
_HOLD = 'mount -t tmpfs -o size={size}m none "$1" && echo ready && exec cat'


class Disk(Protocol):
    """Where a town's data are."""

    @property
    def room(self) -> Path:
        """An empty directory on it."""
        ...

    @property
    def prefix(self) -> tuple[str, ...]:
        """Before a command that is to see it."""
        ...

    def fill(self, process: RelayProcess) -> None:
        """Not one byte more."""
        ...

    def empty(self, process: RelayProcess) -> None:
        """Room again."""
        ...


class _Tmpfs:
    def __init__(self, room: Path, prefix: tuple[str, ...]) -> None:
        self.room, self.prefix = room, prefix
        self._filler = room / "filler"

    def fill(self, process: RelayProcess) -> None:
        del process
        with suppress(OSError), self._filler.open("ab", buffering=0) as filler:
            while True:
                filler.write(bytes(4096))

    def empty(self, process: RelayProcess) -> None:
        del process
        self._filler.unlink()


class _Limited:
    prefix: tuple[str, ...] = ()

    def __init__(self, room: Path) -> None:
        self.room = room

    def fill(self, process: RelayProcess) -> None:
        fill_disk(process)

    def empty(self, process: RelayProcess) -> None:
        empty_disk(process)


@contextmanager
def small_disk(beside: Path) -> Generator[Disk]:
    """A disk for one test; `beside` is an empty directory on a large one."""
    ours = () if os.geteuid() == 0 else ("-U", "--preserve-credentials")
    command = [
        "unshare",
        "-m" if os.geteuid() == 0 else "-rm",
        "sh",
        "-c",
        _HOLD.format(size=SIZE_MIB),
        "sh",
        str(beside),
    ]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as keeper:
        assert keeper.stdout is not None
        mounted = keeper.stdout.readline() == b"ready\n"
        try:
            inside = ("nsenter", "-t", str(keeper.pid), "-m", *ours, "--")
            yield _Tmpfs(Path(f"/proc/{keeper.pid}/root{beside}"), inside) if mounted else _Limited(beside)
        finally:
            keeper.kill()
