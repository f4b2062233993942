"""Which way input goes on this system. Imports are late: opening a backend needs its display."""

import os
import sys
from collections.abc import Callable
from typing import Final

from shared.control.guard import Guarded, Guarding
from shared.control.injector import ControlFault, Injector
from shared.control.watch import Cause, StopWatching

_PORTABLE: Final = sys.platform in ("win32", "darwin")
"""Where pynput is the way. Everything else is X11 or nothing."""


def open_injector() -> Injector:
    """For the gate, which alone may call it. Raises ControlFault where this system takes no input from us."""
    if _PORTABLE:
        from shared.control.inject_pynput import PynputInjector

        return PynputInjector()
    _require_x11()
    from shared.control.inject_x11 import X11Injector

    return X11Injector()


def let_go_of_leftovers() -> None:
    """What a session process that was killed may have left down comes up. Raises ControlFault."""
    if sys.platform == "linux":
        _require_x11()
        from shared.control import inject_x11

        inject_x11.let_go_of_leftovers()


def open_watch(
    on_stop: Callable[[Cause], None], on_local: Callable[[], None], on_lost: Callable[[], None]
) -> StopWatching:
    """Hears the person at this machine. Raises ControlFault where that is not possible."""
    if _PORTABLE:
        from shared.control.watch_pynput import PynputWatch

        return PynputWatch(on_stop, on_local, on_lost)
    _require_x11()
    from shared.control.watch_x11 import Watch

    return Watch(on_stop, on_local, on_lost)


def open_guard(on_change: Callable[[Guarded], None]) -> Guarding | None:
    """Sees a lock screen or a prompt for more rights. None where the system itself keeps input away from both.

    Raises ControlFault.
    """
    if sys.platform == "win32":
        return None  # both are on a desktop of their own, which no input of an ordinary program reaches
    if sys.platform == "darwin":
        from shared.control.guard_mac import MacGuard

        return MacGuard(on_change)
    _require_x11()
    from shared.control.guard_x11 import Guard

    return Guard(on_change)


def _require_x11() -> None:
    """XWayland takes XTEST for its own windows only and hears nothing else: half a control is none."""
    if not os.environ.get("DISPLAY"):
        raise ControlFault("control.unavailable", "no X11 display")
    if os.environ.get("XDG_SESSION_TYPE") == "wayland" or os.environ.get("WAYLAND_DISPLAY"):
        raise ControlFault("control.unavailable", "Wayland")
