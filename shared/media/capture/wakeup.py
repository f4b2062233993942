"""A pipe that ends a poll from another thread."""

import os
import select
from typing import Final

_DRAIN: Final = 4096


class Wakeup:
    """Sleep in ``wait`` on a file descriptor until it has something to read, or ``set`` is called from anywhere."""

    def __init__(self) -> None:
        self._read, self._write = os.pipe()
        os.set_blocking(self._read, False)
        os.set_blocking(self._write, False)

    def set(self) -> None:
        """Ends the present ``wait``, or the next one. A full pipe or a closed one needs nothing more."""
        try:
            os.write(self._write, b"\0")
        except OSError:
            return

    def wait(self, timeout_s: float, file_number: int | None = None) -> bool:
        """True when woken; False when out of time or ``file_number`` became readable."""
        poll = select.poll()
        poll.register(self._read, select.POLLIN)
        if file_number is not None:
            poll.register(file_number, select.POLLIN)
        woken = any(number == self._read for number, _ in poll.poll(max(0.0, timeout_s) * 1000))
        if woken:
            os.read(self._read, _DRAIN)
        return woken

    def close(self) -> None:
        """Idempotent."""
        for name in ("_read", "_write"):
            number: int = getattr(self, name)
            if number >= 0:
                os.close(number)
                setattr(self, name, -1)
