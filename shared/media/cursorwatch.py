"""The thread that follows the pointer while somebody looks on: often while it moves, seldom while it rests."""

import logging
import threading
from collections.abc import Callable
from typing import Final

from shared.media.capture.source import CaptureError, Point, PointerSource, View
from shared.media.cursor import CursorMoved, CursorShape

logger = logging.getLogger(__name__)

MOVING_S: Final = 1 / 60
RESTING_S: Final = 1 / 15
_REST_AFTER: Final = 30
"""Looks without a movement after which the pointer counts as resting."""
_JOIN_S: Final = 5.0


class CursorWatch:
    """``source`` is called in the thread; None from it: this system's pointer cannot be followed.

    ``on_change`` is called in the thread: with a shape when it changed or was asked for, with a place when it moved.
    """

    def __init__(
        self,
        source: Callable[[], PointerSource | None],
        on_change: Callable[[CursorMoved | CursorShape], None],
    ) -> None:
        self._open = source
        self._on_change = on_change
        self._wanted = threading.Event()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._view: View | None = None
        self._shape: CursorShape | None = None
        self._last: CursorMoved | None = None

    def follow(self, view: View | None) -> None:
        """Looks at the pointer over what is shared; None: nobody may see it now."""
        self._view = view
        if view is None:
            self._wanted.clear()
            return
        self._last = None
        self._wanted.set()
        if self._thread is None and not self._stopping.is_set():
            self._thread = threading.Thread(target=self._run, name="cursor-watch", daemon=True)
            self._thread.start()

    @property
    def shape(self) -> CursorShape | None:
        """The last shape, for a viewer that joins."""
        return self._shape

    @property
    def place(self) -> CursorMoved | None:
        """The last place, for a viewer that joins."""
        return self._last

    def forbid(self) -> None:
        """The thread ends soon; nothing is reported from here on."""
        self._view = None
        self._stopping.set()
        self._wanted.set()

    def join(self) -> None:
        if self._thread is not None:
            self._thread.join(_JOIN_S)

    def _run(self) -> None:
        try:
            source = self._open()
            if source is None:
                return
            try:
                self._watch(source)
            finally:
                source.close()
        except CaptureError as error:
            logger.info("the pointer cannot be followed: %s", error)

    def _watch(self, source: PointerSource) -> None:
        still = 0
        while not self._stopping.is_set():
            self._wanted.wait()
            view = self._view
            if view is not None:
                still = 0 if self._look(source, view) else still + 1
            self._stopping.wait(MOVING_S if still < _REST_AFTER else RESTING_S)

    def _look(self, source: PointerSource, view: View) -> bool:
        """True when it moved."""
        if (shape := source.new_shape()) is not None:
            self._shape = shape
            self._on_change(shape)
        place = _within(source.position(), view)
        if place == self._last:
            return False
        self._last = place
        self._on_change(place)
        return True


def _within(point: Point, view: View) -> CursorMoved:
    shared = not view.away and any(pane.area.holds(point.x, point.y) for pane in view.panes)
    return CursorMoved(point.x - view.bounds.x, point.y - view.bounds.y, visible=shared)
