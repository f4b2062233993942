"""Sees the lock screen, the screen saver and prompts for a password on macOS, by asking four times a second.

Not run on macOS by our tests. What cannot be asked counts as locked.
"""

import logging
import sys
import threading
from collections.abc import Callable
from typing import Final

from shared.control.guard import Guarded

_log = logging.getLogger(__name__)

_TICK_S: Final = 0.25
_LOCKERS: Final = frozenset({"loginwindow", "ScreenSaverEngine"})
_PROMPTS: Final = frozenset({"SecurityAgent", "coreautha", "universalAccessAuthWarn"})
"""The programs whose windows those are."""


class MacGuard:
    """`on_change(guarded)` at the start where something is up, and at every change; in a thread of its own."""

    def __init__(self, on_change: Callable[[Guarded], None], look: Callable[[], Guarded] | None = None) -> None:
        self._on_change, self._look = on_change, look or look_around
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="guard", daemon=True)

    def start(self) -> None:
        """Begins to look."""
        self._thread.start()

    def close(self) -> None:
        """Ends. Idempotent."""
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join(2.0)

    def _run(self) -> None:
        told: Guarded = ""
        while True:
            now = self._seen()
            if now != told:
                told = now
                self._on_change(told)
            if self._ended.wait(_TICK_S):
                return

    def _seen(self) -> Guarded:
        try:
            return self._look()
        except Exception:  # whatever the bridge to the system raises: a guard that died would let everything in
            _log.exception("the screen's state cannot be asked for")
            return "locked"


def kind_of(locked: bool, owners: frozenset[str]) -> Guarded:
    """`owners`: the programs with a window on the screen."""
    if locked or owners & _LOCKERS:
        return "locked"
    return "prompt" if owners & _PROMPTS else ""


def look_around() -> Guarded:
    """What macOS says now."""
    if sys.platform == "darwin":
        import Quartz

        session = Quartz.CGSessionCopyCurrentDictionary()
        if session is None:
            return "locked"  # not at the screen at all
        windows = Quartz.CGWindowListCopyWindowInfo(Quartz.kCGWindowListOptionOnScreenOnly, Quartz.kCGNullWindowID)
        owners = frozenset(str(window.get("kCGWindowOwnerName", "")) for window in windows)
        return kind_of(bool(session.get("CGSSessionScreenIsLocked", False)), owners)
    return "locked"
