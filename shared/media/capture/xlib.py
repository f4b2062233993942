"""The few calls of Xlib, MIT-SHM, DAMAGE, XFIXES and RANDR that capture needs, typed for ctypes.

ctypes lets go of the interpreter lock during each call, so a thread waiting for the server holds nobody up. Xlib's
error handlers are one per process: ``Display`` installs handlers that note the error for the display it concerns and
return, where Xlib's own would print and end the process.
"""

import ctypes
import functools
import threading
from collections.abc import Callable
from ctypes import POINTER, c_char_p, c_int, c_long, c_short, c_ubyte, c_uint, c_ulong, c_ushort, c_void_p
from typing import Any, ClassVar, Final

from shared.media.capture.source import CaptureError

ALL_PLANES: Final = c_ulong(-1).value
Z_PIXMAP: Final = 2
CONFIGURE_NOTIFY: Final = 22
CREATE_NOTIFY: Final = 16
DESTROY_NOTIFY: Final = 17
UNMAP_NOTIFY: Final = 18
MAP_NOTIFY: Final = 19
REPARENT_NOTIFY: Final = 21
STRUCTURE_NOTIFY_MASK: Final = 1 << 17
SUBSTRUCTURE_NOTIFY_MASK: Final = 1 << 19
SCREEN_CHANGE_MASK: Final = 1
DAMAGE_NON_EMPTY: Final = 3
CURSOR_DISPLAY_NOTIFY_MASK: Final = 1


class XImage(ctypes.Structure):
    """X11/Xlib.h, XImage, up to the last member that capture reads."""

    _fields_: ClassVar = [
        ("width", c_int),
        ("height", c_int),
        ("xoffset", c_int),
        ("format", c_int),
        ("data", c_void_p),
        ("byte_order", c_int),
        ("bitmap_unit", c_int),
        ("bitmap_bit_order", c_int),
        ("bitmap_pad", c_int),
        ("depth", c_int),
        ("bytes_per_line", c_int),
        ("bits_per_pixel", c_int),
    ]


class ShmSegment(ctypes.Structure):
    """X11/extensions/XShm.h, XShmSegmentInfo."""

    _fields_: ClassVar = [("shmseg", c_ulong), ("shmid", c_int), ("shmaddr", c_void_p), ("read_only", c_int)]


class XRectangle(ctypes.Structure):
    _fields_: ClassVar = [("x", c_short), ("y", c_short), ("width", c_ushort), ("height", c_ushort)]


class XErrorEvent(ctypes.Structure):
    _fields_: ClassVar = [
        ("type", c_int),
        ("display", c_void_p),
        ("resourceid", c_ulong),
        ("serial", c_ulong),
        ("error_code", c_ubyte),
        ("request_code", c_ubyte),
        ("minor_code", c_ubyte),
    ]


class RRMonitor(ctypes.Structure):
    """X11/extensions/Xrandr.h, XRRMonitorInfo."""

    _fields_: ClassVar = [
        ("name", c_ulong),
        ("primary", c_int),
        ("automatic", c_int),
        ("noutput", c_int),
        ("x", c_int),
        ("y", c_int),
        ("width", c_int),
        ("height", c_int),
        ("mwidth", c_int),
        ("mheight", c_int),
        ("outputs", c_void_p),
    ]


class CursorImage(ctypes.Structure):
    """X11/extensions/Xfixes.h, XFixesCursorImage; pixels are one unsigned long each, premultiplied ARGB."""

    _fields_: ClassVar = [
        ("x", c_short),
        ("y", c_short),
        ("width", c_ushort),
        ("height", c_ushort),
        ("xhot", c_ushort),
        ("yhot", c_ushort),
        ("serial", c_ulong),
        ("pixels", POINTER(c_ulong)),
    ]


class XWindowEvent(ctypes.Structure):
    """X11/Xlib.h: how the events about windows begin; ``window`` is the one it happened to."""

    _fields_: ClassVar = [
        ("type", c_int),
        ("serial", c_ulong),
        ("send_event", c_int),
        ("display", c_void_p),
        ("event", c_ulong),
        ("window", c_ulong),
    ]


class XReparentEvent(ctypes.Structure):
    _fields_: ClassVar = [*XWindowEvent._fields_, ("parent", c_ulong), ("x", c_int), ("y", c_int)]


class XConfigureEvent(ctypes.Structure):
    """XCreateWindowEvent is laid out alike as far as the border, and has ``override_redirect`` next."""

    _fields_: ClassVar = [
        *XWindowEvent._fields_,
        ("x", c_int),
        ("y", c_int),
        ("width", c_int),
        ("height", c_int),
        ("border", c_int),
    ]


class XCreateEvent(ctypes.Structure):
    _fields_: ClassVar = [*XConfigureEvent._fields_, ("override_redirect", c_int)]


class XEvent(ctypes.Union):
    _fields_: ClassVar = [
        ("type", c_int),
        ("of_window", XWindowEvent),
        ("reparent", XReparentEvent),
        ("configure", XConfigureEvent),
        ("created", XCreateEvent),
        ("pad", c_long * 24),
    ]


class XWindowAttributes(ctypes.Structure):
    """X11/Xlib.h, XWindowAttributes."""

    _fields_: ClassVar = [
        ("x", c_int),
        ("y", c_int),
        ("width", c_int),
        ("height", c_int),
        ("border", c_int),
        ("depth", c_int),
        ("visual", c_void_p),
        ("root", c_ulong),
        ("window_class", c_int),
        ("bit_gravity", c_int),
        ("win_gravity", c_int),
        ("backing_store", c_int),
        ("backing_planes", c_ulong),
        ("backing_pixel", c_ulong),
        ("save_under", c_int),
        ("colormap", c_ulong),
        ("map_installed", c_int),
        ("map_state", c_int),
        ("all_event_masks", c_long),
        ("your_event_mask", c_long),
        ("do_not_propagate_mask", c_long),
        ("override_redirect", c_int),
        ("xscreen", c_void_p),
    ]


_ERROR_HANDLER: Final = ctypes.CFUNCTYPE(c_int, c_void_p, POINTER(XErrorEvent))
_IO_ERROR_HANDLER: Final = ctypes.CFUNCTYPE(c_int, c_void_p)
_IO_EXIT_HANDLER: Final = ctypes.CFUNCTYPE(None, c_void_p, c_void_p)

_INT_P: Final = POINTER(c_int)
_DISPLAY: Final = c_void_p

# library, function, result, arguments: the headers named above, in that order
_CALLS: Final[tuple[tuple[str, str, Any, tuple[Any, ...]], ...]] = (
    ("X11", "XInitThreads", c_int, ()),
    ("X11", "XOpenDisplay", c_void_p, (c_char_p,)),
    ("X11", "XCloseDisplay", c_int, (_DISPLAY,)),
    ("X11", "XConnectionNumber", c_int, (_DISPLAY,)),
    ("X11", "XDefaultRootWindow", c_ulong, (_DISPLAY,)),
    ("X11", "XDefaultScreen", c_int, (_DISPLAY,)),
    ("X11", "XDefaultDepth", c_int, (_DISPLAY, c_int)),
    ("X11", "XDefaultVisual", c_void_p, (_DISPLAY, c_int)),
    ("X11", "XSync", c_int, (_DISPLAY, c_int)),
    ("X11", "XFlush", c_int, (_DISPLAY,)),
    ("X11", "XPending", c_int, (_DISPLAY,)),
    ("X11", "XNextEvent", c_int, (_DISPLAY, POINTER(XEvent))),
    ("X11", "XSelectInput", c_int, (_DISPLAY, c_ulong, c_long)),
    ("X11", "XFree", c_int, (c_void_p,)),
    ("X11", "XGetAtomName", c_void_p, (_DISPLAY, c_ulong)),
    ("X11", "XInternAtom", c_ulong, (_DISPLAY, c_char_p, c_int)),
    ("X11", "XGetSelectionOwner", c_ulong, (_DISPLAY, c_ulong)),
    ("X11", "XGetWindowAttributes", c_int, (_DISPLAY, c_ulong, POINTER(XWindowAttributes))),
    (
        "X11",
        "XQueryTree",
        c_int,
        (_DISPLAY, c_ulong, POINTER(c_ulong), POINTER(c_ulong), POINTER(POINTER(c_ulong)), POINTER(c_uint)),
    ),
    (
        "X11",
        "XGetWindowProperty",
        c_int,
        (
            *(_DISPLAY, c_ulong, c_ulong, c_long, c_long, c_int, c_ulong),
            *(POINTER(c_ulong), _INT_P, POINTER(c_ulong), POINTER(c_ulong), POINTER(c_void_p)),
        ),
    ),
    ("X11", "XFreePixmap", c_int, (_DISPLAY, c_ulong)),
    ("X11", "XGetGeometry", c_int, (_DISPLAY, c_ulong, POINTER(c_ulong), _INT_P, _INT_P, *[POINTER(c_uint)] * 4)),
    (
        "X11",
        "XQueryPointer",
        c_int,
        (_DISPLAY, c_ulong, POINTER(c_ulong), POINTER(c_ulong), _INT_P, _INT_P, _INT_P, _INT_P, POINTER(c_uint)),
    ),
    ("X11", "XSetErrorHandler", c_void_p, (_ERROR_HANDLER,)),
    ("X11", "XSetIOErrorHandler", c_void_p, (_IO_ERROR_HANDLER,)),
    ("X11", "XSetIOErrorExitHandler", None, (_DISPLAY, _IO_EXIT_HANDLER, c_void_p)),
    ("Xext", "XShmQueryExtension", c_int, (_DISPLAY,)),
    (
        "Xext",
        "XShmCreateImage",
        POINTER(XImage),
        (_DISPLAY, c_void_p, c_uint, c_int, c_void_p, POINTER(ShmSegment), c_uint, c_uint),
    ),
    ("Xext", "XShmAttach", c_int, (_DISPLAY, POINTER(ShmSegment))),
    ("Xext", "XShmDetach", c_int, (_DISPLAY, POINTER(ShmSegment))),
    ("Xext", "XShmGetImage", c_int, (_DISPLAY, c_ulong, POINTER(XImage), c_int, c_int, c_ulong)),
    ("Xdamage", "XDamageQueryExtension", c_int, (_DISPLAY, _INT_P, _INT_P)),
    ("Xdamage", "XDamageCreate", c_ulong, (_DISPLAY, c_ulong, c_int)),
    ("Xdamage", "XDamageDestroy", None, (_DISPLAY, c_ulong)),
    ("Xdamage", "XDamageSubtract", None, (_DISPLAY, c_ulong, c_ulong, c_ulong)),
    ("Xfixes", "XFixesQueryExtension", c_int, (_DISPLAY, _INT_P, _INT_P)),
    ("Xfixes", "XFixesCreateRegion", c_ulong, (_DISPLAY, c_void_p, c_int)),
    ("Xfixes", "XFixesDestroyRegion", None, (_DISPLAY, c_ulong)),
    ("Xfixes", "XFixesFetchRegion", POINTER(XRectangle), (_DISPLAY, c_ulong, _INT_P)),
    ("Xfixes", "XFixesSelectCursorInput", None, (_DISPLAY, c_ulong, c_ulong)),
    ("Xfixes", "XFixesGetCursorImage", POINTER(CursorImage), (_DISPLAY,)),
    ("Xrandr", "XRRQueryExtension", c_int, (_DISPLAY, _INT_P, _INT_P)),
    ("Xrandr", "XRRSelectInput", None, (_DISPLAY, c_ulong, c_int)),
    ("Xrandr", "XRRUpdateConfiguration", c_int, (POINTER(XEvent),)),
    ("Xrandr", "XRRGetMonitors", POINTER(RRMonitor), (_DISPLAY, c_ulong, c_int, _INT_P)),
    ("Xrandr", "XRRFreeMonitors", None, (POINTER(RRMonitor),)),
    ("Xcomposite", "XCompositeQueryExtension", c_int, (_DISPLAY, _INT_P, _INT_P)),
    ("Xcomposite", "XCompositeRedirectWindow", None, (_DISPLAY, c_ulong, c_int)),
    ("Xcomposite", "XCompositeUnredirectWindow", None, (_DISPLAY, c_ulong, c_int)),
    ("Xcomposite", "XCompositeNameWindowPixmap", c_ulong, (_DISPLAY, c_ulong)),
    ("c", "shmget", c_int, (c_int, ctypes.c_size_t, c_int)),
    ("c", "shmat", c_void_p, (c_int, c_void_p, c_int)),
    ("c", "shmdt", c_int, (c_void_p,)),
    ("c", "shmctl", c_int, (c_int, c_int, c_void_p)),
)

_SONAMES: Final = {
    "X11": "libX11.so.6",
    "Xext": "libXext.so.6",
    "Xdamage": "libXdamage.so.1",
    "Xfixes": "libXfixes.so.3",
    "Xrandr": "libXrandr.so.2",
    "Xcomposite": "libXcomposite.so.1",
    "c": "libc.so.6",
}

OPTIONAL: Final = frozenset({"Xcomposite"})
"""Without it a whole monitor can be shared, a single window cannot."""


@functools.cache
def calls() -> dict[str, Callable[..., Any]]:
    """Every function of the table by name. Raises CaptureError(``capture.no_screen``) when a library is missing.

    Those of ``OPTIONAL`` are left out where their library is missing.
    """
    table: dict[str, Callable[..., Any]] = {}
    for library, soname in _SONAMES.items():
        try:
            table |= _calls_of(library, soname)
        except (OSError, AttributeError) as error:
            if library not in OPTIONAL:
                raise CaptureError("capture.no_screen", str(error)) from error
    table["XInitThreads"]()
    table["XSetErrorHandler"](_note_error)
    table["XSetIOErrorHandler"](_note_io_error)
    return table


def _calls_of(library: str, soname: str) -> dict[str, Callable[..., Any]]:
    loaded = ctypes.CDLL(soname, use_errno=True)
    found: dict[str, Callable[..., Any]] = {}
    for wanted, name, result, arguments in _CALLS:
        if wanted == library:
            function = found[name] = getattr(loaded, name)
            function.restype = result
            function.argtypes = arguments
    return found


_errors: Final[dict[int, int]] = {}
_lost: Final[set[int]] = set()
_notes = threading.Lock()


@_ERROR_HANDLER
def _note_error(display: int, event: Any) -> int:
    with _notes:
        _errors[display] = event.contents.error_code
    return 0


@_IO_ERROR_HANDLER
def _note_io_error(display: int) -> int:
    with _notes:
        _lost.add(display)
    return 0


@_IO_EXIT_HANDLER
def _stay_alive(_display: int, _data: int) -> None:
    """Returning is the point: without it Xlib ends the process when a display goes away."""


class Display:
    """One connection to an X server, used by one thread."""

    def __init__(self, name: str | None = None) -> None:
        self.x = calls()
        pointer = self.x["XOpenDisplay"](name.encode() if name else None)
        if not pointer:
            raise CaptureError("capture.no_screen", "cannot open the display")
        self.pointer: int = pointer
        with _notes:
            _errors.pop(pointer, None)
            _lost.discard(pointer)
        self.x["XSetIOErrorExitHandler"](pointer, _stay_alive, None)
        self.root: int = self.x["XDefaultRootWindow"](pointer)
        self.screen: int = self.x["XDefaultScreen"](pointer)

    @property
    def file_number(self) -> int:
        return self.x["XConnectionNumber"](self.pointer)

    def call(self, name: str, *arguments: Any) -> Any:
        """Calls ``name`` with this display first; raises CaptureError(``capture.lost``) once the server is gone."""
        result = self.x[name](self.pointer, *arguments)
        if self.pointer in _lost:
            raise CaptureError("capture.lost", name)
        return result

    def take_error(self) -> int:
        """The X error code noted for this display since the last call, 0 for none."""
        with _notes:
            return _errors.pop(self.pointer, 0)

    def settle(self) -> int:
        """Waits until the server has done everything asked so far; the X error code that came of it, 0 for none."""
        self.call("XSync", 0)
        return self.take_error()

    def has_extension(self, query: str) -> tuple[bool, int]:
        """Whether the server has the extension of this query call, and the number of its first event."""
        event_base, error_base = c_int(), c_int()
        found = self.call(query, ctypes.byref(event_base), ctypes.byref(error_base))
        return bool(found), event_base.value

    def events(self) -> list[XEvent]:
        """The events that are waiting, oldest first, without blocking."""
        found: list[XEvent] = []
        for _ in range(self.call("XPending")):
            event = XEvent()
            self.call("XNextEvent", ctypes.byref(event))
            found.append(event)
        return found

    def atom_name(self, atom: int) -> str:
        pointer = self.call("XGetAtomName", atom)
        if not pointer:
            return ""
        try:
            return ctypes.string_at(pointer).decode("utf-8", "replace")
        finally:
            self.x["XFree"](pointer)

    def atom(self, name: str) -> int:
        return self.call("XInternAtom", name.encode(), 0)

    def size(self) -> tuple[int, int]:
        """Width and height of the root window now (Xlib's own figure stays what it was at connection)."""
        root, x, y = c_ulong(), c_int(), c_int()
        width, height, border, depth = c_uint(), c_uint(), c_uint(), c_uint()
        out = [ctypes.byref(value) for value in (root, x, y, width, height, border, depth)]
        if not self.call("XGetGeometry", self.root, *out):
            raise CaptureError("capture.refused", "no geometry")
        return width.value, height.value

    def pointer_position(self) -> tuple[int, int]:
        """Where the pointer is, in root coordinates."""
        window, x, y, mask = c_ulong(), c_int(), c_int(), c_uint()
        refs = [ctypes.byref(value) for value in (window, c_ulong(), x, y, c_int(), c_int(), mask)]
        self.call("XQueryPointer", self.root, *refs)
        return x.value, y.value

    def close(self) -> None:
        """Idempotent. A lost display is closed too: that frees its socket."""
        if self.pointer:
            self.x["XCloseDisplay"](self.pointer)
            with _notes:
                _errors.pop(self.pointer, None)
                _lost.discard(self.pointer)
            self.pointer = 0
