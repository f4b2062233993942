"""A session process in a network namespace of its own: joins the one of the process `TEST_NETWORK_OF`, then is one."""

import ctypes
import os
import sys

from shared.session.main import run


def enter(pid: str) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    for kind in ("net",) if os.geteuid() == 0 else ("user", "net"):
        descriptor = os.open(f"/proc/{pid}/ns/{kind}", os.O_RDONLY)
        if libc.setns(descriptor, 0):
            raise OSError(ctypes.get_errno(), f"no way into the {kind} namespace of {pid}")
        os.close(descriptor)


if __name__ == "__main__":
    enter(os.environ["TEST_NETWORK_OF"])
    sys.exit(run(sys.argv[2:]))
