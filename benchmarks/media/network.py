"""A network of the bench's own, so that what passes over loopback is its traffic and nobody else's."""

import fcntl
import os
import shutil
import socket
import struct
import subprocess
import sys

INSIDE = "THREELINE_BENCH_NETWORK"
ADDRESS = "10.77.0.1"
"""On `lo` beside 127.0.0.1, which ICE leaves out."""

_SET_ADDRESS, _GET_FLAGS, _SET_FLAGS = 0x8916, 0x8913, 0x8914  # linux/sockios.h
_UP = 1


def enter() -> int | None:
    """Runs this program again in a network namespace, if this machine lets us; its exit code. None: go on here."""
    if is_alone():
        _raise_loopback()
        return None
    unshare = shutil.which("unshare")
    ways = ["--net"] if os.geteuid() == 0 else ["--net", "--map-root-user"]
    if unshare is None or subprocess.run([unshare, *ways, "true"], check=False, stderr=subprocess.DEVNULL).returncode:
        return None
    command = [unshare, *ways, sys.executable, "-m", "benchmarks.media", *sys.argv[1:]]
    return subprocess.run(command, env={**os.environ, INSIDE: "1"}, check=False).returncode


def is_alone() -> bool:
    """Whether the network is the bench's own."""
    return INSIDE in os.environ


def _raise_loopback() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        name = struct.pack("16sH", b"lo", 0)
        flags = struct.unpack("16sH", fcntl.ioctl(any_socket, _GET_FLAGS, name))[1]
        fcntl.ioctl(any_socket, _SET_FLAGS, struct.pack("16sH", b"lo", flags | _UP))
        address = struct.pack("16sHH4s8x", b"lo:1", socket.AF_INET, 0, socket.inet_aton(ADDRESS))
        fcntl.ioctl(any_socket, _SET_ADDRESS, address)
