"""Whatever an agent sends, what is shown stays bounded, and nothing shows without a live grant to that very agent."""

from hypothesis import given
from hypothesis import strategies as st

from shared.control import drawing as d
from shared.rules.coordinates import Area
from shared.session.drawing import MARKS_A_SECOND, CustomerDrawing
from shared.session.drawing_messages import DrawingsShown

MONITOR = Area(100, 50, 1000, 700)
size = st.integers(1, 32768)
position = st.integers(0, 32767)
colour = st.integers(0, 5)
mark: st.SearchStrategy[d.Drawing] = st.one_of(
    st.builds(d.Aim, position, position, size, size, colour),
    st.just(d.Unaim()),
    st.builds(
        d.Begin,
        st.sampled_from(["arrow", "box", "ellipse", "pen", "words"]),
        colour,
        position,
        position,
        size,
        size,
        st.text(max_size=80),
    ),
    st.builds(d.Reach, st.lists(st.tuples(position, position), min_size=1, max_size=64).map(tuple), size, size),
    st.just(d.Undo()),
    st.just(d.Clear()),
)


class Host:
    def __init__(self) -> None:
        self.allowed: set[str] = set()
        self.now = 0
        self.shown: list[DrawingsShown] = []
        self.said: list[str] = []
        self.uses: list[tuple[str, bool]] = []

    def report(self, report: DrawingsShown) -> None:
        self.shown.append(report)

    report_latest = report

    def say(self, agent_id: str, channel: str, data: bytes) -> bool:
        assert d.decode_wiped(data) == d.Wiped()
        self.said.append(agent_id)
        return True

    def waiting(self, agent_id: str, channel: str) -> int:
        return 0

    def allows(self, agent_id: str, capability: str) -> bool:
        assert capability == "point"
        return agent_id in self.allowed

    def used(self, agent_id: str, capability: str, *, refused: bool = False) -> None:
        self.uses.append((agent_id, refused))

    def now_ms(self) -> int:
        return self.now

    def spawn(self, work: object, name: str) -> None:
        raise AssertionError(name)


@given(st.lists(mark, max_size=150))
def test_a_sketch_is_bounded_and_on_the_monitor(marks: list[d.Drawing]) -> None:
    host = Host()
    host.allowed = {"lin"}
    part = CustomerDrawing(host)
    part.set_monitor(MONITOR)
    for one in marks:
        host.now += 1000
        part.message("lin", d.encode(one))
    for shown in host.shown:
        for each in shown.sketches:
            shapes = each.sketch.shapes
            assert len(shapes) <= d.MAX_SHAPES
            spots = [spot for shape in shapes for spot in shape.points]
            assert all(len(shape.points) <= d.MAX_POINTS for shape in shapes)
            if each.sketch.aim:
                spots.append((each.sketch.aim.x, each.sketch.aim.y))
            assert all(MONITOR.holds(x, y) for x, y in spots)
            assert all(line.isprintable() for line in (shape.words for shape in shapes))


@given(st.lists(st.tuples(st.sampled_from(["lin", "ana"]), st.sampled_from(["give", "take", "stop", "draw"]), mark)))
def test_nothing_shows_without_a_live_grant(steps: list[tuple[str, str, d.Drawing]]) -> None:
    host = Host()
    part = CustomerDrawing(host)
    stopped = False
    for agent, step, one in steps:
        host.now += 1000
        match step:
            case "give":
                host.allowed.add(agent)
            case "take":
                host.allowed.discard(agent)
                part.standing_changed()
            case "stop":
                part.stop()
                stopped = True
            case _:
                part.message(agent, d.encode(one))
        seen = {each.agent_id for each in host.shown[-1].sketches} if host.shown else set()
        assert seen <= host.allowed
        assert not (stopped and seen)


@given(st.integers(MARKS_A_SECOND, 3 * MARKS_A_SECOND))
def test_a_flood_of_marks_is_cut_off(count: int) -> None:
    host = Host()
    host.allowed = {"lin"}
    part = CustomerDrawing(host)
    for _ in range(count):
        part.message("lin", d.encode(d.Aim(1, 1, 10, 10, 0)))
    assert len(host.shown) == MARKS_A_SECOND
    host.now += 1000
    part.message("lin", d.encode(d.Unaim()))
    assert len(host.shown) == MARKS_A_SECOND + 1
