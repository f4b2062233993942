"""Law 3 at the landing: whatever arrives in whatever order, nothing reaches the machine without a live grant to that
very agent, and nothing stays down once there is none."""

from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st

from shared.control import input as i
from shared.control.gate import Gate
from shared.protocol.types import Capability, Grant
from shared.rules import consent as c
from shared.rules.coordinates import Area
from shared.rules.sharing import Ground

AGENTS = ("lin", "ana")
agents = st.sampled_from(AGENTS)
keysyms = st.sampled_from([0xFFE1, 0xFFE3, 0xFFC9, 0x61, 0x62])
inputs: st.SearchStrategy[i.Input] = st.one_of(
    st.builds(i.PointerMove, st.integers(0, 99), st.integers(0, 99), st.just(100), st.just(100)),
    st.builds(i.PointerPress, st.sampled_from([1, 3]), st.just(1), st.just(1), st.just(100), st.just(100)),
    st.builds(i.PointerRelease, st.sampled_from([1, 3]), st.just(1), st.just(1), st.just(100), st.just(100)),
    st.builds(i.KeyDown, keysyms),
    st.builds(i.KeyUp, keysyms),
    st.builds(i.TypeText, st.text("ab你", min_size=1, max_size=4)),
    st.just(i.LetGo()),
)
orders = st.one_of(
    st.tuples(st.just("grant"), agents, st.integers(1, 60)),
    st.tuples(st.sampled_from(["revoke", "drop", "join"]), agents, st.just(0)),
    st.tuples(st.sampled_from(["pause", "resume", "local", "stop"]), st.just(""), st.just(0)),
)
steps = st.lists(st.tuples(st.one_of(st.tuples(agents, inputs), orders), st.integers(0, 8)), max_size=60)


@dataclass
class Machine:
    """What reached the machine, and what is down there."""

    touched: int = 0
    down: set[int] = field(default_factory=set)

    def move(self, x: int, y: int) -> None:
        self.touched += 1

    def button(self, number: int, down: bool) -> None:
        self.key(number, down)

    def wheel(self, right: int, up: int) -> None:
        self.touched += 1

    def key(self, keysym: int, down: bool) -> bool:
        if down:
            self.touched += 1
            self.down.add(keysym)
        else:
            self.down.discard(keysym)
        return True

    def prepare(self, text: str) -> float:
        return 0.0

    def character(self, character: str) -> bool:
        self.touched += 1
        return True

    def has_focus(self, windows: frozenset[int]) -> bool:
        return False

    def is_on(self, windows: frozenset[int], x: int, y: int) -> bool:
        return bool(windows) and 7 in windows

    def close(self) -> None:
        pass


@dataclass
class World:
    machine: Machine = field(default_factory=Machine)
    now_ms: int = 0
    until: dict[str, int] = field(default_factory=dict)
    paused: bool = False
    stopped: bool = False
    local_until: int = 0

    def __post_init__(self) -> None:
        self.gate = Gate(lambda: self.machine, lambda: self.now_ms, lambda _: None)
        self.gate.ground = Ground(Area(0, 0, 100, 100), (Area(0, 0, 100, 100),))
        self.gate.connected = frozenset(AGENTS)

    def may(self, agent: str) -> bool:
        live = self.until.get(agent, 0) > self.now_ms and agent in self.gate.connected
        return live and not self.paused and not self.stopped and self.now_ms >= self.local_until

    def order(self, what: str, agent: str, span: int) -> None:
        gate = self.gate
        match what:
            case "grant" if not self.stopped:
                wanted: tuple[Capability, ...] = ("view", "control")
                asked = c.ask(c.sweep(gate.consent, self.now_ms)[0], agent, wanted, "", self.now_ms + 9, self.now_ms)
                assert isinstance(asked, c.Consent)
                until = self.now_ms + span
                grants = [Grant(capability=one, agent_id=agent, until_ms=until) for one in wanted]
                granted = c.answer(asked, agent, grants, self.now_ms)
                assert isinstance(granted, c.Consent)
                gate.consent = granted
                self.until[agent] = until
            case "revoke":
                gate.consent = c.revoke(gate.consent, agent, "view")[0]
                self.until.pop(agent, None)
            case "drop":
                gate.connected -= {agent}
            case "join":
                gate.connected |= {agent}
            case "pause":
                gate.consent = c.pause(gate.consent)
                self.paused = True
            case "resume":
                gate.consent = c.resume(gate.consent)
                self.paused = False
            case "local":
                gate.note_local(self.now_ms - 990)
                self.local_until = max(self.local_until, self.now_ms + 10)
            case "stop":
                gate.shut()
                self.stopped = True
            case _:
                pass


@given(steps)
def test_nothing_lands_without_a_live_grant_to_that_very_agent(
    history: list[tuple[tuple[str, i.Input] | tuple[str, str, int], int]],
) -> None:
    world = World()
    for act, later in history:
        world.now_ms += later
        if len(act) == 3:
            world.order(*act)
        else:
            agent, message = act
            before = world.machine.touched
            world.gate.land(agent, message)
            assert world.may(agent) or world.machine.touched == before
        world.gate.settle()
        assert not world.machine.down or any(world.may(one) for one in AGENTS)
        assert not {0xFFE1, 0xFFE3, 0xFFC9} <= world.machine.down


@given(agents, st.lists(inputs, min_size=1, max_size=20))
def test_a_live_grant_lets_the_pointer_through(agent: str, messages: list[i.Input]) -> None:
    world = World()
    world.order("grant", agent, 60)
    for message in messages:
        world.gate.land(agent, message)
    before = world.machine.touched
    assert world.gate.land(agent, i.PointerMove(5, 5, 100, 100)) is None
    assert world.machine.touched == before + 1
