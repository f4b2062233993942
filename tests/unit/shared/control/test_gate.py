"""The gate alone, with an injector that writes down what it was told."""

from dataclasses import dataclass, field

import pytest

from shared.control import input as i
from shared.control.gate import LOCAL_HOLD_MS, SILENCE_MS, Gate, Protected
from shared.protocol.types import Capability, Grant
from shared.rules import consent as c
from shared.rules.coordinates import Area
from shared.rules.sharing import Ground

SHIFT, CONTROL, F12 = 0xFFE1, 0xFFE3, 0xFFC9
A = ord("a")


@dataclass
class Paper:
    """An injector on paper."""

    done: list[tuple[object, ...]] = field(default_factory=list)
    focus: int = 0
    on_top: int = 0
    waits: list[float] = field(default_factory=list)
    closed: bool = False

    def move(self, x: int, y: int) -> None:
        self.done.append(("move", x, y))

    def button(self, number: int, down: bool) -> None:
        self.done.append(("button", number, down))

    def wheel(self, right: int, up: int) -> None:
        self.done.append(("wheel", right, up))

    def key(self, keysym: int, down: bool) -> bool:
        self.done.append(("key", keysym, down))
        return True

    def prepare(self, text: str) -> float:
        return self.waits.pop(0) if self.waits else 0.0

    def character(self, character: str) -> bool:
        self.done.append(("char", character))
        return True

    def has_focus(self, windows: frozenset[int]) -> bool:
        return self.focus in windows

    def is_on(self, windows: frozenset[int], x: int, y: int) -> bool:
        return self.on_top in windows

    def close(self) -> None:
        self.closed = True


@dataclass
class Scene:
    paper: Paper = field(default_factory=Paper)
    now_ms: int = 1000
    on_pause: list[object] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.gate = Gate(lambda: self.paper, lambda: self.now_ms, self.pause)
        self.gate.ground = Ground(Area(100, 50, 800, 600), (Area(100, 50, 800, 600),))
        self.gate.connected = frozenset({"lin", "ana"})

    def pause(self, _seconds: float) -> None:
        for act in self.on_pause:
            assert callable(act)
            act()

    def grant(self, agent: str = "lin", *, until_ms: int = 9000) -> None:
        wanted: tuple[Capability, ...] = ("view", "control")
        asked = c.ask(self.gate.consent, agent, wanted, "why", 5000, self.now_ms)
        assert isinstance(asked, c.Consent)
        grants = [Grant(capability=one, agent_id=agent, until_ms=until_ms) for one in wanted]
        granted = c.answer(asked, agent, grants, self.now_ms)
        assert isinstance(granted, c.Consent)
        self.gate.consent = granted


@pytest.fixture
def scene() -> Scene:
    return Scene()


def press(x: int = 10, y: int = 20) -> i.PointerPress:
    return i.PointerPress(1, x, y, 800, 600)


EVERY: list[i.Input] = [
    i.PointerMove(1, 1, 800, 600),
    press(),
    i.PointerRelease(1, 1, 1, 800, 600),
    i.Wheel(0, 1, 1, 1, 800, 600),
    i.KeyDown(A),
    i.KeyUp(A),
    i.TypeText("hello"),
    i.LetGo(),
    i.KeepHeld(),
]


@pytest.mark.parametrize("message", EVERY, ids=lambda m: type(m).__name__)
def test_nothing_lands_without_a_grant(scene: Scene, message: i.Input) -> None:
    scene.gate.land("lin", message)
    assert scene.paper.done == []


@pytest.mark.parametrize("message", EVERY, ids=lambda m: type(m).__name__)
def test_nothing_lands_with_another_agents_grant(scene: Scene, message: i.Input) -> None:
    scene.grant("ana")
    scene.gate.land("lin", message)
    assert scene.paper.done == []


def test_what_is_granted_lands_on_the_monitor(scene: Scene) -> None:
    scene.grant()
    assert scene.gate.land("lin", press()) is None
    assert scene.gate.land("lin", i.PointerRelease(1, 30, 40, 800, 600)) is None
    assert scene.paper.done == [
        ("move", 110, 70),
        ("button", 1, True),
        ("move", 130, 90),
        ("button", 1, False),
    ]


def test_a_picture_scaled_to_half_still_hits(scene: Scene) -> None:
    scene.grant()
    scene.gate.land("lin", i.PointerMove(200, 150, 400, 300))
    assert scene.paper.done == [("move", 501, 351)]


@pytest.mark.parametrize(
    ("how", "why"),
    [
        ("pause", "paused"),
        ("expire", "expired"),
        ("stop", "stopped"),
        ("revoke", "no_grant"),
        ("shut", "stopped"),
        ("gone", "not_connected"),
        ("local", "local_input"),
    ],
)
def test_each_way_to_take_it_back_refuses_and_lets_go(scene: Scene, how: str, why: str) -> None:
    scene.grant()
    gate = scene.gate
    gate.land("lin", i.KeyDown(SHIFT))
    gate.land("lin", press())
    scene.paper.done.clear()
    match how:
        case "pause":
            gate.consent = c.pause(gate.consent)
        case "expire":
            scene.now_ms = 9000
        case "stop":
            gate.consent = c.stop(gate.consent)[0]
        case "revoke":
            gate.consent = c.revoke(gate.consent, "lin", "control")[0]
        case "shut":
            gate.shut()
        case "gone":
            gate.connected = frozenset()
        case _:
            gate.note_local(scene.now_ms)
    assert gate.land("lin", i.KeyDown(A)) == why
    gate.settle()
    assert scene.paper.done == [("key", SHIFT, False), ("button", 1, False)]


def test_local_input_holds_for_a_second_after_the_last_use(scene: Scene) -> None:
    scene.grant()
    scene.gate.note_local(scene.now_ms)
    scene.now_ms += LOCAL_HOLD_MS - 1
    assert scene.gate.land("lin", i.KeyDown(A)) == "local_input"
    scene.now_ms += 1
    assert scene.gate.land("lin", i.KeyDown(A)) is None


def test_our_windows_are_out_of_reach_of_the_pointer(scene: Scene) -> None:
    scene.grant()
    scene.gate.protected = Protected((Area(100, 50, 50, 50),), frozenset({7}))
    for message in (i.PointerMove(49, 49, 800, 600), press(0, 0), i.Wheel(0, 1, 20, 20, 800, 600)):
        assert scene.gate.land("lin", message) == "protected"
    assert scene.paper.done == []
    assert scene.gate.land("lin", press(50, 0)) is None


def test_a_drag_ends_where_it_was_when_it_comes_over_our_window(scene: Scene) -> None:
    scene.grant()
    scene.gate.land("lin", press(200, 200))
    scene.gate.protected = Protected((Area(100, 50, 50, 50),))
    scene.paper.done.clear()
    assert scene.gate.land("lin", i.PointerMove(10, 10, 800, 600)) == "protected"
    assert scene.gate.land("lin", i.PointerRelease(1, 10, 10, 800, 600)) is None
    assert scene.paper.done == [("button", 1, False)]


def test_no_key_while_one_of_our_windows_has_the_focus(scene: Scene) -> None:
    scene.grant()
    scene.gate.protected = Protected((), frozenset({7}))
    scene.gate.land("lin", i.KeyDown(SHIFT))
    scene.paper.done.clear()
    scene.paper.focus = 7
    assert scene.gate.land("lin", i.KeyDown(A)) == "protected"
    assert scene.gate.land("lin", i.TypeText("yes")) == "protected"
    assert scene.paper.done == []
    assert scene.gate.land("lin", i.KeyUp(SHIFT)) is None
    assert scene.paper.done == [("key", SHIFT, False)]


@pytest.mark.parametrize("order", [(CONTROL, SHIFT, F12), (F12, SHIFT, CONTROL), (0xFFE2, F12, 0xFFE4)])
def test_the_stop_chord_is_never_injected_also_not_by_two_agents(scene: Scene, order: tuple[int, ...]) -> None:
    scene.grant("lin")
    scene.grant("ana")
    scene.gate.land("lin", i.KeyDown(order[0]))
    scene.gate.land("lin", i.KeyDown(order[1]))
    assert scene.gate.land("ana", i.KeyDown(order[2])) == "protected"
    assert ("key", order[2], True) not in scene.paper.done


@pytest.mark.parametrize("keysym", [0xFEE9, 0xFEF9, 0xFF7F, 0xFFE5])
def test_pointer_keys_and_locks_are_no_way_round(scene: Scene, keysym: int) -> None:
    scene.grant()
    assert scene.gate.land("lin", i.KeyDown(keysym)) == "unknown"
    assert scene.paper.done == []


def test_keypad_keys_land_as_their_plain_twins(scene: Scene) -> None:
    scene.grant()
    scene.gate.land("lin", i.KeyDown(0xFFB5))
    scene.gate.land("lin", i.KeyUp(0xFFB5))
    assert scene.paper.done == [("key", ord("5"), True), ("key", ord("5"), False)]


def test_text_stops_at_the_very_character_where_consent_ends(scene: Scene) -> None:
    scene.grant()
    scene.paper.waits = [0.0, 0.0, 0.1]
    scene.on_pause = [lambda: setattr(scene.gate, "consent", c.revoke(scene.gate.consent, "lin", "control")[0])]
    assert scene.gate.land("lin", i.TypeText("abcdef")) == "no_grant"
    assert scene.paper.done == [("char", "a"), ("char", "b")]
    assert (scene.gate.tallies["lin"].landed, scene.gate.tallies["lin"].refused) == (2, 1)


def test_who_holds_a_key_and_falls_silent_lets_go(scene: Scene) -> None:
    scene.grant()
    scene.gate.land("lin", i.KeyDown(A))
    scene.now_ms += SILENCE_MS
    scene.gate.land("lin", i.KeepHeld())
    scene.now_ms += SILENCE_MS
    scene.gate.settle()
    assert ("key", A, False) not in scene.paper.done
    scene.now_ms += 1
    scene.gate.settle()
    assert scene.paper.done[-1] == ("key", A, False)


def test_one_agent_cannot_let_go_of_what_another_holds(scene: Scene) -> None:
    scene.grant("lin")
    scene.grant("ana")
    scene.gate.land("lin", i.KeyDown(SHIFT))
    scene.gate.land("lin", press())
    assert scene.gate.land("ana", i.KeyUp(SHIFT)) == "unknown"
    assert scene.gate.land("ana", i.PointerRelease(1, 0, 0, 800, 600)) == "unknown"
    scene.gate.land("ana", i.LetGo())
    assert ("key", SHIFT, False) not in scene.paper.done
    assert ("button", 1, False) not in scene.paper.done


def test_tallies_say_what_landed_and_what_did_not(scene: Scene) -> None:
    scene.gate.land("lin", press())
    scene.grant()
    scene.now_ms = 2000
    scene.gate.land("lin", press())
    scene.now_ms = 3000
    scene.gate.land("lin", i.TypeText("ab"))
    tally = scene.gate.tallies["lin"]
    assert (tally.landed, tally.refused, tally.first_ms, tally.last_ms) == (3, 1, 2000, 3000)


def test_closing_lets_go_and_closes_the_injector(scene: Scene) -> None:
    scene.grant()
    scene.gate.land("lin", i.KeyDown(SHIFT))
    scene.gate.close()
    assert scene.paper.done[-1] == ("key", SHIFT, False)
    assert scene.paper.closed
    assert scene.gate.land("lin", i.KeyDown(A)) == "stopped"


def test_nothing_lands_beside_what_is_shared(scene: Scene) -> None:
    scene.grant()
    shared, bounds = Area(100, 50, 300, 600), Area(100, 50, 800, 600)
    scene.gate.ground = Ground(bounds, (shared,))
    assert scene.gate.land("lin", i.PointerMove(299, 10, 800, 600)) is None
    assert scene.gate.land("lin", i.PointerMove(300, 10, 800, 600)) == "outside"
    scene.gate.ground = None
    assert scene.gate.land("lin", i.PointerMove(10, 10, 800, 600)) == "outside"
    assert scene.gate.land("lin", i.KeyDown(A)) == "outside"
    assert scene.paper.done == [("move", 399, 60)]


def test_one_window_takes_input_only_where_it_is_on_top_and_keys_only_with_the_focus(scene: Scene) -> None:
    scene.grant()
    scene.gate.ground = Ground(Area(100, 50, 800, 600), (Area(100, 50, 800, 600),), window=7)
    assert scene.gate.land("lin", i.PointerPress(1, 10, 10, 800, 600)) == "outside"
    assert scene.gate.land("lin", i.KeyDown(A)) == "outside"
    scene.paper.on_top = scene.paper.focus = 7
    assert scene.gate.land("lin", i.PointerPress(1, 10, 10, 800, 600)) is None
    assert scene.gate.land("lin", i.KeyDown(A)) is None


def test_a_window_that_is_dragged_does_not_run_from_the_pointer(scene: Scene) -> None:
    scene.grant()
    scene.gate.ground = Ground(Area(100, 50, 800, 600), (Area(100, 50, 800, 600),), window=7)
    scene.paper.on_top = 7
    scene.gate.land("lin", i.PointerPress(1, 10, 10, 800, 600))
    scene.gate.ground = Ground(Area(140, 50, 800, 600), (Area(140, 50, 800, 600),), window=7)
    scene.gate.land("lin", i.PointerMove(60, 10, 800, 600))
    assert scene.paper.done[-1] == ("move", 160, 60)


def test_nothing_lands_on_a_window_that_the_customer_hides(scene: Scene) -> None:
    scene.grant()
    scene.gate.protected = Protected(windows=frozenset({9}), hidden=frozenset({9}))
    scene.paper.on_top = 9
    assert scene.gate.land("lin", i.PointerMove(10, 10, 800, 600)) == "protected"
    scene.paper.focus = 9
    assert scene.gate.land("lin", i.KeyDown(A)) == "protected"
