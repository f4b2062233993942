"""Consent at the landing: every single event is checked against what the customer has granted, right before it acts.

The gate opens the injector itself and keeps it to itself; there is no other way to it. `land` and `settle` belong to
one thread (the landing). What others set (consent, protected windows, connected agents, the time of local input) is
replaced whole, so a check sees either the old or the new.
"""

import logging
from collections.abc import Callable
from typing import Final, Literal, assert_never

from msgspec import Struct

from shared.control import input as i
from shared.control import keysyms as k
from shared.control.guard import Guarded
from shared.control.injector import ControlFault, Injector
from shared.control.keymap import is_stop_chord
from shared.rules.consent import NOTHING, Consent, Decision, decide
from shared.rules.coordinates import Area, Point, to_screen
from shared.rules.sharing import Ground

_log = logging.getLogger(__name__)

LOCAL_HOLD_MS: Final = 1000
"""How long remote input waits after the person's last own."""
SILENCE_MS: Final = 1500
"""Whoever holds something down and says nothing for so long, lets go."""
_MAX_HELD: Final = 16

Refusal = Literal[
    "no_grant",
    "expired",
    "paused",
    "stopped",
    "not_connected",
    "local_input",
    "protected",
    "outside",
    "unknown",
    "locked",
    "prompt",
]


class Protected(Struct, frozen=True):
    """What nobody touches: our own windows and what the customer hides. Areas, and windows that take no keys.

    `hidden`: those windows of other programs among them, whose place the server knows best.
    """

    areas: tuple[Area, ...] = ()
    windows: frozenset[int] = frozenset()
    hidden: frozenset[int] = frozenset()


class Tally(Struct, frozen=True):
    """What one agent's input came to."""

    landed: int = 0
    refused: int = 0
    first_ms: int = 0
    last_ms: int = 0


class Gate:
    """`pause_s` waits so many seconds, or less when something may have changed; the landing's thread calls it."""

    def __init__(
        self, open_injector: Callable[[], Injector], clock_ms: Callable[[], int], pause_s: Callable[[float], None]
    ) -> None:
        self.consent: Consent = NOTHING
        self.connected: frozenset[str] = frozenset()
        self.protected = Protected()
        self.ground: Ground | None = None
        self._pressed_on: Ground | None = None
        self.guarded: Guarded = ""
        self.tallies: dict[str, Tally] = {}
        self._injector = open_injector()
        self._clock_ms = clock_ms
        self._pause_s = pause_s
        self._shut = False
        self._local_until_ms = 0
        self._keys: dict[int, str] = {}
        self._buttons: dict[int, str] = {}
        self._heard_ms: dict[str, int] = {}

    def shut(self) -> None:
        """Nothing lands from here on, for good. From any thread; takes no lock and waits for nobody."""
        self._shut = True

    def note_local(self, now_ms: int) -> None:
        """The person used mouse or keyboard. From any thread."""
        self._local_until_ms = max(self._local_until_ms, now_ms + LOCAL_HOLD_MS)

    @property
    def local_until_ms(self) -> int:
        """Until when the person's own input holds remote input back."""
        return self._local_until_ms

    def check(self, agent_id: str) -> Refusal | None:
        """Why nothing of this agent may land now; None when it may."""
        now_ms = self._clock_ms()
        decision: Decision = decide(self.consent, agent_id, "control", now_ms)
        if self._shut:
            return "stopped"
        if decision != "allowed":
            return decision
        if agent_id not in self.connected:
            return "not_connected"
        if self.guarded:
            return self.guarded
        return "local_input" if now_ms < self._local_until_ms else None

    def land(self, agent_id: str, message: i.Input) -> Refusal | None:
        """One message of this agent: acts, or says why not. Raises ControlFault when the machine takes no input."""
        self._heard_ms[agent_id] = self._clock_ms()
        match message:
            case i.LetGo():
                self._let_go(agent_id)
                return None
            case i.KeepHeld():
                return None
            case i.TypeText(text):
                return self._type(agent_id, text)
            case _:
                refusal = self.check(agent_id) or self._act(agent_id, message)
                self._count(agent_id, refusal)
                return refusal

    def settle(self) -> None:
        """Lets go of whatever is held by somebody who may not hold it (any longer). Raises ControlFault."""
        holders = {*self._keys.values(), *self._buttons.values()}
        now_ms = self._clock_ms()
        for agent_id in holders:
            silent = now_ms - self._heard_ms.get(agent_id, 0) > SILENCE_MS
            if silent or self.check(agent_id) is not None:
                self._let_go(agent_id)

    def close(self) -> None:
        """Lets go of everything and closes the injector."""
        self.shut()
        try:
            for agent_id in {*self._keys.values(), *self._buttons.values()}:
                self._let_go(agent_id)
        except ControlFault:
            _log.info("the machine takes no input any more; nothing left to let go")
        self._injector.close()

    def _act(
        self,
        agent_id: str,
        message: i.PointerMove | i.PointerPress | i.PointerRelease | i.Wheel | i.KeyDown | i.KeyUp,
    ) -> Refusal | None:
        match message:
            case i.PointerMove():
                return self._move(message)
            case i.PointerPress(button=button):
                return self._move(message) or self._press(agent_id, button)
            case i.PointerRelease(button=button):
                self._move(message)  # over our own windows it comes up where the pointer is
                return self._release(agent_id, button)
            case i.Wheel(right=right, up=up):
                return self._move(message) or self._injector.wheel(right, up)
            case i.KeyDown(keysym):
                return self._key_down(agent_id, keysym)
            case i.KeyUp(keysym):
                return self._key_up(agent_id, keysym)
            case _:
                assert_never(message)

    def _move(self, at: i.PointerMove | i.PointerPress | i.PointerRelease | i.Wheel) -> Refusal | None:
        """Where it is aimed at, if that is shared, and no window in between is not."""
        ground = self.ground
        if ground is None:
            return "outside"
        dragging = self._buttons and self._pressed_on is not None and self._pressed_on.window == ground.window
        frame = self._pressed_on.bounds if dragging and self._pressed_on is not None else ground.bounds
        point = to_screen(frame, at.width, at.height, at.x, at.y)
        if any(area.holds(point.x, point.y) for area in self.protected.areas):
            return "protected"
        if self.protected.hidden and self._injector.is_on(self.protected.hidden, point.x, point.y):
            return "protected"
        if not self._may_touch(ground, point):
            return "outside"
        self._injector.move(point.x, point.y)
        return None

    def _may_touch(self, ground: Ground, point: Point) -> bool:
        """Of a single window only what lies on top: a click goes to whatever is there, not to what is seen."""
        if ground.window:
            return self._injector.is_on(frozenset({ground.window}), point.x, point.y)
        return ground.holds(point.x, point.y)

    def _press(self, agent_id: str, button: int) -> Refusal | None:
        if button in self._buttons:
            return "unknown"
        if not self._buttons:  # a window that is dragged takes the picture along, but not the pointer in it
            self._pressed_on = self.ground
        self._injector.button(button, True)
        self._buttons[button] = agent_id
        return None

    def _release(self, agent_id: str, button: int) -> Refusal | None:
        if self._buttons.get(button) != agent_id:
            return "unknown"
        del self._buttons[button]
        self._injector.button(button, False)
        return None

    def _key_down(self, agent_id: str, keysym: int) -> Refusal | None:
        keysym = _plain(keysym)
        if keysym in k.POINTER_KEYS or keysym in k.LOCKS or len(self._keys) >= _MAX_HELD:
            return "unknown"
        if is_stop_chord(frozenset((*self._keys, keysym))) or self._injector.has_focus(self.protected.windows):
            return "protected"
        if not self._may_type():
            return "outside"
        if keysym in self._keys:
            return "unknown"
        if not self._injector.key(keysym, True):
            return "unknown"
        self._keys[keysym] = agent_id
        return None

    def _key_up(self, agent_id: str, keysym: int) -> Refusal | None:
        keysym = _plain(keysym)
        if self._keys.get(keysym) != agent_id:
            return "unknown"
        del self._keys[keysym]
        self._injector.key(keysym, False)
        return None

    def _type(self, agent_id: str, text: str) -> Refusal | None:
        """Character by character, each checked for itself: what is left when consent ends never lands."""
        refusal: Refusal | None = None
        for at, character in enumerate(text):
            refusal = self._ready(agent_id, text[at:])
            if refusal is None and not self._injector.character(character):
                refusal = "unknown"
            self._count(agent_id, refusal)
            if refusal not in (None, "unknown"):
                break
        return refusal

    def _ready(self, agent_id: str, text: str) -> Refusal | None:
        while (refusal := self._check_keys(agent_id)) is None:
            if (wait_s := self._injector.prepare(text)) <= 0:
                return None
            self._pause_s(wait_s)
        return refusal

    def _check_keys(self, agent_id: str) -> Refusal | None:
        refusal = self.check(agent_id)
        if refusal is None and self._injector.has_focus(self.protected.windows):
            return "protected"
        return refusal if refusal is not None or self._may_type() else "outside"

    def _may_type(self) -> bool:
        """While one window is shared, keys are for that window; nowhere while nothing is."""
        ground = self.ground
        return ground is not None and (not ground.window or self._injector.has_focus(frozenset({ground.window})))

    def _let_go(self, agent_id: str) -> None:
        """Coming up is always right, so it asks nobody."""
        for keysym in [key for key, holder in self._keys.items() if holder == agent_id]:
            del self._keys[keysym]
            self._injector.key(keysym, False)
        for button in [one for one, holder in self._buttons.items() if holder == agent_id]:
            del self._buttons[button]
            self._injector.button(button, False)

    def _count(self, agent_id: str, refusal: Refusal | None) -> None:
        now_ms = self._clock_ms()
        old = self.tallies.get(agent_id, Tally())
        if refusal is None:
            new = Tally(old.landed + 1, old.refused, old.first_ms or now_ms, now_ms)
        else:
            new = Tally(old.landed, old.refused + 1, old.first_ms, old.last_ms)
        self.tallies = {**self.tallies, agent_id: new}


def _plain(keysym: int) -> int:
    """Keypad keys as their plain twins: with MouseKeys on, the keypad itself would click where no pointer may."""
    return _KEYPAD.get(keysym, keysym)


_KEYPAD: Final = {
    0xFF8D: k.RETURN,
    0xFF89: k.TAB,
    0xFF80: 0x20,
    0xFF95: 0xFF50,  # Home, Left, Up, Right, Down, Page Up, Page Down, End
    0xFF96: 0xFF51,
    0xFF97: 0xFF52,
    0xFF98: 0xFF53,
    0xFF99: 0xFF54,
    0xFF9A: 0xFF55,
    0xFF9B: 0xFF56,
    0xFF9C: 0xFF57,
    0xFF9E: 0xFF63,  # Insert
    0xFF9F: k.DELETE,
    0xFFBD: ord("="),
    **{0xFFAA + index: ord(one) for index, one in enumerate("*+,-./0123456789")},
}
