"""Where the pixels of a share come from on X11: the root window, or the one window's own pixmap (COMPOSITE)."""

import ctypes
from collections.abc import Collection
from typing import Final, Protocol

from shared.media.capture.shm_x11 import ShmPicture
from shared.media.capture.source import CaptureError, Rect, View
from shared.media.capture.windows_x11 import WindowTree
from shared.media.capture.xlib import DAMAGE_NON_EMPTY, Display
from shared.rules.sharing import MAX_PICTURE_HEIGHT, MAX_PICTURE_WIDTH, Pane, SharedWindow

_AUTOMATIC: Final = 0


class Feed(Protocol):
    """Pixels and damage of one share."""

    def fetch(self, picture: ShmPicture, view: View, top: int, bottom: int) -> bool:
        """Brings these rows of the picture; False when the server refused."""
        ...

    def damaged(self, view: View) -> list[Rect]:
        """What has changed since the last call, in picture coordinates; may reach beyond the picture."""
        ...

    def close(self) -> None:
        """Gives everything back."""
        ...


class Damage:
    """The damage of one drawable, emptied at each look."""

    def __init__(self, display: Display, drawable: int) -> None:
        self._display = display
        self._damage = display.call("XDamageCreate", drawable, DAMAGE_NON_EMPTY)
        self._region = display.call("XFixesCreateRegion", None, 0)

    def take(self) -> list[Rect]:
        """What has changed since the last call, in the drawable's coordinates."""
        display = self._display
        display.call("XDamageSubtract", self._damage, 0, self._region)
        count = ctypes.c_int()
        pointer = display.call("XFixesFetchRegion", self._region, ctypes.byref(count))
        if not pointer:
            return []
        try:
            return [Rect(r.x, r.y, r.width, r.height) for r in pointer[: count.value]]
        finally:
            display.x["XFree"](pointer)

    def close(self) -> None:
        self._display.call("XFixesDestroyRegion", self._region)
        self._display.call("XDamageDestroy", self._damage)


class ScreenFeed:
    """The root window: everything that is on the screen."""

    def __init__(self, display: Display) -> None:
        self._display = display
        self._damage = Damage(display, display.root)
        if display.settle():
            raise CaptureError("capture.refused", "no damage reports")

    def fetch(self, picture: ShmPicture, view: View, top: int, bottom: int) -> bool:
        return picture.fetch(self._display.root, view.bounds.x, view.bounds.y, top, bottom)

    def damaged(self, view: View) -> list[Rect]:
        return [rect.moved(-view.bounds.x, -view.bounds.y) for rect in self._damage.take()]

    def close(self) -> None:
        self._damage.close()


class WindowFeed:
    """One window's own pixels, also where others lie over it. Raises CaptureError(``capture.window_gone``)."""

    def __init__(self, display: Display, tree: WindowTree, share: SharedWindow, name: str) -> None:
        if "XCompositeQueryExtension" not in display.x or not display.has_extension("XCompositeQueryExtension")[0]:
            raise CaptureError("capture.no_windows", "COMPOSITE is missing")
        self._display, self._tree = display, tree
        self._top = tree.top_of(share.id)
        self._name = name
        self._pixmap = 0
        self._id = str(share.id)
        self._client = share.id
        if not self._top:
            raise CaptureError("capture.window_gone", self._id)
        display.call("XCompositeRedirectWindow", self._top, _AUTOMATIC)
        self._damage = Damage(display, self._top)
        if display.settle():
            raise CaptureError("capture.window_gone", self._id)

    def view(self) -> View:
        """Where it is now. Raises CaptureError once it is gone."""
        inner = self._tree.inner(self._top)
        if inner is None or self._tree.top_of(self._client) != self._top:
            raise CaptureError("capture.window_gone", self._id)
        most = Rect(inner.x, inner.y, MAX_PICTURE_WIDTH, MAX_PICTURE_HEIGHT)
        bounds = inner.clipped(most) or most
        away = self._tree.place(self._top) is None
        return View(bounds, (Pane(self._id, self._name, bounds),), away=away)

    def is_one_of(self, windows: Collection[int]) -> bool:
        """Whether the window is one of these, or the frame of one."""
        return self._client in windows or any(self._tree.top_of(window) == self._top for window in windows)

    def renew(self) -> None:
        """Its pixels are elsewhere since it was resized or shown again."""
        if self._pixmap:
            self._display.call("XFreePixmap", self._pixmap)
            self._pixmap = 0

    def fetch(self, picture: ShmPicture, view: View, top: int, bottom: int) -> bool:
        outer = self._tree.place(self._top)
        if outer is None:
            return False
        if not self._pixmap:
            self._pixmap = self._display.call("XCompositeNameWindowPixmap", self._top)
        border = view.bounds.x - outer.x
        return picture.fetch(self._pixmap, border, border, top, bottom)

    def damaged(self, view: View) -> list[Rect]:
        return self._damage.take()

    def close(self) -> None:
        self.renew()
        self._damage.close()
        self._display.call("XCompositeUnredirectWindow", self._top, _AUTOMATIC)
        self._display.settle()  # the window may be gone, and with it all of this
