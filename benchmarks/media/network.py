"""A network of the bench's own, so that what passes over loopback is its traffic and nobody else's.

X servers choose their numbers by the abstract sockets of their network, and put sockets into one folder besides. So
the folder is the bench's own too: otherwise servers in here and out there would take each other's places in it.
"""

import ctypes
import fcntl
import os
import shutil
import socket
import struct
import subprocess
import sys
from pathlib import Path

INSIDE = "THREELINE_BENCH_NETWORK"
ADDRESS = "10.77.0.1"
"""On `lo` beside 127.0.0.1, which ICE leaves out."""
X_SOCKETS = Path("/", "tmp", ".X11-unix")

_SET_ADDRESS, _GET_FLAGS, _SET_FLAGS = 0x8916, 0x8913, 0x8914  # linux/sockios.h
_UP = 1


def enter() -> int | None:
    """Runs this program again in a network namespace, if this machine lets us; its exit code. None: go on here."""
    if is_alone():
        _raise_loopback()
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


def _hide_screens() -> None:
    """An empty folder over that of everybody's X sockets, seen in here only."""
    X_SOCKETS.mkdir(mode=0o1777, exist_ok=True)
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.mount(b"none", bytes(X_SOCKETS), b"tmpfs", 0, b"mode=1777"):
        raise OSError(ctypes.get_errno(), "no folder of our own for X sockets")


def _raise_loopback() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        name = struct.pack("16sH", b"lo", 0)
        flags = struct.unpack("16sH", fcntl.ioctl(any_socket, _GET_FLAGS, name))[1]
        fcntl.ioctl(any_socket, _SET_FLAGS, struct.pack("16sH", b"lo", flags | _UP))
        address = struct.pack("16sHH4s8x", b"lo:1", socket.AF_INET, 0, socket.inet_aton(ADDRESS))
        fcntl.ioctl(any_socket, _SET_ADDRESS, address)
