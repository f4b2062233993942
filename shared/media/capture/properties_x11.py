"""Properties of X windows: who a window belongs to, what it is called, whether it is one to choose from.

What cannot be read (the window is gone, the property is absent) is empty: absence and a lost race look the same.
"""

import ctypes
from ctypes import POINTER, c_int, c_uint, c_ulong, c_void_p
from typing import Final

import msgspec

from shared.media.capture.xlib import Display, XWindowAttributes

_ANY_TYPE: Final = 0
_MOST_WORDS: Final = 1024
_WINDOW_GROUP_HINT: Final = 1 << 6
_WINDOW_GROUP_AT: Final = 8
_MAX_CHILDREN_DEEP: Final = 3


class Kin(msgspec.Struct, frozen=True):
    """What a window says of those it belongs to: ``transient_for`` a window (0: none), and its program's marks."""

    transient_for: int
    marks: frozenset[tuple[str, int]]


def attributes(display: Display, window: int) -> XWindowAttributes | None:
    """None when the window is gone."""
    found = XWindowAttributes()
    done = display.call("XGetWindowAttributes", window, ctypes.byref(found))
    return None if display.take_error() or not done else found


def family(display: Display, window: int) -> tuple[int, list[int]]:
    """Parent (0: the window is gone, or the root) and children, the lowest first."""
    root, parent, children, count = c_ulong(), c_ulong(), POINTER(c_ulong)(), c_uint()
    out = [ctypes.byref(value) for value in (root, parent, children, count)]
    done = display.call("XQueryTree", window, *out)
    if display.take_error() or not done:
        return 0, []
    try:
        return parent.value, [children[index] for index in range(count.value)]
    finally:
        if children:
            display.x["XFree"](children)


def numbers(display: Display, window: int, name: str) -> list[int]:
    """A property of 32-bit numbers."""
    kind, data, count = _property(display, window, name)
    if kind != 32 or not data:
        return []
    try:
        return list(ctypes.cast(data, POINTER(c_ulong))[:count])
    finally:
        display.x["XFree"](data)


def words(display: Display, window: int, name: str) -> str:
    """A property of text."""
    kind, data, count = _property(display, window, name)
    if kind != 8 or not data:
        return ""
    try:
        return ctypes.string_at(data, count).decode("utf-8", "replace")
    finally:
        display.x["XFree"](data)


def _property(display: Display, window: int, name: str) -> tuple[int, c_void_p, int]:
    kind, bits, count, rest, data = c_ulong(), c_int(), c_ulong(), c_ulong(), c_void_p()
    out = [ctypes.byref(value) for value in (kind, bits, count, rest, data)]
    display.call("XGetWindowProperty", window, display.atom(name), 0, _MOST_WORDS, 0, _ANY_TYPE, *out)
    if display.take_error():
        return 0, c_void_p(), 0
    return bits.value, data, count.value


def client_of(display: Display, top: int) -> int:
    """The program's own window inside a window manager's frame, or the window itself."""
    level = [top]
    for _ in range(_MAX_CHILDREN_DEEP):
        found = next((window for window in level if numbers(display, window, "WM_STATE")), 0)
        if found:
            return found
        level = [child for window in level for child in family(display, window)[1]]
    return top


def kin_of(display: Display, client: int) -> Kin:
    """Who a window says that it belongs to."""
    owner = numbers(display, client, "WM_TRANSIENT_FOR")
    hints = numbers(display, client, "WM_HINTS")
    marks = {("leader", each) for each in numbers(display, client, "WM_CLIENT_LEADER")}
    marks |= {("process", each) for each in numbers(display, client, "_NET_WM_PID")}
    if len(hints) > _WINDOW_GROUP_AT and hints[0] & _WINDOW_GROUP_HINT:
        marks.add(("leader", hints[_WINDOW_GROUP_AT]))
    return Kin(owner[0] if owner else 0, frozenset(marks))


def title_of(display: Display, client: int) -> str:
    """Its title as its program gives it."""
    return words(display, client, "_NET_WM_NAME") or words(display, client, "WM_NAME")


def app_of(display: Display, client: int) -> str:
    """The program's name: the class of its windows."""
    parts = [part for part in words(display, client, "WM_CLASS").split("\0") if part]
    return parts[-1] if parts else ""
