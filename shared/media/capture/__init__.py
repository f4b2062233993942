"""The screen of this machine, through the best way there is here."""

from shared.media.capture.mss_source import MssSource
from shared.media.capture.pointer_x11 import X11Pointer
from shared.media.capture.source import CaptureError, PointerSource, ScreenSource
from shared.media.capture.x11 import X11Source


def open_screen(display: str | None = None) -> ScreenSource:
    """X11 by damage where it works, else by polling. Blocks for milliseconds. Raises CaptureError.

    Made, used and closed in one thread. ``display`` None: the one of this process's environment.
    """
    try:
        return X11Source(display)
    except CaptureError as error:
        if error.code == "capture.lost":
            raise
        return MssSource(display)


def open_pointer(display: str | None = None) -> PointerSource | None:
    """The pointer, for a thread of its own; None where it cannot be followed."""
    try:
        return X11Pointer(display)
    except CaptureError:
        return None
