"""Sees on X11 that the screen is locked or blanked, or that a prompt for more rights is up.

Three signs are put together: the server's screen saver (MIT-SCREEN-SAVER), the class of a window that appears on the
root or in a window manager's frame there, and logind's LockedHint, which desktops that draw their own lock set.
"""

import contextlib
import logging
import os
import select
import threading
from collections.abc import Callable
from typing import Final

from Xlib import X, display, error
from Xlib.ext import screensaver
from Xlib.protocol import event, rq
from Xlib.xobject.drawable import Window

from shared.control.guard import Guarded, kind_of
from shared.control.injector import ControlFault
from shared.control.lockedhint import LockedHint

_log = logging.getLogger(__name__)
_LOOK_S: Final = 1.0
"""How often logind is asked; the server tells by itself."""
_DEPTH: Final = 3
_MAX_CHILDREN: Final = 16


class Guard:
    """`on_change(guarded)` at the start, if there is something, and at every change; in the guard's thread."""

    def __init__(self, on_change: Callable[[Guarded], None], name: str | None = None) -> None:
        self._on_change = on_change
        self._told: Guarded = ""
        self._up: dict[int, Guarded] = {}
        self._blanked = False
        self._saver_event = -1
        self._hint = LockedHint()
        try:
            self._display = display.Display(name)
            self._listen()
        except (error.DisplayError, error.ConnectionClosedError, OSError) as problem:
            raise ControlFault("control.unavailable", str(problem)) from problem
        self._wake_end, self._sleep_end = os.pipe()
        self._thread = threading.Thread(target=self._run, name="guard", daemon=True)

    def start(self) -> None:
        """Looks once, then begins to listen in a thread."""
        for window in self._root.query_tree().children:
            self._came(window)
        self._tell()
        self._thread.start()

    def close(self) -> None:
        """Ends the thread and the connection. Idempotent."""
        if self._thread.ident is None:
            self._give_back()
        elif self._thread.is_alive():
            os.write(self._sleep_end, b"x")
            self._thread.join(2.0)

    def _listen(self) -> None:
        self._display.set_error_handler(_note_error)
        self._root = self._display.screen().root
        self._root.change_attributes(event_mask=X.SubstructureNotifyMask)
        if saver := self._display.query_extension(screensaver.extname):
            self._saver_event = saver.first_event
            screensaver.select_input(self._root, screensaver.NotifyMask)
            self._blanked = screensaver.query_info(self._root).state == screensaver.StateOn
        self._display.sync()

    def _run(self) -> None:
        try:
            while not self._ended():
                while self._display.pending_events():
                    self._see(self._display.next_event())
                self._tell()
        except (error.ConnectionClosedError, OSError):
            _log.info("the X server went away from under the guard")
        finally:
            self._give_back()

    def _ended(self) -> bool:
        ready, _, _ = select.select([self._display.fileno(), self._wake_end], [], [], _LOOK_S)
        return self._wake_end in ready

    def _give_back(self) -> None:
        os.close(self._wake_end)
        os.close(self._sleep_end)
        self._hint.close()
        with contextlib.suppress(error.ConnectionClosedError, OSError):
            self._display.close()

    def _see(self, message: rq.Event) -> None:
        match message:
            case event.MapNotify():
                self._came(message.window)
            case event.UnmapNotify() | event.DestroyNotify():
                self._up.pop(message.window.id, None)
            case _ if message.type == self._saver_event:  # python-xlib makes a class of its own for each display
                self._blanked = message.state == screensaver.StateOn
            case _:
                pass

    def _came(self, window: Window) -> None:
        if guarded := self._look(window, _DEPTH):
            self._up[window.id] = guarded

    def _look(self, window: Window, depth: int) -> Guarded:
        """What a window is, or what a window manager has put into it."""
        try:
            if depth == _DEPTH and window.get_attributes().map_state != X.IsViewable:
                return ""
            if guarded := kind_of(window.get_wm_class() or ()):
                return guarded
            if depth == 0:
                return ""
            for child in window.query_tree().children[:_MAX_CHILDREN]:
                if guarded := self._look(child, depth - 1):
                    return guarded
        except (error.BadWindow, error.BadDrawable):
            pass  # gone already
        return ""

    def _tell(self) -> None:
        locked = self._blanked or "locked" in self._up.values() or self._hint.locked()
        now: Guarded = "locked" if locked else "prompt" if self._up else ""
        if now != self._told:
            self._told = now
            self._on_change(now)


def _note_error(problem: error.XError, _request: object) -> None:
    _log.info("X error in the guard: %s", type(problem).__name__)
