"""Hears the person at the customer's machine, and only them: raw XInput2 events of every device but XTEST's own.

Runs in a thread with a connection of its own and needs no window, so Stop works while the window hangs. Remote input
comes from the XTEST devices (`sourceid`), so it can neither stop sharing nor pass for the person's.

Raw events: XI2proto.txt, XIRawEvent. Version 2.2 is asked for, because from 2.1 on raw events come also while another
client has grabbed the device, with the slave device as their source.
"""

import contextlib
import logging
import os
import select
import struct
import threading
from collections.abc import Callable
from typing import Final

from Xlib import display, error
from Xlib.ext import ge, xinput
from Xlib.protocol import event, rq

from shared.control import keysyms as k
from shared.control.injector import ControlFault
from shared.control.leftovers_x11 import remote_devices
from shared.control.watch import Cause
from shared.rules.coordinates import Area

_log = logging.getLogger(__name__)

_RAW: Final = struct.Struct("=HIIH")
"""deviceid, time, detail, sourceid: what follows the event's type in a raw event."""
_MASK: Final = (
    xinput.RawKeyPressMask
    | xinput.RawKeyReleaseMask
    | xinput.RawButtonPressMask
    | xinput.RawButtonReleaseMask
    | xinput.RawMotionMask
)
_HIERARCHY_CHANGED: Final = 11
_TICK_S: Final = 0.25
_WHEEL_BUTTONS: Final = range(4, 8)


class Watch:
    """`on_stop(cause)` at the stop chord or a press inside one of `stop_areas`; `on_local()` at any use of mouse or
    keyboard, and four times a second while something is held down; `on_lost()` when the server has gone. All of them
    in the thread."""

    def __init__(
        self,
        on_stop: Callable[[Cause], None],
        on_local: Callable[[], None],
        on_lost: Callable[[], None],
        name: str | None = None,
    ) -> None:
        self.stop_areas: tuple[Area, ...] = ()
        self._on_stop = on_stop
        self._on_local = on_local
        self._on_lost = on_lost
        self._down: set[tuple[str, int]] = set()
        try:
            self._display = display.Display(name)
            self._listen()
        except (error.DisplayError, error.ConnectionClosedError, OSError) as problem:
            raise ControlFault("control.unavailable", str(problem)) from problem
        self._wake_end, self._sleep_end = os.pipe()
        self._thread = threading.Thread(target=self._run, name="stop-watch", daemon=True)

    def start(self) -> None:
        """Begins to listen in a thread."""
        self._thread.start()

    def close(self) -> None:
        """Ends the thread and the connection. Idempotent."""
        if self._thread.ident is None:
            self._give_back()
        elif self._thread.is_alive():
            os.write(self._sleep_end, b"x")
            self._thread.join(2.0)

    def _listen(self) -> None:
        if not self._display.has_extension(xinput.extname) or not self._display.has_extension(ge.extname):
            self._display.close()
            raise ControlFault("control.unavailable", "no XInput2")
        self._display.set_error_handler(_note_error)
        core = self._display.display
        self._opcode = core.get_extension_major(xinput.extname)
        version = xinput.XIQueryVersion(display=core, opcode=self._opcode, major_version=2, minor_version=2)
        if (version.major_version, version.minor_version) < (2, 1):
            self._display.close()
            raise ControlFault("control.unavailable", "XInput before 2.1")
        self._root = self._display.screen().root
        masks = [(xinput.AllMasterDevices, [_MASK]), (xinput.AllDevices, [xinput.HierarchyChangedMask])]
        xinput.select_events(self._root, masks)
        self._remote = remote_devices(self._display)
        self._read_keys()

    def _read_keys(self) -> None:
        """The key codes of the stop chord under the layout as it is now."""
        self._control = self._codes(k.CONTROL_KEYS)
        self._shift = self._codes(k.SHIFT_KEYS)
        self._f12 = self._codes({k.F12})

    def _codes(self, keysyms: set[int] | frozenset[int]) -> frozenset[int]:
        return frozenset(int(code) for keysym in keysyms for code, _ in self._display.keysym_to_keycodes(keysym))

    def _run(self) -> None:
        try:
            while not self._ended():
                while self._display.pending_events():
                    self._see(self._display.next_event())
                if self._down:
                    self._on_local()
        except (error.ConnectionClosedError, OSError):
            _log.warning("the X server went away from under the stop watch")
            self._on_lost()
        finally:
            self._give_back()

    def _give_back(self) -> None:
        os.close(self._wake_end)
        os.close(self._sleep_end)
        with contextlib.suppress(error.ConnectionClosedError, OSError):
            self._display.close()

    def _ended(self) -> bool:
        """Sleeps until the server says something, or somebody is to be told again that the person holds a key."""
        server = self._display.fileno()
        ready, _, _ = select.select([server, self._wake_end], [], [], _TICK_S if self._down else None)
        return self._wake_end in ready

    def _see(self, message: rq.Event) -> None:
        if isinstance(message, event.MappingNotify):
            self._display.refresh_keyboard_mapping(message)
            self._read_keys()
        elif message.type == ge.GenericEventCode and message.extension == self._opcode:
            if message.evtype == _HIERARCHY_CHANGED:
                self._remote = remote_devices(self._display)
            elif isinstance(message.data, bytes):
                self._see_raw(int(message.evtype), message.data)

    def _see_raw(self, kind: int, data: bytes) -> None:
        _, _, detail, source = _RAW.unpack_from(data)
        if source in self._remote:
            return
        self._on_local()
        match kind:
            case xinput.RawKeyPress:
                self._down.add(("key", detail))
                self._look_for_chord(detail)
            case xinput.RawKeyRelease:
                self._down.discard(("key", detail))
            case xinput.RawButtonPress if detail not in _WHEEL_BUTTONS:
                self._down.add(("button", detail))
                self._look_for_stop_button()
            case xinput.RawButtonRelease:
                self._down.discard(("button", detail))
            case _:
                pass

    def _look_for_chord(self, code: int) -> None:
        keys = {held for kind, held in self._down if kind == "key"}
        if code in self._f12 and keys & self._control and keys & self._shift:
            self._on_stop("key")

    def _look_for_stop_button(self) -> None:
        areas = self.stop_areas
        if areas:
            at = self._root.query_pointer()
            if any(area.holds(int(at.root_x), int(at.root_y)) for area in areas):
                self._on_stop("button")


def _note_error(problem: error.XError, _request: object) -> None:
    _log.info("X error in the stop watch: %s", type(problem).__name__)
