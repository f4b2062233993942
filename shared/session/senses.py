"""What the customer's session process perceives of the machine by itself, without the window: the person's own input,
the stop key and button, a lock screen."""

import logging
from collections.abc import Callable

from shared.control.guard import Guarded, Guarding
from shared.control.injector import ControlFault
from shared.control.watch import Cause, StopWatching
from shared.rules.coordinates import Area

_log = logging.getLogger(__name__)

OpenWatch = Callable[[Callable[[Cause], None], Callable[[], None], Callable[[], None]], StopWatching]
OpenGuard = Callable[[Callable[[Guarded], None]], Guarding | None]


class Senses:
    """Calls back in threads of its own."""

    def __init__(self, open_watch: OpenWatch, open_guard: OpenGuard) -> None:
        self._open_watch, self._open_guard = open_watch, open_guard
        self._watch: StopWatching | None = None
        self._guard: Guarding | None = None

    def open(
        self,
        on_stop: Callable[[Cause], None],
        on_local: Callable[[], None],
        on_lost: Callable[[], None],
        on_guarded: Callable[[Guarded], None],
    ) -> bool:
        """Whether the person is heard; without that nobody may move their mouse."""
        try:
            watch = self._open_watch(on_stop, on_local, on_lost)
            watch.start()
            self._watch = watch
            self._guard = self._open_guard(on_guarded)
            if self._guard is not None:
                self._guard.start()
        except ControlFault as fault:
            _log.warning("the person here cannot be heard: %s", fault)
        return self._watch is not None

    def set_stop_areas(self, areas: tuple[Area, ...]) -> None:
        """Where the Stop button is now."""
        if self._watch is not None:
            self._watch.stop_areas = areas

    def close(self) -> None:
        """Ends both; blocks for a moment. Idempotent."""
        for sense in (self._watch, self._guard):
            if sense is not None:
                sense.close()
