"""System information as the engineer gets it: asked for once granted, shown, copied, kept as a note."""

from typing import cast

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton
from pytestqt.qtbot import QtBot

from agent_app.remote.facts import FactsPresenter
from agent_app.remote.facts_panel import FactsPanel
from agent_app.remote.presenter import RemoteView
from shared.common.shown import Heard, Shown
from shared.control.facts import Fact, Section
from shared.protocol.messages import conversations as c
from shared.protocol.types import Capability
from shared.session import channel as s
from shared.session.facts_messages import AskFacts, FactsCame, FactsWithheld
from tests.agent_fakes import World

SECTIONS = (
    Section("system", (Fact("os", "Debian 12"), Fact("uptime", "3 d 04:10"))),
    Section("network", (Fact("interface", "wired, up, private", "eth0"), Fact("dns", "answers"))),
)
CAME = FactsCame(sections=SECTIONS, at_ms=1_795_000_000_000)


class Remote:
    """As much of the remote presenter as the panel uses."""

    def __init__(self) -> None:
        self.view = Shown(RemoteView(conversation_id="k1", name="Grace Chen", phase="playing"))
        self.reports = Heard[s.AgentReport]()
        self.orders: list[s.AgentOrder] = []

    def order(self, order: s.AgentOrder) -> None:
        self.orders.append(order)

    def stand(self, *standing: Capability, asked: tuple[Capability, ...] = ()) -> None:
        self.view.set(
            RemoteView(
                conversation_id="k1",
                name="Grace Chen",
                phase="playing",
                standing=frozenset(standing),
                asked=frozenset(asked),
            )
        )


class Desk:
    """The panel on its presenter."""

    def __init__(self, qtbot: QtBot) -> None:
        self.world, self.remote = World(), Remote()
        self.asked = 0
        self.presenter = FactsPresenter(self.remote, self.world.relay, self.world.works.spawn)
        self.panel = FactsPanel(self.presenter, self.ask, None)
        qtbot.addWidget(self.panel)
        qtbot.addWidget(self.panel.tool)
        self.panel.tool.show()

    def ask(self) -> None:
        self.asked += 1

    def press(self, name: str) -> None:
        cast(QPushButton, self.panel.findChild(QPushButton, name)).click()

    def words(self) -> set[str]:
        return {label.text() for label in self.panel.findChildren(QLabel)}


@pytest.fixture
def desk(qtbot: QtBot) -> Desk:
    return Desk(qtbot)


def test_the_tool_asks_the_customer_first(desk: Desk) -> None:
    desk.remote.stand("view")
    QTest.mouseClick(desk.panel.tool, Qt.MouseButton.LeftButton)
    assert desk.asked == 1
    assert not desk.panel.isVisible()
    desk.remote.stand("view", asked=("sysinfo",))
    assert not desk.panel.tool.isEnabled()


def test_once_granted_it_is_asked_for_and_shown_as_it_comes(desk: Desk) -> None:
    desk.remote.stand("view")
    desk.remote.stand("view", "sysinfo")
    assert desk.remote.orders == [AskFacts()]
    assert desk.panel.isVisible()
    assert "The customer looks through it. Only what they leave in comes." in desk.words()
    desk.remote.reports.tell(CAME)
    assert {"Debian 12", "Interface eth0", "wired, up, private address", "answers"} <= desk.words()
    desk.press("remote.facts-again")
    assert desk.remote.orders == [AskFacts(), AskFacts()]


def test_a_no_is_said_and_then_it_must_be_asked_for_anew(desk: Desk) -> None:
    desk.remote.stand("view", "sysinfo")
    desk.remote.reports.tell(FactsWithheld(why="refused"))
    desk.remote.stand("view")
    assert "The customer did not send it." in desk.words()
    desk.press("remote.facts-again")
    assert desk.asked == 1
    assert desk.remote.orders == [AskFacts()]


def test_it_is_copied_and_kept_as_a_note_as_text(desk: Desk) -> None:
    desk.world.relay.answers[c.AddNote] = lambda note: c.NoteAccepted(client_id=note.client_id, seq=1)
    desk.remote.stand("view", "sysinfo")
    desk.remote.reports.tell(CAME)
    desk.press("remote.facts-copy")
    copied = QGuiApplication.clipboard().text()
    assert "Grace Chen" in copied.splitlines()[0]
    assert "  Interface eth0: wired, up, private address" in copied.splitlines()
    desk.press("remote.facts-note")
    desk.world.works.run()
    (note,) = [one for one in desk.world.relay.asked if isinstance(one, c.AddNote)]
    assert (note.conversation_id, note.text) == ("k1", copied)
    button = desk.panel.findChild(QPushButton, "remote.facts-note")
    assert button is not None
    assert (button.text(), button.isEnabled()) == ("In the notes", False)


def test_what_was_sent_stays_when_the_grant_is_over(desk: Desk) -> None:
    desk.remote.stand("view", "sysinfo")
    desk.remote.reports.tell(CAME)
    desk.remote.stand("view")
    assert "Debian 12" in desk.words()
    assert desk.panel.tool.isEnabled()
