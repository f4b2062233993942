"""Whether the keyboard is ours on Windows and macOS. Not run there by our tests; in doubt it is, and no key lands."""

import ctypes
import os
import sys

from shared.control.injector import ControlFault

_GA_ROOT = 2


def in_front(windows: frozenset[int]) -> bool:
    """Whether the keyboard goes to one of these windows. Raises ControlFault where nobody can tell.

    macOS tells the program only: there all our windows count, which are those of the process that started this one.
    """
    if sys.platform == "win32":
        user32 = ctypes.windll.user32
        return int(user32.GetAncestor(user32.GetForegroundWindow(), _GA_ROOT)) in windows
    if sys.platform == "darwin":
        import HIServices

        everything = HIServices.AXUIElementCreateSystemWide()
        fault, program = HIServices.AXUIElementCopyAttributeValue(everything, "AXFocusedApplication", None)
        if fault:
            return True
        fault, pid = HIServices.AXUIElementGetPid(program, None)
        return bool(fault) or int(pid) in (os.getpid(), os.getppid())
    raise ControlFault("control.unavailable", "the focus cannot be asked for here")
