"""Where the windows of an X server are, kept from its events.

The server tells of every move before it answers a later request, so once the pixels of a grab are here, each place
that a window has had meanwhile is known: no server grab, no question asked twice (docs/adr/ on redaction).
"""

import time
from collections import deque
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import Final

from shared.media.capture.properties_x11 import (
    Kin,
    app_of,
    attributes,
    client_of,
    family,
    kin_of,
    numbers,
    title_of,
)
from shared.media.capture.source import Rect, Window
from shared.media.capture.xlib import (
    CONFIGURE_NOTIFY,
    CREATE_NOTIFY,
    DESTROY_NOTIFY,
    MAP_NOTIFY,
    REPARENT_NOTIFY,
    UNMAP_NOTIFY,
    Display,
    XEvent,
)

COMPOSITOR_LINGER_S: Final = 0.5
"""With a compositing manager the screen shows a window where it was for some frames after it has moved, and fades it
out after it has gone: so long a place stays covered."""
_ASK_COMPOSITOR_S: Final = 2.0
_MAX_LEFT: Final = 512
_MAX_DEPTH: Final = 16
MAX_LISTED: Final = 24
_LEAST_SIDE: Final = 32
_UNLISTED_TYPES: Final = ("_NET_WM_WINDOW_TYPE_DESKTOP", "_NET_WM_WINDOW_TYPE_DOCK")
_VIEWABLE: Final = 2
_INPUT_ONLY: Final = 2


@dataclass(slots=True)
class _Top:
    """A child of the root. ``rect`` spans its border."""

    rect: Rect
    border: int
    mapped: bool
    override: bool
    kin: Kin | None = None


@dataclass(frozen=True, slots=True)
class _Left:
    """A place that a window was at until ``at_s``."""

    at_s: float
    window: int
    rect: Rect
    top: _Top


class WindowTree:
    """The children of the root. Its owner selects SubstructureNotify on the root before and gives it each event."""

    def __init__(self, display: Display, clock: Callable[[], float] = time.monotonic) -> None:
        self._display = display
        self._clock = clock
        self._tops: dict[int, _Top] = {}
        self._top_of: dict[int, int] = {}
        self._left: deque[_Left] = deque(maxlen=_MAX_LEFT)
        self._linger_s = 0.0
        self._asked_at = float("-inf")
        self.changes = 0
        """Counts what could change an answer."""
        for window in family(display, display.root)[1]:
            self._learn(window)

    def note(self, event: XEvent) -> bool:
        """Takes one event; True when it told of a child of the root. What other programs send is not believed."""
        said = event.of_window
        if event.type not in _TOLD or said.send_event or said.event != self._display.root:
            return False
        if said.window == self._display.root:  # the root's own size
            return False
        self.changes += 1
        window = int(said.window)
        match int(event.type):
            case kind if kind == CREATE_NOTIFY:
                self._created(window, event)
            case kind if kind == MAP_NOTIFY:
                self._mapped(window)
            case kind if kind == CONFIGURE_NOTIFY:
                self._configured(window, event)
            case kind if kind == REPARENT_NOTIFY and event.reparent.parent == self._display.root:
                self._forget_links(window)
                self._learn(window)
            case kind if kind == UNMAP_NOTIFY:
                self._unmapped(window)
            case _:
                self._unmapped(window)
                self._tops.pop(window, None)
                self._forget_links(window)
        return True

    def top_of(self, window: int) -> int:
        """The child of the root that holds this window; 0 when it is gone."""
        if window in self._tops:
            return window
        if window not in self._top_of:
            self._top_of[window] = self._walk_up(window)
        return self._top_of[window]

    def place(self, top: int) -> Rect | None:
        """Where a child of the root is, its border with it; None while it is not to be seen."""
        found = self._tops.get(top)
        return found.rect if found is not None and found.mapped else None

    def inner(self, top: int) -> Rect | None:
        """Where it is without its border, mapped or not; None when it is gone."""
        found = self._tops.get(top)
        if found is None:
            return None
        border, rect = found.border, found.rect
        return Rect(rect.x + border, rect.y + border, rect.width - 2 * border, rect.height - 2 * border)

    def hidden(self, windows: Collection[int], since_s: float) -> list[Rect]:
        """Every place that these windows, and what belongs to them, had since ``since_s``."""
        if not windows:
            return []
        tops = {top for window in windows if (top := self.top_of(window))} | set(windows)
        marks = self._marks(tops)
        here = [top.rect for window, top in self._tops.items() if top.mapped and self._is_of(window, top, tops, marks)]
        since_s -= self._linger()
        return here + [
            left.rect for left in self._left if left.at_s >= since_s and self._is_of(left.window, left.top, tops, marks)
        ]

    def next_release_s(self, since_s: float) -> float | None:
        """When a place that was left before ``since_s`` need not be covered any more; None when none waits for it."""
        while self._left and self._left[0].at_s + self._linger_s < since_s:
            self._left.popleft()
        return self._left[0].at_s + self._linger_s if self._left else None

    def listed(self, own: Collection[int]) -> tuple[Window, ...]:
        """The windows that a person would name, the topmost first; none of these processes."""
        clients = self._clients()
        found = (self._window(client, own) for client in reversed(clients))
        return tuple(window for window in found if window is not None)[:MAX_LISTED]

    def _clients(self) -> list[int]:
        for name in ("_NET_CLIENT_LIST_STACKING", "_NET_CLIENT_LIST"):
            if clients := numbers(self._display, self._display.root, name):
                return clients
        return [window for window, top in self._tops.items() if top.mapped and not top.override]

    def _window(self, client: int, own: Collection[int]) -> Window | None:
        rect = self.place(self.top_of(client))
        if rect is None or min(rect.width, rect.height) < _LEAST_SIDE:
            return None
        unlisted = {self._display.atom(name) for name in _UNLISTED_TYPES}
        if unlisted.intersection(numbers(self._display, client, "_NET_WM_WINDOW_TYPE")):
            return None
        if set(numbers(self._display, client, "_NET_WM_PID")).intersection(own):
            return None
        app = app_of(self._display, client)
        return Window(client, title_of(self._display, client) or app, app, rect)

    # What events do

    def _learn(self, window: int) -> None:
        """Asks: for a window whose creation was not heard of."""
        found = attributes(self._display, window)
        if found is not None and found.window_class != _INPUT_ONLY:
            rect = Rect(found.x, found.y, found.width + 2 * found.border, found.height + 2 * found.border)
            mapped = found.map_state == _VIEWABLE
            self._tops[window] = _Top(rect, found.border, mapped, bool(found.override_redirect))

    def _created(self, window: int, event: XEvent) -> None:
        now = event.configure
        self._forget_links(window)
        rect = Rect(now.x, now.y, now.width + 2 * now.border, now.height + 2 * now.border)
        self._tops[window] = _Top(rect, now.border, mapped=False, override=bool(event.created.override_redirect))

    def _mapped(self, window: int) -> None:
        """It shows where the events before have put it: an answer to a question asked now would be of later."""
        self._forget_links(window)
        top = self._tops.get(window)
        if top is None:
            self._learn(window)
        else:
            top.mapped, top.kin = True, None

    def _configured(self, window: int, event: XEvent) -> None:
        top, now = self._tops.get(window), event.configure
        if top is None:
            return
        rect = Rect(now.x, now.y, now.width + 2 * now.border, now.height + 2 * now.border)
        if rect != top.rect:
            if top.mapped:
                self._leave(window, top)
            top.rect, top.border = rect, now.border

    def _unmapped(self, window: int) -> None:
        top = self._tops.get(window)
        if top is not None and top.mapped:
            self._leave(window, top)
            top.mapped = False

    def _leave(self, window: int, top: _Top) -> None:
        self._left.append(_Left(self._clock(), window, top.rect, top))

    def _forget_links(self, window: int) -> None:
        for inner in [inner for inner, top in self._top_of.items() if window in (inner, top)]:
            del self._top_of[inner]

    def _walk_up(self, window: int) -> int:
        for _ in range(_MAX_DEPTH):
            parent, _ = family(self._display, window)
            if parent == self._display.root:
                return window
            if not parent:
                break
            window = parent
        return 0

    # What belongs to what

    def _marks(self, tops: Iterable[int]) -> frozenset[tuple[str, int]]:
        found = (self._kin(window, top) for window in tops if (top := self._tops.get(window)) is not None)
        return frozenset(mark for kin in found for mark in kin.marks)

    def _is_of(self, window: int, top: _Top, tops: Collection[int], marks: frozenset[tuple[str, int]]) -> bool:
        """Itself; a dialog for it, however many deep; a menu or tip of the same program, which no manager frames."""
        if window in tops or (top.kin is None and window not in self._tops):
            return True  # what went before anybody could ask whose it was is taken for the worst
        kin = self._kin(window, top)
        if top.override and kin.marks & marks:
            return True
        owner = kin.transient_for
        for _ in range(_MAX_DEPTH):
            if not owner or owner == self._display.root:
                return False
            above = self.top_of(owner)
            if owner in tops or above in tops:
                return True
            found = self._tops.get(above)
            owner = self._kin(above, found).transient_for if found is not None else 0
        return False

    def _kin(self, window: int, top: _Top) -> Kin:
        if top.kin is None:
            client = window if top.override else client_of(self._display, window)
            top.kin = kin_of(self._display, client)
        return top.kin

    def _linger(self) -> float:
        now = self._clock()
        if now - self._asked_at >= _ASK_COMPOSITOR_S:
            self._asked_at = now
            manager = self._display.atom(f"_NET_WM_CM_S{self._display.screen}")
            owner = self._display.call("XGetSelectionOwner", manager)
            self._linger_s = COMPOSITOR_LINGER_S if owner else 0.0
        return self._linger_s


_TOLD: Final = frozenset({CREATE_NOTIFY, DESTROY_NOTIFY, UNMAP_NOTIFY, MAP_NOTIFY, REPARENT_NOTIFY, CONFIGURE_NOTIFY})
