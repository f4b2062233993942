"""Hears the person through pynput's listeners, for Windows (low-level hooks) and macOS (an event tap).

Both systems mark what any program injects, and pynput passes that on: such events are not the person's, whoever sent
them. X11 has no such mark and a watch of its own, which asks the devices. Not run on Windows or macOS by our tests.
"""

import logging
import threading
import time
from collections.abc import Callable
from typing import Final, Protocol

from pynput import keyboard, mouse

from shared.control.injector import ControlFault
from shared.control.watch import Cause
from shared.rules.coordinates import Area

_log = logging.getLogger(__name__)

HELD_S: Final = 10.0
"""So long a held key or button counts as use. Its release may never be heard: Ctrl+Alt+Delete leaves for a desktop
that no listener hears, and what seems held for good would shut remote input out for good."""
_TICK_S: Final = 0.25
_START_S: Final = 3.0
_STOP_S: Final = 2.0
_CONTROL: Final = frozenset({"ctrl", "ctrl_l", "ctrl_r"})
_SHIFT: Final = frozenset({"shift", "shift_l", "shift_r"})

Key = keyboard.Key | keyboard.KeyCode | None


class Ears(Protocol):
    """What a listener tells; `injected` as the system marks it."""

    def pressed(self, key: Key, injected: bool) -> None: ...
    def released(self, key: Key, injected: bool) -> None: ...
    def moved(self, x: float, y: float, injected: bool) -> None: ...
    def clicked(self, x: float, y: float, button: mouse.Button, down: bool, injected: bool) -> None: ...
    def scrolled(self, x: float, y: float, dx: float, dy: float, injected: bool) -> None: ...


class Listener(Protocol):
    """The part of pynput's listeners that is used; each is a thread."""

    def start(self) -> None: ...
    def wait(self) -> None: ...
    def stop(self) -> None: ...
    def join(self, timeout: float | None = None) -> None: ...
    def is_alive(self) -> bool: ...


def native_listeners(ears: Ears) -> tuple[Listener, ...]:
    """Keyboard and mouse of this system."""
    return (
        keyboard.Listener(on_press=ears.pressed, on_release=ears.released),
        mouse.Listener(on_move=ears.moved, on_click=ears.clicked, on_scroll=ears.scrolled),
    )


class PynputWatch:
    """As `watch_x11.Watch`: `on_stop(cause)`, `on_local()`, and `on_lost()` when a listener has ended by itself. All of
    them in threads of the watch, which outlive `close` by no event."""

    def __init__(
        self,
        on_stop: Callable[[Cause], None],
        on_local: Callable[[], None],
        on_lost: Callable[[], None],
        listeners: Callable[[Ears], tuple[Listener, ...]] = native_listeners,
    ) -> None:
        self.stop_areas: tuple[Area, ...] = ()
        self._on_stop, self._on_local, self._on_lost = on_stop, on_local, on_lost
        self._down: dict[str | int, float] = {}
        self._ended = threading.Event()
        self._listeners = listeners(self)
        self._ticker = threading.Thread(target=self._tick, name="stop-watch", daemon=True)

    def start(self) -> None:
        """Begins to listen. Raises ControlFault where the system lets us hear nothing."""
        for listener in self._listeners:
            listener.start()
            if not _hears(listener):
                self.close()
                raise ControlFault("control.unavailable", "no permission to hear mouse and keyboard")
        self._ticker.start()

    def close(self) -> None:
        """Ends the threads; blocks for up to two seconds each. Idempotent. From any thread."""
        self._ended.set()
        for listener in self._listeners:
            listener.stop()
        for thread in (*self._listeners, self._ticker):
            if thread.is_alive() and thread is not threading.current_thread():
                thread.join(_STOP_S)

    def holding(self) -> bool:
        """Whether the person holds a key or button down, as far as that can be known."""
        now_s = time.monotonic()
        return any(now_s - since_s < HELD_S for since_s in tuple(self._down.values()))

    def pressed(self, key: Key, injected: bool) -> None:
        if not self._used(injected):
            return
        name = _name(key)
        self._down[name] = time.monotonic()
        if name == "f12" and self._down.keys() & _CONTROL and self._down.keys() & _SHIFT:
            self._on_stop("key")

    def released(self, key: Key, injected: bool) -> None:
        self._released(_name(key), injected)

    def moved(self, x: float, y: float, injected: bool) -> None:
        self._used(injected)

    def clicked(self, x: float, y: float, button: mouse.Button, down: bool, injected: bool) -> None:
        name = f"button {button.name}"
        if not down:
            self._released(name, injected)
        elif self._used(injected):
            self._down[name] = time.monotonic()
            if any(area.holds(int(x), int(y)) for area in self.stop_areas):
                self._on_stop("button")

    def scrolled(self, x: float, y: float, dx: float, dy: float, injected: bool) -> None:
        self._used(injected)

    def _released(self, name: str | int, injected: bool) -> None:
        if self._used(injected):
            self._down.pop(name, None)

    def _used(self, injected: bool) -> bool:
        """Whether it was the person, who is then heard."""
        if injected or self._ended.is_set():
            return False
        self._on_local()
        return True

    def _tick(self) -> None:
        while not self._ended.wait(_TICK_S):
            if not all(listener.is_alive() for listener in self._listeners):
                _log.warning("a listener of the stop watch has ended")
                self._on_lost()
                return
            if self.holding():
                self._on_local()


def _name(key: Key) -> str | int:
    """The key itself where the system tells it: its character may change with Shift before it comes up."""
    if isinstance(key, keyboard.Key):
        return key.name
    return str(key) if key is None or key.vk is None else key.vk


def _hears(listener: Listener) -> bool:
    """`wait` has no limit of its own, and no end when the listener's thread fails before it is ready."""
    waiting = threading.Thread(target=listener.wait, name="stop-watch start", daemon=True)
    waiting.start()
    waiting.join(_START_S)
    trusted = getattr(listener, "IS_TRUSTED", True)  # macOS: else it runs and hears nothing
    return not waiting.is_alive() and listener.is_alive() and bool(trusted)
