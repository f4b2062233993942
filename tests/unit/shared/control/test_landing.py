"""The landing's thread: orders take effect while it is busy or stuck, and what waits is bounded."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest

from shared.control import input as i
from shared.control.injector import ControlFault
from shared.control.landing import MAX_WAITING, Landing
from shared.protocol.types import Capability, Grant
from shared.rules import consent as c
from shared.rules.coordinates import Area
from shared.rules.sharing import Ground


@dataclass
class Slow:
    """An injector whose keys take as long as the test says."""

    done: list[tuple[object, ...]] = field(default_factory=list)
    open: threading.Event = field(default_factory=threading.Event)
    entered: threading.Event = field(default_factory=threading.Event)
    closed: threading.Event = field(default_factory=threading.Event)
    fault: bool = False

    def __post_init__(self) -> None:
        self.open.set()

    def move(self, x: int, y: int) -> None:
        self.entered.set()
        assert self.open.wait(10)
        if self.fault:
            raise ControlFault("control.lost")
        self.done.append(("move", x, y))

    def button(self, number: int, down: bool) -> None:
        self.done.append(("button", number, down))

    def wheel(self, right: int, up: int) -> None:
        self.done.append(("wheel", right, up))

    def key(self, keysym: int, down: bool) -> bool:
        self.done.append(("key", keysym, down))
        return True

    def prepare(self, text: str) -> float:
        self.entered.set()
        return 0.0 if self.open.is_set() else 0.01

    def character(self, character: str) -> bool:
        self.done.append(("char", character))
        return True

    def has_focus(self, windows: frozenset[int]) -> bool:
        return False

    def is_on(self, windows: frozenset[int], x: int, y: int) -> bool:
        return bool(windows) and 7 in windows

    def close(self) -> None:
        self.closed.set()


def granted(*agents: str) -> c.Consent:
    consent: c.Consent | c.Refusal = c.NOTHING
    wanted: tuple[Capability, ...] = ("view", "control")
    for agent in agents:
        assert isinstance(consent, c.Consent)
        consent = c.ask(consent, agent, wanted, "", 100, 0)
        assert isinstance(consent, c.Consent)
        consent = c.grant(consent, [Grant(capability=one, agent_id=agent, until_ms=100) for one in wanted], 0)
    assert isinstance(consent, c.Consent)
    return consent


def until(true: Callable[[], object]) -> None:
    clock = threading.Event()
    for _ in range(4000):
        if true():
            return
        clock.wait(0.0025)
    raise AssertionError("waited 10 s in vain")


@dataclass
class Scene:
    slow: Slow
    landing: Landing
    ready: list[bool]


@pytest.fixture
def scene() -> Iterator[Scene]:
    slow, ready = Slow(), []
    landing = Landing(lambda: slow, lambda: 50, ready.append)
    landing.set_consent(granted("lin", "ana"))
    landing.set_connected(frozenset({"lin", "ana"}))
    landing.set_ground(Ground(Area(0, 0, 100, 100), (Area(0, 0, 100, 100),)))
    landing.start()
    until(lambda: ready == [True])
    yield Scene(slow, landing, ready)
    slow.open.set()
    landing.close()
    assert slow.closed.is_set()


def move(x: int) -> i.PointerMove:
    return i.PointerMove(x, 0, 100, 100)


def block(scene: Scene) -> None:
    scene.slow.open.clear()
    scene.landing.offer("lin", move(0))
    assert scene.slow.entered.wait(10)


def test_what_is_offered_lands_in_order(scene: Scene) -> None:
    for x in range(5):
        scene.landing.offer("lin", i.KeyDown(0x61 + x))
    until(lambda: len(scene.slow.done) == 5)
    assert scene.slow.done == [("key", 0x61 + x, True) for x in range(5)]


def test_moves_behind_one_another_become_the_last_of_them(scene: Scene) -> None:
    block(scene)
    for x in range(1, 50):
        scene.landing.offer("lin", move(x))
    scene.slow.open.set()
    until(lambda: ("move", 49, 0) in scene.slow.done)
    assert scene.slow.done == [("move", 0, 0), ("move", 49, 0)]


def test_an_agent_who_floods_loses_what_waits_and_lets_go_and_the_other_loses_nothing(scene: Scene) -> None:
    scene.landing.offer("lin", i.KeyDown(0x7A))
    until(lambda: scene.slow.done)
    block(scene)
    scene.landing.offer("ana", i.KeyDown(0x62))
    for _ in range(MAX_WAITING):
        scene.landing.offer("lin", i.Wheel(0, 1, 0, 0, 100, 100))
    scene.slow.open.set()
    until(lambda: ("key", 0x7A, False) in scene.slow.done)
    assert ("key", 0x62, True) in scene.slow.done
    assert ("wheel", 0, 1) not in scene.slow.done


@pytest.mark.parametrize("how", ["revoke", "shut"])
def test_what_waits_behind_a_stuck_event_never_lands_after_the_end(scene: Scene, how: str) -> None:
    block(scene)
    scene.landing.offer("lin", i.KeyDown(0x61))
    if how == "shut":
        scene.landing.shut()
    else:
        scene.landing.set_consent(c.NOTHING)
    scene.slow.open.set()
    until(lambda: scene.landing.tallies().get("lin", (0, 0, 0, 0))[1] == 1)
    assert scene.slow.done == [("move", 0, 0)]


def test_a_long_text_stops_in_the_middle(scene: Scene) -> None:
    scene.landing.offer("lin", i.KeyDown(0xFFE1))
    until(lambda: scene.slow.done)
    scene.slow.open.clear()
    scene.landing.offer("lin", i.TypeText("never"))
    assert scene.slow.entered.wait(10)
    scene.landing.set_consent(c.NOTHING)
    until(lambda: ("key", 0xFFE1, False) in scene.slow.done)
    assert not [one for one in scene.slow.done if one[0] == "char"]


def test_local_use_lets_everything_come_up(scene: Scene) -> None:
    scene.landing.offer("lin", i.KeyDown(0xFFE1))
    until(lambda: scene.slow.done)
    scene.landing.note_local(50)
    until(lambda: ("key", 0xFFE1, False) in scene.slow.done)


def test_a_machine_that_takes_no_input_any_more_says_so(scene: Scene) -> None:
    scene.slow.fault = True
    scene.landing.offer("lin", move(1))
    until(lambda: scene.ready == [True, False])


def test_a_machine_that_never_took_any_says_so() -> None:
    def refuse() -> Slow:
        raise ControlFault("control.unavailable")

    ready: list[bool] = []
    landing = Landing(refuse, lambda: 0, ready.append)
    landing.start()
    until(lambda: ready == [False])
    landing.offer("lin", move(1))
    landing.shut()
    landing.close()
    assert landing.tallies() == {}
