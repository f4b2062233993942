"""The clipboard from window to window: allowed piece by piece, whole or not at all."""

import asyncio
from collections.abc import Coroutine

import pytest

from shared.common.errors import PeerBroken
from shared.control.clipboard import item as i
from shared.control.clipboard.item import Item
from shared.control.clipboard.line import ClipLine, Piece, Start
from shared.protocol.types import Capability
from shared.session import channel as m
from shared.session.clip import AgentClip, CustomerClip
from shared.session.clip_messages import ClipIn, ClipOut
from tests.files_pair import until


class Desk:
    """Both session processes and both windows; what is said arrives at once."""

    def __init__(self) -> None:
        self.granted: set[Capability] = {"clipboard.read", "clipboard.write"}
        self.counted: list[tuple[Capability, bool]] = []
        self.at_customer: list[Item] = []
        self.at_agent: list[Item] = []
        self.said: list[bytes] = []
        self.full = False
        self.tasks: set[asyncio.Task[None]] = set()
        self.customer = CustomerClip(_CustomerHost(self))
        self.agent = AgentClip(_AgentHost(self))
        self.agent.connected(True)
        self.customer_window = ClipLine(self._from_customer_window, self.at_customer.append)
        self.agent_window = ClipLine(self._from_agent_window, self.at_agent.append)

    def _from_customer_window(self, data: bytes) -> bool:
        self.customer.order(ClipOut(agent_id="lin", data=data))
        return True

    def _from_agent_window(self, data: bytes) -> bool:
        self.agent.order(ClipOut(data=data))
        return True

    def spawn(self, work: Coroutine[object, object, None], name: str) -> None:
        task = asyncio.get_running_loop().create_task(_run(work), name=name)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    def now_ms(self) -> int:
        return 1


async def _run(work: Coroutine[object, object, None]) -> None:
    await work


class _CustomerHost:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self.spawn, self.now_ms = desk.spawn, desk.now_ms

    def report(self, report: m.CustomerReport) -> None:
        assert isinstance(report, ClipIn)
        self._desk.customer_window.message(report.data)

    report_latest = report

    def say(self, agent_id: str, channel: str, data: bytes) -> bool:
        if self._desk.full:
            return False
        self._desk.said.append(data)
        self._desk.agent.message(data)
        return True

    def waiting(self, agent_id: str, channel: str) -> int:
        return 0

    def allows(self, agent_id: str, capability: Capability) -> bool:
        return capability in self._desk.granted

    def used(self, agent_id: str, capability: Capability, *, refused: bool = False) -> None:
        self._desk.counted.append((capability, refused))


class _AgentHost:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self.spawn = desk.spawn

    def report(self, report: m.AgentReport) -> None:
        assert isinstance(report, ClipIn)
        self._desk.agent_window.message(report.data)

    report_latest = report

    def say(self, channel: str, data: bytes) -> bool:
        self._desk.customer.message("lin", data)
        return True

    def waiting(self, channel: str) -> int:
        return 0


PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + (800).to_bytes(4, "big") + (600).to_bytes(4, "big") + bytes(200_000)


async def test_what_the_customer_copies_arrives_whole_and_is_counted_once() -> None:
    desk = Desk()
    desk.customer_window.put(Item("错误 E-2417", "", PNG))
    assert desk.at_agent == [Item("错误 E-2417", "", PNG)]
    assert desk.at_customer == []
    assert desk.counted == [("clipboard.read", False)]


async def test_what_the_agent_copies_arrives_cleaned() -> None:
    desk = Desk()
    desk.agent_window.put(Item("hello", '<b>hello</b><img src="http://spy/x.png"><script>run()</script>'))
    assert desk.at_customer == [Item("hello", "<b>hello</b>")]
    assert desk.counted == [("clipboard.write", False)]


async def test_each_direction_needs_its_own_grant() -> None:
    desk = Desk()
    desk.granted = {"clipboard.write"}
    desk.customer_window.put(Item("secret"))
    assert desk.at_agent == []
    assert desk.said == []
    desk.granted = {"clipboard.read"}
    desk.agent_window.put(Item("rm -rf"))
    assert desk.at_customer == []
    assert {each for each in desk.counted if each[1]} == {("clipboard.read", True), ("clipboard.write", True)}


async def test_what_was_copied_without_a_grant_is_not_sent_by_a_later_one() -> None:
    desk = Desk()
    desk.granted = set()
    desk.customer_window.put(Item("before"))
    desk.granted = {"clipboard.read"}
    desk.customer.standing_changed()
    desk.customer_window.put(Item("after"))
    assert desk.at_agent == [Item("after")]


async def test_a_grant_that_ends_on_the_way_leaves_half_an_item_nowhere() -> None:
    desk = Desk()
    desk.full = True
    desk.customer_window.put(Item("", "", PNG))
    desk.granted = set()
    desk.customer.standing_changed()
    desk.full = False
    desk.granted = {"clipboard.read"}
    desk.customer_window.put(Item("next"))
    assert desk.at_agent == [Item("next")]


async def test_a_full_channel_is_tried_again() -> None:
    desk = Desk()
    desk.full = True
    desk.customer_window.put(Item("patience"))
    assert desk.at_agent == []
    desk.full = False
    await until(lambda: desk.at_agent)
    assert desk.at_agent == [Item("patience")]


async def test_after_the_stop_nothing_comes_or_goes() -> None:
    desk = Desk()
    desk.customer.stop()
    desk.customer_window.put(Item("late"))
    desk.agent_window.put(Item("late"))
    assert desk.at_agent == desk.at_customer == []


@pytest.mark.parametrize(
    "sent",
    [
        [Start(1, 3, bytes(32)), Piece(1, b"abcd")],
        [Start(1, 4, bytes(32)), Piece(1, b"abcd")],
        [Start(1, 1, i.digest(b"\x93")), Piece(1, b"\x93")],
    ],
)
def test_more_than_announced_or_something_else_breaks_the_connection(sent: list[Start | Piece]) -> None:
    import msgspec

    line = ClipLine(lambda _: True, lambda _: None)
    *before, last = [msgspec.msgpack.encode(each) for each in sent]
    for data in before:
        line.message(data)
    with pytest.raises(PeerBroken):
        line.message(last)


def test_items_are_bounded_before_anything_looks_into_them() -> None:
    huge = PNG[:16] + (60_000).to_bytes(4, "big") * 2 + PNG[24:]
    assert i.bounded(Item("x" * (i.MAX_TEXT_BYTES + 1))) is None
    assert i.bounded(Item("kept", "", huge)) == Item("kept")
    assert i.bounded(Item("", "", b"GIF89a" + bytes(100))) is None
    with pytest.raises(PeerBroken):
        i.decode(i.encode(Item("", "", huge)))


def test_the_newest_item_takes_the_place_of_what_is_under_way() -> None:
    arrived: list[Item] = []
    open_now = False
    there = ClipLine(lambda data: here_hears(data), arrived.append)
    here = ClipLine(lambda data: open_now and there_hears(data), arrived.append)

    def there_hears(data: bytes) -> bool:
        there.message(data)
        return True

    def here_hears(data: bytes) -> bool:
        here.message(data)
        return True

    here.put(Item("old"))
    here.put(Item("new"))
    open_now = True
    here.pump()
    assert arrived == [Item("new")]
