"""How the process uses the interpreter and the allocator, set once at the start."""

import ctypes
import gc
import logging
import sys
from typing import Final

_SWITCH_S: Final = 0.0005
"""The writer's thread asks for the interpreter after each statement; Python's own 5 ms would be its whole time."""
_YOUNG: Final = 20_000
"""Objects between two looks for cycles: a commit makes thousands that no cycle holds."""
_M_MMAP_THRESHOLD: Final = -3
_MAPPED_BYTES: Final = 4 * 1024 * 1024
"""Larger blocks (Argon2's 19 MiB) go back to the system when they are freed. glibc by itself learns to keep them."""
_log = logging.getLogger(__name__)


def tune() -> None:
    """Before the services are built."""
    sys.setswitchinterval(_SWITCH_S)
    gc.set_threshold(_YOUNG, 20, 50)
    try:
        ctypes.CDLL(None).mallopt(_M_MMAP_THRESHOLD, _MAPPED_BYTES)
    except (AttributeError, OSError):  # another C library, or Windows
        _log.debug("no mallopt here")


def settle() -> None:
    """Once everything that lives as long as the process is there: cycles are not looked for in it again."""
    gc.collect()
    gc.freeze()
