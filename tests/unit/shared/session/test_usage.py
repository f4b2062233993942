"""What was used, as the receipt needs it."""

from shared.session.channel import Used
from shared.session.usage import Usage


def used(count: int, first_ms: int, last_ms: int, refused: int = 0, what: str = "view") -> Used:
    capability = "view" if what == "view" else "control"
    return Used(agent_id="lin", capability=capability, count=count, refused=refused, first_ms=first_ms, last_ms=last_ms)


def test_a_view_is_told_while_it_lasts_and_keeps_its_beginning() -> None:
    usage = Usage()
    usage.connected("lin", 10)
    assert list(usage.news(["lin"], {}, 20)) == [used(1, 10, 20)]
    assert list(usage.news([], {}, 30)) == []
    usage.connected("lin", 40)
    assert list(usage.news(["lin"], {}, 50)) == [used(2, 10, 50)]


def test_input_is_told_only_when_it_changed() -> None:
    usage = Usage()
    assert list(usage.news([], {"lin": (3, 1, 5, 9)}, 20)) == [used(3, 5, 9, 1, "control")]
    assert list(usage.news([], {"lin": (3, 1, 5, 9)}, 30)) == []
