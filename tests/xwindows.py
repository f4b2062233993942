"""Windows of another program, for tests of what is shared: plain colours that move, popups, dialogs."""

from typing import Any

from Xlib import X, Xatom, display


class Desk:
    """A connection of its own; each call returns when the server has done it."""

    def __init__(self, name: str) -> None:
        self.display: Any = display.Display(name)
        self.root = self.display.screen().root

    def window(
        self,
        colour: int,
        x: int = 0,
        y: int = 0,
        width: int = 120,
        height: int = 80,
        *,
        border: int = 0,
        popup: bool = False,
        owner: int = 0,
        leader: int = 0,
        title: str = "",
        shown: bool = True,
    ) -> Any:
        """``colour`` as 0xRRGGBB; ``owner``: a dialog's window; ``leader``: the mark of its program."""
        made = self.root.create_window(
            x, y, width, height, border, X.CopyFromParent, background_pixel=colour, override_redirect=popup
        )
        if owner:
            made.change_property(Xatom.WM_TRANSIENT_FOR, Xatom.WINDOW, 32, [owner])
        if leader:
            made.change_property(self.display.intern_atom("WM_CLIENT_LEADER"), Xatom.WINDOW, 32, [leader])
        if title:
            made.set_wm_name(title)
            made.set_wm_class("desk", "Desk")
        if shown:
            made.map()
        self.display.sync()
        return made

    def move(self, window: Any, x: int, y: int, width: int = 0, height: int = 0) -> None:
        size = {"width": width, "height": height} if width else {}
        window.configure(x=x, y=y, **size)
        self.display.sync()

    def sync(self) -> None:
        self.display.sync()

    def close(self) -> None:
        self.display.close()
