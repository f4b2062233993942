"""The banner asks to compare the code, and only the person here can say that it is the same."""

from PySide6.QtCore import QRect, Qt
from PySide6.QtWidgets import QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from customer_client.consent.sheet import ConsentSheet
from customer_client.sharing.banner import Banner
from shared.protocol.messages import remote as x
from shared.rules.shortcode import grouped
from shared.session import channel as ch
from shared.strings import set_language, text
from tests.customer_fakes import LIN, Stage
from tests.trusted import STRANGERS, device_of
from tests.unit.customer_client.test_trust import granted, shown


def open_banner(qtbot: QtBot, stage: Stage) -> Banner:
    banner = Banner(stage.rooms.sharing)
    qtbot.addWidget(banner)
    banner.stay_on(QRect(0, 0, 1280, 800))
    stage.rooms.sharing.view.watch(banner.show_view)
    banner.show()
    return banner


def child(parent: QWidget, kind: type[QWidget], name: str) -> QWidget:
    found = parent.findChild(kind, name)
    assert isinstance(found, kind)
    return found


def test_the_code_is_there_until_it_was_compared(qtbot: QtBot, stage: Stage, expected_logs: list[str]) -> None:
    expected_logs.append("an engineer is not believed: code_differs")
    stage.device = device_of(LIN, by=None)
    granted(stage)
    banner = open_banner(qtbot, stage)
    low = banner.height()
    stage.arrive(stage.answered(stage.make_offer()))
    figures = child(banner, QLabel, "banner.code")
    assert isinstance(figures, QLabel)
    assert figures.text() == grouped(shown(stage).code)
    assert grouped(shown(stage).code) in figures.accessibleName()
    assert banner.height() >= low + figures.sizeHint().height()
    same = child(banner, QPushButton, "banner.code-same")
    qtbot.mouseClick(same, Qt.MouseButton.LeftButton)
    assert shown(stage).state == "here"
    assert not same.isVisible()
    qtbot.mouseClick(child(banner, QPushButton, "banner.code-differs"), Qt.MouseButton.LeftButton)
    assert stage.session.sent(ch.StopSharing) == [ch.StopSharing(reason="unverified")]


def test_who_is_certified_is_named_with_the_code_in_both_languages(qtbot: QtBot, stage: Stage) -> None:
    granted(stage)
    banner = open_banner(qtbot, stage)
    stage.arrive(stage.answered(stage.make_offer()))
    line = child(banner, QWidget, "banner.trust")
    for language in ("en", "zh_CN"):
        set_language(language)
        words = [label.text() for label in line.findChildren(QLabel)]
        assert text("trust.certified_agent", organisation="Northwind Instruments") in words
        assert text("trust.code", code=grouped(shown(stage).code)) in words
    assert not child(banner, QWidget, "banner.code-row").isVisible()


def test_the_sheet_lets_nobody_say_yes_to_a_false_engineer(qtbot: QtBot, stage: Stage) -> None:
    stage.connect()
    stage.talk()
    sheet = ConsentSheet(stage.rooms.consent)
    qtbot.addWidget(sheet)
    stage.device = device_of(LIN, by=STRANGERS)
    asked = stage.ask("view")
    assert isinstance(asked, x.CapabilityAsked)
    words = child(sheet, QWidget, "consent.identity.words")
    assert isinstance(words, QLabel)
    assert words.text() == text("error.trust_issuer_unknown")
    stage.rooms.consent.switch("view", True)
    assert not child(sheet, QPushButton, "consent.allow").isEnabled()
