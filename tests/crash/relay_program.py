"""The relay's own program with a wall clock that a test can turn: `relay_program.py OFFSET_FILE ARGUMENTS...`.

The first eight bytes of the file are what is added to the time, in nanoseconds. Monotonic time goes on as ever, as it
does when a machine's clock is set.
"""

import mmap
import struct
import sys
import time
from pathlib import Path


def turn_clock(file: Path, seconds: float) -> None:
    """Sets the relay's wall clock off by so much, at once."""
    with file.open("r+b") as opened:
        opened.write(struct.pack("q", round(seconds * 1e9)))


def new_clock(file: Path) -> None:
    """A clock that goes right."""
    file.write_bytes(struct.pack("q", 0))


def _follow(file: Path) -> None:
    with file.open("rb") as opened:
        offset = mmap.mmap(opened.fileno(), 8, access=mmap.ACCESS_READ)
    real_ns = time.time_ns

    def time_ns() -> int:
        return real_ns() + struct.unpack("q", offset[:8])[0]

    time.time_ns = time_ns
    time.time = lambda: time_ns() / 1e9


if __name__ == "__main__":
    _follow(Path(sys.argv[1]))
    from relay_server.__main__ import main

    sys.exit(main(sys.argv[2:]))
