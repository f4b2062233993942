"""Input through XTEST on X11. XSendEvent (pynput's way for characters) is ignored by many programs, XTEST by none.

A character that the layout lacks is put on a spare key code for as long as it is needed. A program learns of a new
mapping by MappingNotify and then asks the server for the whole of it, so a key code whose mapping changed again before
the program asked would type the wrong character: each spare rests `REST_S` before it carries another one.
"""

import logging
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from typing import Final

from Xlib import X, display, error
from Xlib.ext import xinput, xtest
from Xlib.protocol import event

from shared.control import keysyms as k
from shared.control import leftovers_x11
from shared.control.injector import ControlFault
from shared.control.layout_x11 import SHIFT, Layout, Spares, Stroke, group_of

_log = logging.getLogger(__name__)

_WHEEL: Final = {"up": 4, "down": 5, "left": 6, "right": 7}
_MAX_FOCUS_DEPTH: Final = 64


class X11Injector:
    """One connection of its own to the X server. `name` None: the display of the environment."""

    def __init__(self, name: str | None = None) -> None:
        with _faults("control.unavailable"):
            self._display = display.Display(name)
            if not self._display.has_extension(xtest.extname):
                self._display.close()
                raise ControlFault("control.unavailable", "no XTEST")
            self._display.set_error_handler(_note_error)
            self._display.xtest_grab_control(True)
            self._root = self._display.screen().root
            self._layout = Layout(self._display)
        self._held: dict[int, int] = {}
        self._spares = Spares(self._layout.unused())
        self._closed = False

    def move(self, x: int, y: int) -> None:
        with _faults():
            xtest.fake_input(self._display, X.MotionNotify, x=x, y=y)
            self._display.flush()

    def button(self, number: int, down: bool) -> None:
        with _faults():
            self._fake(X.ButtonPress if down else X.ButtonRelease, number)
            self._display.flush()

    def wheel(self, right: int, up: int) -> None:
        with _faults():
            for direction, count in (("up", up), ("down", -up), ("right", right), ("left", -right)):
                for _ in range(count):
                    self._fake(X.ButtonPress, _WHEEL[direction])
                    self._fake(X.ButtonRelease, _WHEEL[direction])
            self._display.flush()

    def key(self, keysym: int, down: bool) -> bool:
        with _faults():
            self._follow_layout()
            typed = self._press(keysym) if down else self._release(keysym)
            self._display.flush()
            return typed

    def prepare(self, text: str) -> float:
        with _faults():
            self._follow_layout()
            return self._lend(text, group_of(self._state()))

    def character(self, character: str) -> bool:
        keysym = k.of_character(character)
        if keysym is None:
            return False
        with _faults():
            state = self._state()
            stroke = self._stroke_of(keysym, group_of(state))
            if stroke is None:
                return False
            if state & X.LockMask and self._layout.is_letter(stroke, group_of(state)):
                stroke = Stroke(stroke.code, stroke.level ^ 1)
            self._tap(stroke)
            self._display.flush()
            return True

    def has_focus(self, windows: frozenset[int]) -> bool:
        if not windows:
            return False
        with _faults():
            focus = self._display.get_input_focus().focus
            if isinstance(focus, int):  # none, or whatever is under the pointer
                pointed = self._root.query_pointer().child
                return focus == X.PointerRoot and not isinstance(pointed, int) and self._inside(pointed.id, windows)
            return self._inside(focus.id, windows)

    def is_on(self, windows: frozenset[int], x: int, y: int) -> bool:
        with _faults():
            top = self._root.translate_coords(self._root, x, y).child
            return not isinstance(top, int) and any(self._top_of(window) == top.id for window in windows)

    def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        try:
            with _faults():
                for code in self._held.values():
                    self._fake(X.KeyRelease, code)
                self._map(dict.fromkeys(self._spares.carrying(), 0))
                self._display.sync()
                self._display.close()
        except ControlFault:
            _log.info("the X server went away before its keyboard was put back")

    def _state(self) -> int:
        return int(self._root.query_pointer().mask)

    def _press(self, keysym: int) -> bool:
        if keysym in self._held:
            return True
        group = group_of(self._state())
        if k.to_character(keysym):
            self._lend(k.to_character(keysym), group)
        stroke = self._stroke_of(keysym, group)
        if stroke is None:
            return False
        levels = [] if keysym in k.MODIFIERS else self._layout.level_keys(stroke.level)
        missing = [code for modifier, code in levels if modifier not in self._modifiers_down()]
        self._strike(missing, stroke.code)
        self._held[keysym] = stroke.code
        return True

    def _strike(self, around: list[int], code: int) -> None:
        """Presses a key while these are held, and leaves it down."""
        for modifier in around:
            self._fake(X.KeyPress, modifier)
        self._fake(X.KeyPress, code)
        for modifier in reversed(around):
            self._fake(X.KeyRelease, modifier)

    def _release(self, keysym: int) -> bool:
        code = self._held.pop(keysym, None)
        if code is not None:
            self._fake(X.KeyRelease, code)
        return code is not None

    def _tap(self, stroke: Stroke) -> None:
        """One character: modifiers of ours that do not belong to it are lifted and put back."""
        wanted = dict(self._layout.level_keys(stroke.level))
        down = self._modifiers_down()
        lifted = [code for keysym, code in self._held.items() if keysym in k.MODIFIERS and keysym not in wanted]
        added = [code for keysym, code in wanted.items() if keysym not in down or code in lifted]
        for code in lifted:
            self._fake(X.KeyRelease, code)
        self._strike(added, stroke.code)
        self._fake(X.KeyRelease, stroke.code)
        for code in reversed(lifted):
            self._fake(X.KeyPress, code)

    def _modifiers_down(self) -> frozenset[int]:
        """Keysyms we hold, the right Shift counted as the left one too."""
        down = frozenset(self._held)
        return down | {SHIFT} if down & k.SHIFT_KEYS else down

    def _stroke_of(self, keysym: int, group: int) -> Stroke | None:
        stroke = self._layout.find(keysym, group)
        code = None if stroke else self._spares.code_of(keysym, time.monotonic())
        return stroke if code is None else Stroke(code, 0)

    def _lend(self, text: str, group: int) -> float:
        """Puts what the layout lacks on spare key codes, if the first character of `text` needs it; seconds to wait."""
        now_s = time.monotonic()
        keysyms = [one for character in text if (one := k.of_character(character))]
        if not keysyms or self._layout.find(keysyms[0], group) or self._spares.code_of(keysyms[0], now_s):
            return 0.0
        lacking = [one for one in dict.fromkeys(keysyms) if not self._layout.find(one, group)]
        wait_s = self._spares.rest_s(now_s)
        if wait_s == 0.0:
            self._map(self._spares.take(lacking, now_s))
        return wait_s

    def _map(self, keysyms: dict[int, int]) -> None:
        """Puts each keysym on all levels of its key code (0: nothing), neighbours in one request."""
        for run in _runs(sorted(keysyms)):
            self._display.change_keyboard_mapping(run[0], [[keysyms[code]] * self._layout.width for code in run])

    def _follow_layout(self) -> None:
        """Notices that somebody changed the layout."""
        changed = False
        for _ in range(self._display.pending_events()):
            message = self._display.next_event()
            if isinstance(message, event.MappingNotify):
                codes = range(message.first_keycode, message.first_keycode + message.count)
                changed |= message.request == X.MappingKeyboard and not self._spares.own(codes)
        if changed:
            self._layout = Layout(self._display)
            self._spares.keep_only(self._layout.unused())

    def _inside(self, window_id: int, windows: frozenset[int]) -> bool:
        for _ in range(_MAX_FOCUS_DEPTH):
            if window_id in windows:
                return True
            try:
                parent = self._display.create_resource_object("window", window_id).query_tree().parent
            except (error.BadWindow, error.BadDrawable):
                return True  # it has just gone, and whose it was cannot be asked any more
            if isinstance(parent, int) or parent.id == self._root.id:
                return False
            window_id = parent.id
        return True

    def _top_of(self, window_id: int) -> int:
        """The child of the root that holds a window; 0 when it is gone."""
        for _ in range(_MAX_FOCUS_DEPTH):
            try:
                parent = self._display.create_resource_object("window", window_id).query_tree().parent
            except (error.BadWindow, error.BadDrawable):
                return 0
            if isinstance(parent, int):
                return 0
            if parent.id == self._root.id:
                return window_id
            window_id = parent.id
        return 0

    def _fake(self, kind: int, detail: int) -> None:
        xtest.fake_input(self._display, kind, detail)


def let_go_of_leftovers(name: str | None = None) -> None:
    """Lets come up what an injector that was killed has left down, and takes its characters out of the layout. What the
    person holds is on other devices and stays.

    Raises ControlFault.
    """
    with _faults("control.unavailable"):
        server = display.Display(name)
        if server.has_extension(xtest.extname) and server.has_extension(xinput.extname):
            leftovers_x11.let_go(server)
        leftovers_x11.give_back_spares(server)
        server.close()


def _runs(codes: list[int]) -> Iterator[list[int]]:
    run: list[int] = []
    for code in codes:
        if run and code != run[-1] + 1:
            yield run
            run = []
        run.append(code)
    if run:
        yield run


def _note_error(problem: error.XError, _request: object) -> None:
    _log.info("X error while injecting: %s", type(problem).__name__)


@contextmanager
def _faults(code: str = "control.lost") -> Generator[None]:
    try:
        yield
    except (error.ConnectionClosedError, error.DisplayError, OSError) as problem:
        raise ControlFault(code, str(problem)) from problem
