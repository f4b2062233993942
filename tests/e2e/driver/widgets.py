"""What assistive programs see of a window: widgets with names, roles, states, texts and places on the screen.

Everything comes through AT-SPI (the accessibility bus), as it would for a screen reader; the programs under test offer
no other way in. Source of interfaces, roles and state numbers: AT-SPI 2 (at-spi2-core, xml/ and atspi-constants.h).
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.e2e.driver.bus import Bus, BusRefusal, Call, daemon_call, property_call
from tests.e2e.driver.geometry import Rect
from tests.e2e.driver.processes import Program
from tests.e2e.driver.waiting import wait_for

ACCESSIBLE = "org.a11y.atspi.Accessible"
COMPONENT = "org.a11y.atspi.Component"
TEXT = "org.a11y.atspi.Text"
VALUE = "org.a11y.atspi.Value"
REGISTRY = "org.a11y.atspi.Registry"
ROOT = "/org/a11y/atspi/accessible/root"
SCREEN_COORDINATES = 0
MAX_WIDGETS = 20_000

# Bit numbers of the states that a test asks about.
STATES = {
    1: "active",
    3: "busy",
    4: "checked",
    5: "collapsed",
    7: "editable",
    8: "enabled",
    10: "expanded",
    11: "focusable",
    12: "focused",
    16: "modal",
    20: "pressed",
    23: "selected",
    25: "showing",
    30: "visible",
    33: "required",
    36: "invalid-entry",
    39: "is-default",
    41: "checkable",
    43: "read-only",
}

Words = str | re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Widget:
    """One widget as it was at the moment of looking. `rect` is where a person sees it, in screen pixels."""

    name: str
    role: str
    identifier: str
    description: str
    states: frozenset[str]
    rect: Rect
    depth: int
    bus_name: str
    path: str

    @property
    def is_showing(self) -> bool:
        return {"showing", "visible"} <= self.states and not self.rect.is_empty()

    @property
    def is_enabled(self) -> bool:
        return "enabled" in self.states

    @property
    def is_checked(self) -> bool:
        return "checked" in self.states

    @property
    def is_focused(self) -> bool:
        return "focused" in self.states

    def __str__(self) -> str:
        place = f"{self.rect.width}x{self.rect.height}+{self.rect.x}+{self.rect.y}"
        shown = "" if self.is_showing else " (not showing)"
        mark = f" #{self.identifier}" if self.identifier else ""
        return f"{'  ' * self.depth}{self.role} {self.name!r}{mark} {place}{shown}"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to look for; what is left out may be anything. Plain words must equal, patterns may match anywhere."""

    name: Words | None = None
    role: str | None = None
    identifier: Words | None = None
    states: frozenset[str] = frozenset()
    hidden: bool = False

    def fits(self, widget: Widget) -> bool:
        return (
            same(self.name, widget.name)
            and (self.role is None or self.role == widget.role)
            and (same(self.identifier, widget.identifier) or same_leaf(self.identifier, widget.identifier))
            and self.states <= widget.states
            and (self.hidden or widget.is_showing)
        )


def same(wanted: Words | None, found: str) -> bool:
    if wanted is None:
        return True
    return wanted == found if isinstance(wanted, str) else wanted.search(found) is not None


def same_leaf(wanted: Words | None, found: str) -> bool:
    """Qt gives `window.panel.button`: the object's own name, the last part, is enough to ask for."""
    return isinstance(wanted, str) and found.rpartition(".")[2] == wanted


@dataclass(slots=True)
class Accessibility:
    """The accessibility bus of one desktop."""

    address: str
    bus: Bus = field(init=False)

    def __post_init__(self) -> None:
        self.bus = Bus(self.address)

    def look(self, program: Program) -> list[Widget]:
        """Every widget of a program, windows first, children after their parents; empty while it shows nothing."""
        found: list[Widget] = []
        for bus_name, path in self._applications(program):
            found += self._below(bus_name, path)
        return found

    def all_matching(self, program: Program, wanted: Wanted) -> list[Widget]:
        return [widget for widget in self.look(program) if wanted.fits(widget)]

    def find(self, program: Program, wanted: Wanted, timeout_s: float = 10.0) -> Widget:
        """Wait for one such widget that has stopped moving; the first in window order when there are several.

        Its words may go on: a clock in them counts while we look.
        """

        def settled() -> Widget | None:
            first = next(iter(self.all_matching(program, wanted)), None)
            now = None if first is None else self.again(first)
            if first is None or now is None or (now.rect, now.states) != (first.rect, first.states):
                return None
            return now if wanted.fits(now) else None

        try:
            return wait_for(settled, f"a widget like {wanted} in {program.name}", timeout_s)
        except TimeoutError as late:
            raise LookupError(f"{late}\nIt shows:\n{self.describe(program)}\nIt said:\n{program.output()}") from late

    def again(self, widget: Widget) -> Widget | None:
        """The same widget as it is now; None when it is gone."""
        return next(iter(self._read([(widget.bus_name, widget.path)], widget.depth)), None)

    def text(self, widget: Widget) -> str:
        """The text in it: what was typed into an editor, what a label says (its name, when it holds no text)."""
        place = (widget.bus_name, widget.path)
        answer = self.bus.ask_all([Call(*place, TEXT, "GetText", "ii", (0, -1))])[0]
        return str(answer[0]) if answer is not None else widget.name

    def value(self, widget: Widget) -> float:
        """The number of a progress bar, slider or spin box."""
        answer = self.bus.ask(property_call(widget.bus_name, widget.path, VALUE, "CurrentValue"))
        return float(answer[0][1])

    def describe(self, program: Program) -> str:
        """The whole tree in words, for a person reading a failed test."""
        return "\n".join(str(widget) for widget in self.look(program)) or "(nothing)"

    def close(self) -> None:
        self.bus.close()

    def _applications(self, program: Program) -> list[tuple[str, str]]:
        """The accessible roots that belong to the program or a process it started."""
        try:
            applications = self.bus.ask(Call(REGISTRY, ROOT, ACCESSIBLE, "GetChildren"))[0]
        except BusRefusal:
            return []
        asked = [daemon_call("GetConnectionUnixProcessID", "s", (bus_name,)) for bus_name, _ in applications]
        pids = [answer[0] if answer else 0 for answer in self.bus.ask_all(asked)]
        ours = {program.pid, *(child.pid for child in program.children())}
        return [place for place, pid in zip(applications, pids, strict=True) if pid in ours]

    def _below(self, bus_name: str, path: str) -> list[Widget]:
        """All widgets under an application, found level by level with all questions of a level asked together."""
        order: dict[str, list[str]] = {}
        seen: dict[str, Widget] = {}
        level, depth = [path], 0
        while level and len(seen) < MAX_WIDGETS:
            seen |= {widget.path: widget for widget in self._read([(bus_name, place) for place in level], depth)}
            answers = self.bus.ask_all([Call(bus_name, place, ACCESSIBLE, "GetChildren") for place in level])
            for place, answer in zip(level, answers, strict=True):
                children = [str(child) for _, child in answer[0]] if answer else []
                order[place] = [child for child in children if child not in seen and not child.endswith("/null")]
            level = list(dict.fromkeys(child for place in level for child in order[place]))
            depth += 1
        return [seen[place] for place in in_window_order(path, order) if place in seen and place != path]

    def _read(self, places: Sequence[tuple[str, str]], depth: int) -> list[Widget]:
        """The widgets at these addresses; one that vanished meanwhile is left out."""
        questions = [question for place in places for question in widget_questions(*place)]
        answers = self.bus.ask_all(questions)
        size = len(questions) // max(1, len(places))
        found: list[Widget] = []
        for index, (bus_name, path) in enumerate(places):
            name, identifier, description, role, states, extents = answers[index * size : (index + 1) * size]
            if name is None or role is None or states is None:
                continue
            rect = Rect(*extents[0]) if extents is not None else Rect(0, 0, 0, 0)
            words = [str(answer[0][1]) if answer is not None else "" for answer in (name, identifier, description)]
            found.append(
                Widget(words[0], str(role[0]), words[1], words[2], named(states[0]), rect, depth, bus_name, path)
            )
        return found


def widget_questions(bus_name: str, path: str) -> list[Call]:
    """All that is asked about one widget."""
    return [
        *(property_call(bus_name, path, ACCESSIBLE, name) for name in ("Name", "AccessibleId", "Description")),
        Call(bus_name, path, ACCESSIBLE, "GetRoleName"),
        Call(bus_name, path, ACCESSIBLE, "GetState"),
        Call(bus_name, path, COMPONENT, "GetExtents", "u", (SCREEN_COORDINATES,)),
    ]


def named(words: Any) -> frozenset[str]:
    """The states in AT-SPI's two 32-bit words, by name."""
    low, high = words
    bits = int(low) | int(high) << 32
    return frozenset(name for number, name in STATES.items() if bits >> number & 1)


def in_window_order(path: str, order: dict[str, list[str]]) -> Iterable[str]:
    """Paths from the top down, each followed by its children."""
    yield path
    for child in order.get(path, []):
        yield from in_window_order(child, order)
