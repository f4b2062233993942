"""The shaped way between the two networks: a TUN device in each, and this program between them.

python -m benchmarks.media.forwarder NAMESPACE, where NAMESPACE is a file like /proc/1/ns/net. Prints `ready`. Each line
of standard input is a new path for both directions; it ends with standard input. UDP, TCP and whatever else there is
suffer alike.
"""

import asyncio
import contextlib
import ctypes
import fcntl
import os
import struct
import sys

from benchmarks.media.shaper import Path, bridge

DEVICE = "shaped"
"""The name of both devices, each in its own network."""
AHEAD = -15
"""A line has no scheduler to wait for; only root may have it so."""

_TUN_SET = 0x400454CA  # TUNSETIFF, linux/if_tun.h
_TUN, _NO_HEADER = 0x0001, 0x1000
_NEW_NET = 0x40000000  # CLONE_NEWNET, linux/sched.h


def write_path(path: Path) -> str:
    """One line for the forwarder."""
    return f"{path.loss} {path.delay_s} {path.rate_bps} {path.queue_s} {path.jitter_s}"


def read_path(line: str) -> Path:
    """What `write_path` wrote. Raises ValueError."""
    loss, delay_s, rate_bps, queue_s, jitter_s = line.split()
    return Path(float(loss), float(delay_s), int(rate_bps), float(queue_s), float(jitter_s))


def open_tun() -> int:
    """A new device in the network of this thread; packets are read and written whole."""
    tun = os.open("/dev/net/tun", os.O_RDWR)
    fcntl.ioctl(tun, _TUN_SET, struct.pack("16sH22x", DEVICE.encode(), _TUN | _NO_HEADER))
    return tun


def move_to(namespace: str) -> None:
    """This thread goes on in another network. Raises OSError."""
    libc = ctypes.CDLL(None, use_errno=True)
    handle = os.open(namespace, os.O_RDONLY)
    try:
        if libc.setns(handle, _NEW_NET):
            raise OSError(ctypes.get_errno(), f"no way into {namespace}")
    finally:
        os.close(handle)


async def forward(near: int, far: int) -> None:
    """Until standard input ends."""
    orders = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(orders), sys.stdin)
    with bridge(near, far, Path()) as (down, up):
        print("ready", flush=True)
        while line := await orders.readline():
            down.path = up.path = read_path(line.decode())


def main() -> None:
    with contextlib.suppress(PermissionError):
        os.nice(AHEAD)
    near = open_tun()
    move_to(sys.argv[1])
    asyncio.run(forward(near, open_tun()))


if __name__ == "__main__":
    main()
