"""The agent's pointer and pen over the picture: what goes out, what is shown at once, and when it all goes."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QMenu, QWidget
from pytestqt.qtbot import QtBot

from agent_app.remote.presenter import RemotePresenter
from agent_app.remote.session import OnEnded, OnReport, Session, Spare
from agent_app.remote.window import RemoteWindow
from shared.control import drawing as d
from shared.protocol.messages import conversations as c
from shared.protocol.messages import remote as x
from shared.protocol.types import Grant
from shared.session import channel as s
from shared.session.drawing_messages import DrawingWiped, SendDrawing
from shared.session.frames import FrameWriter
from tests.agent_fakes import ME, NOW, World, introduction_of

SIZE = (640, 400)


class FakeSession:
    alive = True

    def __init__(self, on_report: OnReport) -> None:
        self.report = on_report
        self.orders: list[s.AgentOrder] = []

    def send(self, order: s.AgentOrder) -> None:
        self.orders.append(order)

    async def close(self) -> None:
        self.alive = False


@dataclass
class Remote:
    """The window with a picture, and the session process it talks to."""

    window: RemoteWindow
    session: FakeSession

    def find(self, name: str) -> QWidget:
        return cast(QWidget, self.window.findChild(QWidget, name))

    def marks(self) -> list[d.Drawing]:
        sent = [mark for order in self.session.orders if isinstance(order, SendDrawing) for mark in order.marks]
        self.session.orders.clear()
        return sent

    def stand(self, *capabilities: str, paused: bool = False) -> None:
        told = tuple(cast("list[s.Capability]", list(capabilities)))
        self.session.report(s.StandingChanged(capabilities=told, paused=paused))

    def spot(self, x: int, y: int) -> QPoint:
        """The middle of a picture pixel, on the sheet."""
        placement = self.window.picture.placement()
        return QPoint(
            placement.x + x * placement.width // SIZE[0] + 1, placement.y + y * placement.height // SIZE[1] + 1
        )

    def move(self, qtbot: QtBot, x: int, y: int) -> None:
        """The pointer goes over the sheet; returns once that has gone out: X tells of it in its own time."""
        before = len(self.session.orders)
        QTest.mouseMove(self.find("remote.sheet"), self.spot(x, y))
        qtbot.waitUntil(lambda: len(self.session.orders) > before)

    def choose(self, qtbot: QtBot, words: str) -> None:
        QTest.mouseClick(self.find("remote.draw"), Qt.MouseButton.LeftButton)
        (menu,) = self.find("remote.draw").findChildren(QMenu)
        next(action for action in menu.actions() if action.text() == words).trigger()
        menu.close()
        qtbot.waitUntil(lambda: not self.find("remote.draw").findChildren(QMenu))


@pytest.fixture
def remote(qtbot: QtBot, tmp_path: Path) -> Iterator[Remote]:
    world = World()
    world.sign_in()
    world.active()
    for kind, answer in ((x.GetIceServers, x.IceServers(servers=())), (x.EndRemote, c.Done())):
        world.relay.answers[kind] = answer
    made: list[FakeSession] = []

    async def start(on_report: OnReport, _on_ended: OnEnded) -> Session:
        made.append(FakeSession(on_report))
        return made[-1]

    spare, introduction = Spare(start), introduction_of(world)()
    presenter = RemotePresenter(world.desk, world.relay, world.timelines, spare, introduction, world.works.spawn, "k1")
    view = Grant(capability="view", agent_id=ME.id, until_ms=NOW + 900_000)
    world.public(
        x.CapabilityAsked(
            request_id="r1", session_id="s1", agent=ME, capabilities=("view",), reason="r", expires_ms=NOW + 60_000
        )
    )
    world.public(x.ConsentAnswered(request_id="r1", session_id="s1", agent=ME, grants=(view,), source="Main"))
    world.public(x.RemoteStarted(session_id="s1", agent=ME))
    world.flush()
    world.works.run()
    window = RemoteWindow(presenter, world.desk.now_ms)
    qtbot.addWidget(window)
    window.resize(1180, 780)
    window.show()
    qtbot.waitExposed(window)
    frames = FrameWriter(tmp_path)
    slot = frames.begin(*SIZE)
    slot.pixels[:] = b"\xf0\xe8\xdc\xff" * (len(slot.pixels) // 4)
    (session,) = made
    session.report(s.FrameShown(frame=frames.publish(slot, captured_us=1)))
    session.report(s.ViewingChanged(state="playing"))
    session.orders.clear()
    yield Remote(window, session)
    window.close()
    frames.close()
    world.works.run()


def test_without_the_grant_the_tools_ask_for_it(qtbot: QtBot, remote: Remote) -> None:
    remote.stand("view")
    for name in ("remote.pointer", "remote.draw"):
        with qtbot.waitSignal(remote.window.asked) as asked:
            QTest.mouseClick(remote.find(name), Qt.MouseButton.LeftButton)
        assert asked.args == ["point"]
    assert remote.marks() == []


def test_a_box_goes_out_as_it_is_drawn_and_shows_at_once(qtbot: QtBot, remote: Remote) -> None:
    remote.stand("view", "point", "control")
    remote.choose(qtbot, "Box")
    remote.choose(qtbot, "Red")
    sheet = remote.find("remote.sheet")
    QTest.mousePress(sheet, Qt.MouseButton.LeftButton, pos=remote.spot(100, 50))
    remote.move(qtbot, 300, 200)
    QTest.mouseRelease(sheet, Qt.MouseButton.LeftButton, pos=remote.spot(300, 200))
    assert remote.marks() == [d.Begin("box", 3, 100, 50, *SIZE), d.Reach(((300, 200),), *SIZE)]
    shown = remote.window.picture.grab().toImage()
    assert shown.pixelColor(remote.spot(100, 100)).name().upper() == "#B3261E"
    remote.choose(qtbot, "Undo the last")
    assert remote.marks() == [d.Undo()]
    shown = remote.window.picture.grab().toImage()
    assert shown.pixelColor(remote.spot(100, 100)).name() == "#dce8f0"


def test_with_a_tool_in_hand_no_click_goes_to_the_customers_computer(qtbot: QtBot, remote: Remote) -> None:
    remote.stand("view", "point", "control")
    QTest.mouseClick(remote.find("remote.pointer"), Qt.MouseButton.LeftButton)
    sheet = remote.find("remote.sheet")
    remote.move(qtbot, 200, 100)
    QTest.mouseClick(sheet, Qt.MouseButton.LeftButton, pos=remote.spot(200, 100))
    assert not [order for order in remote.session.orders if isinstance(order, s.SendInput)]
    (aim, *_) = remote.marks()
    assert isinstance(aim, d.Aim)
    assert (aim.x, aim.y, aim.width, aim.height) == (200, 100, *SIZE)
    QTest.mouseClick(remote.find("remote.pointer"), Qt.MouseButton.LeftButton)
    assert remote.marks() == [d.Unaim()]
    assert sheet.isHidden()


def test_words_are_written_where_the_click_was(qtbot: QtBot, remote: Remote) -> None:
    remote.stand("view", "point")
    remote.choose(qtbot, "Words")
    QTest.mouseClick(remote.find("remote.sheet"), Qt.MouseButton.LeftButton, pos=remote.spot(60, 80))
    field = cast(QLineEdit, remote.find("remote.words"))
    QTest.keyClicks(field, "Press here")
    QTest.keyClick(field, Qt.Key.Key_Return)
    (mark,) = remote.marks()
    assert isinstance(mark, d.Begin)
    assert (mark.tool, mark.x, mark.y, mark.words) == ("words", 60, 80, "Press here")


@pytest.mark.parametrize("how", ["wiped", "revoked", "paused", "lost"])
def test_what_is_gone_there_is_gone_here(qtbot: QtBot, remote: Remote, how: str) -> None:
    remote.stand("view", "point")
    remote.choose(qtbot, "Pen")
    sheet = remote.find("remote.sheet")
    QTest.mousePress(sheet, Qt.MouseButton.LeftButton, pos=remote.spot(10, 10))
    remote.move(qtbot, 100, 10)
    assert remote.window.picture.grab().toImage().pixelColor(remote.spot(50, 10)).name() != "#dce8f0"
    match how:
        case "wiped":
            remote.session.report(DrawingWiped())
        case "revoked":
            remote.stand("view")
        case "paused":
            remote.stand("view", "point", paused=True)
        case _:
            remote.session.report(s.ViewingChanged(state="lost"))
    remote.marks()
    QTest.mouseMove(sheet, remote.spot(120, 10))
    assert remote.marks() == []
    remote.window.picture.set_dim(False)
    assert remote.window.picture.grab().toImage().pixelColor(remote.spot(50, 10)).name() == "#dce8f0"


def test_the_quality_is_chosen_in_the_toolbar(qtbot: QtBot, remote: Remote) -> None:
    for chosen in ("Exact: every pixel, at once", "Save bandwidth: 600 kbit/s at most"):
        QTest.mouseClick(remote.find("remote.quality"), Qt.MouseButton.LeftButton)
        menu = next(each for each in remote.window.findChildren(QMenu) if each.isVisible())
        next(action for action in menu.actions() if action.text() == chosen).trigger()
        menu.close()
        qtbot.waitUntil(lambda: not any(each.isVisible() for each in remote.window.findChildren(QMenu)))
    assert remote.session.orders == [s.ChooseQuality(quality="exact"), s.ChooseQuality(quality="thrifty")]
