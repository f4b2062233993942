"""Networks of the bench's own: the customer's, in which the bench runs, and the engineer's, with one link between them.

The link is a pair of virtual Ethernet devices, and while it has a shape the way leads through our forwarder instead.
Addresses stay, so nobody's connection does more than notice. What passes is counted there, and is nobody else's.

X servers choose their numbers by the abstract sockets of their network, and put sockets into one folder besides. So
they all run in the customer's network, programs of both reach them by the folder, and that is the bench's own too.
"""

import ctypes
import os
import shutil
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.media import shaper
from benchmarks.media.forwarder import DEVICE, write_path
from tests.e2e.driver.processes import Program, Programs
from tests.e2e.driver.relay import ROOT, plain_environment
from tests.e2e.driver.waiting import wait_for

INSIDE = "THREELINE_BENCH_NETWORK"
CUSTOMER, ENGINEER = "10.77.0.1", "10.77.0.2"
CABLE = "cable"
"""The name of both ends of the pair, each in its own network."""
X_SOCKETS = Path("/", "tmp", ".X11-unix")


def enter() -> int | None:
    """Runs this program again in networks of its own, if this machine lets us; its exit code. None: go on here."""
    if is_alone():
        _hide_screens()
        return None
    unshare = shutil.which("unshare")
    ways = ["--net", "--mount"] if os.geteuid() == 0 else ["--net", "--mount", "--map-root-user"]
    if unshare is None or subprocess.run([unshare, *ways, "true"], check=False, stderr=subprocess.DEVNULL).returncode:
        return None
    command = [unshare, *ways, sys.executable, "-m", "benchmarks.media", *sys.argv[1:]]
    return subprocess.run(command, env={**os.environ, INSIDE: "1"}, check=False).returncode


def is_alone() -> bool:
    """Whether the network is the bench's own."""
    return INSIDE in os.environ


@dataclass(frozen=True)
class Network:
    """Where the two ends are. `far` is a process in the engineer's network; without one both share one network."""

    far: Program | None = None
    forwarder: Program | None = None

    @property
    def customer(self) -> str:
        """The customer's address."""
        return CUSTOMER if self.far else "127.0.0.1"

    @property
    def engineer(self) -> str:
        """The engineer's address."""
        return ENGINEER if self.far else "127.0.0.1"

    @property
    def over_there(self) -> tuple[str, ...]:
        """What a command begins with to run in the engineer's network."""
        return ("nsenter", f"--net={_namespace(self.far)}", "--") if self.far else ()

    def set_path(self, path: shaper.Path) -> None:
        """From now on packets between the two suffer this, in both directions. Raises OSError when they cannot."""
        if self.forwarder is None:
            if path != shaper.Path():
                raise OSError("no networks of our own here, so there is none to be made worse")
            return
        self.forwarder.send_line(write_path(path))
        device = CABLE if path == shaper.Path() else DEVICE
        _ip("route", "replace", ENGINEER, "dev", device, "src", CUSTOMER)
        _ip("route", "replace", CUSTOMER, "dev", device, "src", ENGINEER, before=self.over_there)

    def bytes(self) -> int:
        """What has passed between the two so far, both directions, headers included."""
        devices = (CABLE, DEVICE) if self.far else ("lo",)
        return count_bytes(Path("/proc/net/dev").read_text("ascii"), devices)


@contextmanager
def open_network(room: Path) -> Generator[Network]:
    """Both networks and the link, for as long as the block lasts."""
    if not is_alone():
        yield Network()
        return
    with Programs(room) as programs:
        far = programs.start("far", ["unshare", "--net", "sleep", "infinity"], env=plain_environment(room))
        wait_for(lambda: _is_elsewhere(far), "the engineer's network")
        words = [sys.executable, "-m", "benchmarks.media.forwarder", _namespace(far)]
        forwarder = programs.start("forwarder", words, env=plain_environment(room), cwd=ROOT, talk=True)
        forwarder.wait_output("ready")
        network = Network(far, forwarder)
        try:
            _connect(network, far.pid)
            network.set_path(shaper.Path())
            yield network
        finally:
            _ip("link", "delete", CABLE)  # otherwise it goes some time after the other network has


def count_bytes(table: str, devices: tuple[str, ...]) -> int:
    """Bytes received and, except on `lo`, sent, by /proc/net/dev."""
    total = 0
    for line in table.splitlines():
        name, _, counts = line.partition(":")
        if name.strip() in devices:
            fields = counts.split()
            total += int(fields[0]) + (0 if name.strip() == "lo" else int(fields[8]))
    return total


def _connect(network: Network, far: int) -> None:
    _ip("link", "add", CABLE, "type", "veth", "peer", "name", CABLE, "netns", str(far))
    for address, before in ((CUSTOMER, ()), (ENGINEER, network.over_there)):
        _ip("link", "set", "lo", "up", before=before)
        for device in (CABLE, DEVICE):
            _ip("link", "set", device, "addrgenmode", "none", before=before)
            _ip("link", "set", device, "up", before=before)
        _ip("address", "add", f"{address}/32", "dev", CABLE, before=before)
        _ip("route", "add", "default", "dev", CABLE, before=before)  # browsers offer the address that it starts at


def _ip(*words: str, before: tuple[str, ...] = ()) -> None:
    subprocess.run([*before, "ip", *words], check=True, timeout=10)


def _namespace(program: Program | None) -> str:
    assert program is not None
    return f"/proc/{program.pid}/ns/net"


def _is_elsewhere(program: Program) -> bool:
    return os.readlink(_namespace(program)) != os.readlink("/proc/self/ns/net")


def _hide_screens() -> None:
    """An empty folder over that of everybody's X sockets, seen in here only."""
    X_SOCKETS.mkdir(mode=0o1777, exist_ok=True)
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.mount(b"none", bytes(X_SOCKETS), b"tmpfs", 0, b"mode=1777"):
        raise OSError(ctypes.get_errno(), "no folder of our own for X sockets")
