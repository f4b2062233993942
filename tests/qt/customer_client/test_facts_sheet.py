"""The look before system information is sent: what is on goes, nothing else, and only by Send."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QLabel
from pytestqt.qtbot import QtBot

from customer_client.facts.sheet import FactsSheet
from shared.control.facts import Fact, Section
from shared.protocol.messages import conversations as c
from shared.protocol.messages import remote as x
from shared.session import channel as ch
from shared.session.facts_messages import FactsGathered, FactsOver, KeepFacts, SendFacts
from shared.strings import set_language
from tests.customer_fakes import Stage, monitors

SECTIONS = (
    Section("system", (Fact("os", "Debian GNU/Linux 12 (bookworm)"), Fact("uptime", "3 d 04:10"))),
    Section("hardware", (Fact("memory", "5.1 GB / 15.6 GB"), Fact("load", "0.52  0.48  0.40"))),
    Section("network", (Fact("interface", "wireless, up, private", "wlan0"), Fact("dns", "silent"))),
    Section("addresses", (Fact("address", "192.168.1.23", "wlan0"),)),
    Section("programs", (Fact("process", "reportstudio  88 %"),)),
)


@pytest.fixture
def sheet(qtbot: QtBot, stage: Stage) -> FactsSheet:
    """Lin has the screen and the system facts granted, and has asked for a snapshot."""
    stage.connect()
    stage.talk()
    stage.relay.answers[x.GetIceServers] = x.IceServers(servers=())
    stage.relay.answers[x.SendSignal] = c.Done()
    stage.ask("view", "sysinfo")
    stage.session.report(monitors())
    stage.timers.pass_s(1)
    stage.rooms.consent.switch("view", True)
    stage.rooms.consent.switch("sysinfo", True)
    assert stage.rooms.consent.allow()
    made = FactsSheet(stage.rooms.facts)
    qtbot.addWidget(made)
    stage.session.report(FactsGathered(agent_id="lin", snapshot=1, sections=SECTIONS))
    qtbot.waitUntil(made.isActiveWindow)
    return made


def button(sheet: FactsSheet, name: str) -> QAbstractButton:
    found = sheet.findChild(QAbstractButton, name)
    assert found is not None, name
    return found


def words(sheet: FactsSheet) -> set[str]:
    return {label.text() for label in sheet.findChildren(QLabel)}


def test_every_line_is_there_and_what_says_most_is_off(sheet: FactsSheet) -> None:
    for line in ("5.1 GB / 15.6 GB", "wireless, up, private address", "does not answer", "192.168.1.23"):
        assert line in words(sheet)
    on = {name for name in ("system", "hardware", "network", "addresses", "programs") if _on(sheet, name)}
    assert on == {"system", "hardware", "network"}
    assert button(sheet, "facts.keep").hasFocus()
    assert button(sheet, "facts.send").text() == "Send 3 parts"


def _on(sheet: FactsSheet, name: str) -> bool:
    return button(sheet, f"facts.switch.{name}").isChecked()


def test_only_what_is_on_is_sent(qtbot: QtBot, stage: Stage, sheet: FactsSheet) -> None:
    stage.rooms.facts.switch("hardware", False)
    stage.rooms.facts.switch("addresses", True)
    assert not _on(sheet, "hardware")
    assert _on(sheet, "addresses")
    button(sheet, "facts.send").click()
    chosen = ("system", "network", "addresses")
    assert stage.session.sent(SendFacts) == [SendFacts(agent_id="lin", snapshot=1, sections=chosen)]
    assert not sheet.isVisible()
    assert not stage.session.sent(ch.TakeGrant)


def test_a_press_on_a_switch_takes_its_part_out(qtbot: QtBot, stage: Stage, sheet: FactsSheet) -> None:
    qtbot.waitUntil(lambda: not sheet.deaf.lasts)
    switch = button(sheet, "facts.switch.system")
    QTest.mouseClick(switch, Qt.MouseButton.LeftButton, pos=switch.rect().center())
    assert stage.rooms.facts.view.value.chosen == ("hardware", "network")
    assert button(sheet, "facts.send").text() == "Send 2 parts"


def test_with_nothing_on_there_is_nothing_to_send(stage: Stage, sheet: FactsSheet) -> None:
    for section in SECTIONS:
        stage.rooms.facts.switch(section.name, False)
    assert not button(sheet, "facts.send").isEnabled()
    stage.rooms.facts.send()
    assert not stage.session.sent(SendFacts)


def test_what_was_being_typed_or_clicked_decides_nothing(stage: Stage, sheet: FactsSheet) -> None:
    for key in (Qt.Key.Key_Return, Qt.Key.Key_Space, Qt.Key.Key_Escape):
        QTest.keyClick(button(sheet, "facts.keep"), key)
    QTest.mouseClick(button(sheet, "facts.send"), Qt.MouseButton.LeftButton)
    assert sheet.isVisible()
    assert not stage.session.sent(SendFacts)
    assert not stage.session.sent(KeepFacts)


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Escape])
def test_the_likely_keys_send_nothing_and_take_the_grant_back(
    qtbot: QtBot, stage: Stage, sheet: FactsSheet, key: Qt.Key
) -> None:
    qtbot.waitUntil(lambda: not sheet.deaf.lasts)
    QTest.keyClick(sheet, key)
    assert stage.session.sent(KeepFacts) == [KeepFacts(agent_id="lin", snapshot=1)]
    assert stage.session.sent(ch.TakeGrant) == [ch.TakeGrant(agent_id="lin", capability="sysinfo")]
    assert not stage.session.sent(SendFacts)
    assert not sheet.isVisible()


def test_it_goes_when_the_grant_ends_and_when_sharing_stops(qtbot: QtBot, stage: Stage, sheet: FactsSheet) -> None:
    stage.session.report(FactsOver(agent_id="lin"))
    assert not sheet.isVisible()
    stage.session.report(FactsGathered(agent_id="lin", snapshot=2, sections=SECTIONS))
    assert sheet.isVisible()
    stage.session.report(ch.Stopped(reason="customer_stopped"))
    assert not sheet.isVisible()


def test_it_speaks_chinese(sheet: FactsSheet) -> None:
    set_language("zh_CN")
    assert "无线，已连接，内网地址" in words(sheet)
    assert button(sheet, "facts.send").text() == "发送 3 个部分"
