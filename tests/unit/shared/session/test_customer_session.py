"""The customer's session where the machine does not play along: no ear, no screen."""

import asyncio
from collections.abc import Callable

import pytest

from shared.common.clock import now_ms
from shared.control.injector import ControlFault, Injector
from shared.control.input import WishPicture, encode
from shared.media.sharer import PeerChanged
from shared.protocol.types import Grant
from shared.rules.sharing import SharedMonitors
from shared.session import channel as m
from shared.session import customer
from shared.session.customer import CustomerSession
from shared.session.outlet import Outlet
from shared.session.quality import THRIFTY_BPS


class Paper:
    """A pipe on paper."""

    def __init__(self) -> None:
        self.data = b""
        self.written = asyncio.Event()

    def write(self, data: bytes, /) -> None:
        self.data += data
        self.written.set()

    async def drain(self) -> None:
        pass

    def reports(self) -> list[m.CustomerReport]:
        return list(m.customer_reports().feed(self.data))


def deaf(*_: Callable[..., None]) -> None:
    raise ControlFault("control.unavailable", "no XInput2")


def never() -> Injector:
    raise AssertionError("nobody hears the person, so nobody may move their mouse")


async def live(orders: list[m.CustomerOrder]) -> list[m.CustomerReport]:
    paper = Paper()
    outlet = Outlet(paper, lambda: None)
    async with asyncio.timeout(20), asyncio.TaskGroup() as tasks:
        writing = tasks.create_task(outlet.run())
        session = CustomerSession(tasks, outlet, injector=never, watch=deaf)
        for order in orders:
            session.order(order)
        await session.stopping.wait()
        await session.finish()
        await outlet.flush()
        writing.cancel()
    return paper.reports()


@pytest.fixture(autouse=True)
def no_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DISPLAY", raising=False)


async def test_without_an_ear_there_is_no_control_and_without_a_screen_no_sharing() -> None:
    said = await live([m.StartSharing(session_id="s1", share=SharedMonitors(("screen",)))])
    assert m.StopWatch(works=False) in said
    assert m.ControlPossible(works=False) in said
    assert m.SharingChanged(state="failed", fault="capture.no_screen") in said
    assert said[-1] == m.Stopped(reason="session_process_lost")


async def test_a_viewer_added_and_removed_in_one_breath_leaves_nothing() -> None:
    grant = Grant(capability="view", agent_id="lin", until_ms=now_ms() + 60_000)
    said = await live(
        [
            m.StartSharing(session_id="s1", share=SharedMonitors(("screen",))),
            m.GiveGrants(grants=(grant,)),
            m.AddViewer(agent_id="lin"),
            m.AddViewer(agent_id="lin"),
            m.TakeGrant(agent_id="lin", capability="view"),
            m.AddViewer(agent_id="lin"),
        ]
    )
    assert not [one for one in said if isinstance(one, m.SignalOut)]
    assert m.GrantOver(agent_id="lin", capability="view", why="revoked") in said
    assert m.GrantsRefused(why="no_grant") in said
    assert said[-1] == m.Stopped(reason="session_process_lost")


async def test_after_a_stop_nothing_is_done() -> None:
    grant = Grant(capability="view", agent_id="lin", until_ms=now_ms() + 60_000)
    said = await live([m.StopSharing(reason="agent_ended"), m.GiveGrants(grants=(grant,)), m.AddViewer(agent_id="lin")])
    assert said == [m.Stopped(reason="agent_ended")]


@pytest.mark.parametrize("back", [False, True])
async def test_who_is_away_for_too_long_must_ask_again(monkeypatch: pytest.MonkeyPatch, back: bool) -> None:
    monkeypatch.setattr(customer, "RESUME_MS", 50)
    paper = Paper()
    outlet = Outlet(paper, lambda: None)
    async with asyncio.timeout(20), asyncio.TaskGroup() as tasks:
        writing = tasks.create_task(outlet.run())
        session = CustomerSession(tasks, outlet, injector=never, watch=deaf)
        keeping = tasks.create_task(session.keep_time())
        grants = tuple(Grant(capability="view", agent_id=each, until_ms=now_ms() + 60_000) for each in ("lin", "chen"))
        session.order(m.GiveGrants(grants=grants))
        session._sharer_changed(PeerChanged("lin", "lost"))
        session._sharer_changed(PeerChanged("chen", "lost"))
        if back:
            session._sharer_changed(PeerChanged("lin", "connected"))
        over = m.GrantOver(agent_id="chen", capability="view", why="connection_lost")
        while over not in paper.reports():
            paper.written.clear()
            await paper.written.wait()
        keeping.cancel()
        await outlet.flush()
        writing.cancel()
    lost = m.GrantOver(agent_id="lin", capability="view", why="connection_lost")
    assert (lost in paper.reports()) is not back


class Screen:
    """A sharer that notes what it is to make of the picture."""

    def __init__(self) -> None:
        self.exact = False
        self.limit_bps: int | None = None

    def set_exact(self, exact: bool) -> None:
        self.exact = exact

    def set_limit(self, limit_bps: int | None) -> None:
        self.limit_bps = limit_bps

    def send(self, *_: object) -> bool:
        return True


async def test_the_picture_follows_the_most_modest_wish_of_who_looks_on(monkeypatch: pytest.MonkeyPatch) -> None:
    async with asyncio.TaskGroup() as tasks:
        session, screen = CustomerSession(tasks, Outlet(Paper(), lambda: None), injector=never, watch=deaf), Screen()
        monkeypatch.setattr(session, "_sharer", screen)
        session._message("lin", "control", encode(WishPicture("exact")))
        assert not screen.exact
        session._sharer_changed(PeerChanged("lin", "connected"))
        session._message("lin", "control", encode(WishPicture("exact")))
        assert screen.exact
        session._sharer_changed(PeerChanged("chen", "connected"))
        assert not screen.exact
        session._message("chen", "control", encode(WishPicture("thrifty")))
        assert screen.limit_bps == THRIFTY_BPS
        session._sharer_changed(PeerChanged("chen", "closed"))
        assert (screen.exact, screen.limit_bps) == (True, None)
