"""What is shared and what stays hidden, in the customer's session process: tells it to picture, gate and stop watch."""

from collections.abc import Callable

from shared.control.gate import Protected
from shared.control.landing import Landing
from shared.media.capture.source import View
from shared.media.sharer import Sharer
from shared.rules.sharing import Ground, Hidden, HiddenWindow, Share, SharedWindow
from shared.session.outlet import Outlet
from shared.session.scene_messages import Hide, ProtectWindows, ShareChanged
from shared.session.senses import Senses


class Scene:
    """In the loop's thread. `place_changed` is called when what is shared lies elsewhere or is another."""

    def __init__(self, landing: Landing, senses: Senses, outlet: Outlet, place_changed: Callable[[], None]) -> None:
        self._landing, self._senses, self._outlet, self._place_changed = landing, senses, outlet, place_changed
        self._sharer: Sharer | None = None
        self._protected = ProtectWindows(windows=())
        self._wished = Hide()
        self._share: Share | None = None
        self.ground: Ground | None = None
        """Where the picture lies on the screen; None while nothing is shown."""

    @property
    def hidden(self) -> Hidden:
        """Our own windows, and all that the customer wants blank."""
        ours = tuple(HiddenWindow(window.window_id, window.area) for window in self._protected.windows)
        theirs = tuple(HiddenWindow(window) for window in self._wished.windows)
        return Hidden((*ours, *theirs), self._wished.areas)

    @property
    def share(self) -> Share | None:
        """What the customer chose last."""
        return self._share

    def begin(self, share: Share, sharer: Sharer) -> None:
        """Sharing starts."""
        self._share, self._sharer = share, sharer
        self._apply()

    def choose(self, share: Share) -> None:
        """Something else from now on; no input lands until it is known where it lies."""
        if self._sharer is not None:
            self._share = share
            self._set_ground(None)
            self._sharer.choose(share)

    def protect(self, order: ProtectWindows) -> None:
        """Our windows are here now."""
        self._protected = order
        self._apply()

    def hide(self, order: Hide) -> None:
        """The customer wants this blank."""
        self._wished = order
        self._apply()

    def lies(self, view: View) -> None:
        """The picture shows this now."""
        window = self._share.id if isinstance(self._share, SharedWindow) else 0
        self._set_ground(None if view.away else Ground(view.bounds, tuple(pane.area for pane in view.panes), window))
        self._outlet.send_latest(ShareChanged(panes=view.panes, window=bool(window), away=view.away))

    def gone(self, code: str) -> None:
        """What was shared is not there any more."""
        self._set_ground(None)
        self._outlet.send_latest(ShareChanged(panes=(), window=isinstance(self._share, SharedWindow), fault=code))

    def _set_ground(self, ground: Ground | None) -> None:
        self.ground = ground
        self._landing.set_ground(ground)
        self._place_changed()

    def _apply(self) -> None:
        windows, wished = self._protected.windows, self._wished
        self._landing.set_protected(
            Protected(
                areas=(*(window.area for window in windows), *wished.areas),
                windows=frozenset(window.window_id for window in windows) | set(wished.windows),
                hidden=frozenset(wished.windows),
            )
        )
        self._senses.set_stop_areas(self._protected.stops)
        if self._sharer is not None:
            self._sharer.hide(self.hidden)
