"""What a session process that was killed has left down comes up at once, whoever killed it, whatever the window does.

A child, forked before anything is loaded, shares the parent's memory, holds one end of a pipe and waits for its end.
Linux only: there a fork this early is safe, and there input outlives the process that injected it.
"""

import logging
import os
import signal
import sys
from collections.abc import Callable, Sequence

_log = logging.getLogger(__name__)
_GOODBYE = b"."


class Aftercare:
    """The parent's end of the pipe."""

    def __init__(self, write_end: int, pid: int) -> None:
        self._write_end, self._pid = write_end, pid

    def dismiss(self) -> None:
        """Everything is put away: the child goes without doing anything."""
        try:
            os.write(self._write_end, _GOODBYE)
        except BrokenPipeError:
            _log.warning("nobody was left to look after our end")
        os.close(self._write_end)
        os.waitpid(self._pid, 0)


def watch_over(clean: Callable[[], None], inherited: Sequence[int]) -> Aftercare | None:
    """Call it while there is one thread. `clean` runs in the child if we end without `dismiss`.

    `inherited`: descriptors that the child must not keep open, for others wait for their end. None: not on this system.
    """
    if sys.platform != "linux":
        return None
    read_end, write_end = os.pipe()
    pid = os.fork()
    if pid:
        os.close(read_end)
        return Aftercare(write_end, pid)
    try:
        os.setsid()  # a kill of the whole group is what we are here for
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        for descriptor in (write_end, *inherited):
            os.close(descriptor)
        if not os.read(read_end, 1):
            clean()
    finally:
        os._exit(0)
