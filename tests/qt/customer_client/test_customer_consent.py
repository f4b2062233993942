"""The consent sheet, banner and frame as real windows."""

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from customer_client.consent.presenter import DEAF_MS
from customer_client.consent.sheet import ConsentSheet
from customer_client.sharing.frame import THICK_PX
from customer_client.sharing.overlay import Overlay
from shared.protocol.messages import conversations as c
from shared.protocol.messages import remote as x
from shared.rules.coordinates import Area
from shared.rules.sharing import SharedMonitors
from shared.session import channel as ch
from shared.strings import set_language
from tests.customer_fakes import Stage, monitors


@pytest.fixture
def sheet(qtbot: QtBot, stage: Stage) -> ConsentSheet:
    """The sheet as it has just come up."""
    stage.connect()
    stage.talk()
    made = ConsentSheet(stage.rooms.consent)
    qtbot.addWidget(made)
    stage.ask("view", "control")
    stage.session.report(monitors(2))
    qtbot.waitUntil(made.isActiveWindow)
    return made


def answers(stage: Stage) -> list[x.AnswerConsent]:
    return [body for _, body in stage.relay.history if isinstance(body, x.AnswerConsent)]


def listen(qtbot: QtBot, stage: Stage, sheet: ConsentSheet) -> None:
    """Both clocks pass the deaf moment: the sheet's own and the presenter's."""
    stage.timers.pass_s(DEAF_MS / 1000)
    qtbot.waitUntil(lambda: not sheet._deaf.lasts)  # pyright: ignore[reportPrivateUsage]


def find(window: QWidget, name: str) -> QAbstractButton:
    found = window.findChild(QAbstractButton, name)
    assert found is not None, name
    return found


def test_no_has_the_focus_and_everything_is_off(sheet: ConsentSheet) -> None:
    assert find(sheet, "consent.no").hasFocus()
    assert not find(sheet, "consent.allow").isEnabled()
    assert not find(sheet, "consent.switch.view").isChecked()
    assert not find(sheet, "consent.switch.control").isEnabled()
    assert sheet.windowTitle() == "Northwind Instruments Support: your permission"


def test_what_was_being_typed_answers_nothing(qtbot: QtBot, stage: Stage, sheet: ConsentSheet) -> None:
    for key in (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Escape):
        QTest.keyClick(find(sheet, "consent.no"), key)
    QTest.mouseClick(find(sheet, "consent.switch.view"), Qt.MouseButton.LeftButton)
    assert not answers(stage)
    assert sheet.isVisible()
    assert not find(sheet, "consent.switch.view").isChecked()


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape, Qt.Key.Key_Space])
def test_the_likely_keys_say_no(qtbot: QtBot, stage: Stage, sheet: ConsentSheet, key: Qt.Key) -> None:
    listen(qtbot, stage, sheet)
    stage.rooms.consent.switch("view", True)
    stage.rooms.sharing.choosing.toggle_monitor("m1")
    QTest.keyClick(find(sheet, "consent.no"), key)
    assert [answer.grants for answer in answers(stage)] == [()]
    assert not sheet.isVisible()


def test_enter_on_a_switch_says_no_too(qtbot: QtBot, stage: Stage, sheet: ConsentSheet) -> None:
    listen(qtbot, stage, sheet)
    QTest.keyClick(find(sheet, "consent.switch.view"), Qt.Key.Key_Return)
    assert [answer.grants for answer in answers(stage)] == [()]


def test_the_close_box_says_no(qtbot: QtBot, stage: Stage, sheet: ConsentSheet) -> None:
    sheet.close()
    assert [answer.grants for answer in answers(stage)] == [()]


def test_yes_takes_a_switch_a_monitor_and_a_click(qtbot: QtBot, stage: Stage, sheet: ConsentSheet) -> None:
    listen(qtbot, stage, sheet)
    QTest.mouseClick(find(sheet, "consent.switch.view"), Qt.MouseButton.LeftButton)
    assert not find(sheet, "consent.allow").isEnabled()
    QTest.mouseClick(find(sheet, "consent.monitor.2"), Qt.MouseButton.LeftButton)
    allow = find(sheet, "consent.allow")
    assert allow.isEnabled()
    assert allow.text() == "Allow 1 chosen"
    QTest.mouseClick(allow, Qt.MouseButton.LeftButton)
    assert [grant.capability for grant in answers(stage)[0].grants] == ["view"]
    assert stage.session.sent(ch.StartSharing)[0].share == SharedMonitors(("m2",))


def test_the_time_that_is_left_is_shown_and_told(qtbot: QtBot, stage: Stage, sheet: ConsentSheet) -> None:
    stage.timers.pass_s(51)
    labels = [label.accessibleName() for label in sheet.findChildren(QWidget)]
    assert "Answers No by itself in 9 seconds" in labels
    stage.timers.pass_s(10)
    assert not sheet.isVisible()


def test_a_narrow_sheet_has_one_column_and_all_of_its_words(qtbot: QtBot, stage: Stage, sheet: ConsentSheet) -> None:
    sheet.resize(500, 500)
    set_language("zh_CN")
    qtbot.waitUntil(lambda: sheet.windowTitle() == "Northwind Instruments 支持：请您确认")
    tile, switch = find(sheet, "consent.monitor.1"), find(sheet, "consent.switch.control")
    qtbot.waitUntil(lambda: tile.mapTo(sheet, QPoint()).y() > switch.mapTo(sheet, QPoint()).y())


def test_a_taken_back_question_leaves_the_screen(stage: Stage, sheet: ConsentSheet) -> None:
    stage.happen(x.AskWithdrawn(request_id="ask-1"))
    assert not sheet.isVisible()


@pytest.fixture
def overlay(qtbot: QtBot, stage: Stage) -> Iterator[Overlay]:
    """Lin sees monitor 1 and may control it."""
    stage.connect()
    stage.talk()
    stage.relay.answers[x.GetIceServers] = x.IceServers(servers=())
    main = QWidget()
    main.setGeometry(40, 300, 200, 200)
    qtbot.addWidget(main)
    with qtbot.waitExposed(main):
        main.show()
    made = Overlay(stage.rooms.sharing, stage.rooms.files, lambda: [main])
    stage.ask("view", "control")
    stage.session.report(monitors())
    stage.timers.pass_s(1)
    stage.rooms.consent.switch("view", True)
    stage.rooms.consent.switch("control", True)
    assert stage.rooms.consent.allow()
    stage.answer("consent/ask-1", c.Done())
    stage.session.report(ch.ViewerChanged(agent_id="lin", state="connected"))
    yield made
    made.close()


def window(name: str) -> QWidget:
    return next(each for each in QGuiApplication.instance().topLevelWidgets() if each.objectName() == name)  # pyright: ignore


def test_our_windows_are_told_before_anybody_is_connected(stage: Stage, overlay: Overlay) -> None:
    kinds = [type(order) for order in stage.session.orders if not isinstance(order, ch.FindSources)]
    assert kinds.index(ch.ProtectWindows) < kinds.index(ch.AddViewer)
    told = stage.session.sent(ch.ProtectWindows)[-1]
    banner = window("banner")
    stop = find(banner, "banner.stop")
    place = QRect(stop.mapToGlobal(QPoint()), stop.size())
    assert told.stops == (Area(place.x(), place.y(), place.width(), place.height()),)
    assert int(banner.winId()) in {each.window_id for each in told.windows}
    assert len(told.windows) == 2


def test_a_moved_window_is_told_again(qtbot: QtBot, stage: Stage, overlay: Overlay) -> None:
    banner = window("banner")
    before = stage.session.sent(ch.ProtectWindows)[-1].stops
    banner.move(banner.x() + 50, banner.y() + 40)
    (old,) = before
    wanted = Area(old.x + 50, old.y + 40, old.width, old.height)
    qtbot.waitUntil(lambda: stage.session.sent(ch.ProtectWindows)[-1].stops == (wanted,))


def test_the_banner_says_who_and_never_takes_the_focus(stage: Stage, overlay: Overlay) -> None:
    banner = window("banner")
    flags = banner.windowFlags()
    assert flags & Qt.WindowType.WindowDoesNotAcceptFocus
    assert flags & Qt.WindowType.WindowStaysOnTopHint
    words = {each.objectName(): each.accessibleName() for each in banner.findChildren(QWidget)}
    assert words["banner.sees"] == "Lin Wei (Tier 2) sees Monitor 1"
    assert words["banner.controls"] == "Lin Wei (Tier 2) controls mouse and keyboard"
    assert words["banner.left"] == "15:00 left"


def test_the_frame_lets_every_click_through(stage: Stage, overlay: Overlay) -> None:
    room = QGuiApplication.primaryScreen().geometry()
    for side in ("top", "bottom", "left", "right"):
        strip = window(f"frame.{side}")
        assert strip.windowFlags() & Qt.WindowType.WindowTransparentForInput
        assert room.contains(strip.geometry())
        assert THICK_PX in (strip.width(), strip.height())


@pytest.mark.parametrize(
    ("name", "ordered"),
    [
        ("banner.stop", lambda session: session.sent(ch.StopSharing)),
        ("banner.pause", lambda session: session.sent(ch.Pause)),
        ("banner.take-back", lambda session: session.sent(ch.TakeGrant)),
    ],
)
def test_every_button_of_the_banner_does_what_it_says(
    stage: Stage, overlay: Overlay, name: str, ordered: Callable[[object], list[object]]
) -> None:
    button = find(window("banner"), name)
    assert isinstance(button, QPushButton)
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert ordered(stage.session)


def test_stop_works_on_the_press_already(stage: Stage, overlay: Overlay) -> None:
    QTest.mousePress(find(window("banner"), "banner.stop"), Qt.MouseButton.LeftButton)
    assert stage.session.sent(ch.StopSharing)


def test_everything_goes_when_sharing_ends(stage: Stage, overlay: Overlay) -> None:
    banner = window("banner")
    stage.session.report(ch.Stopped(reason="customer_stopped"))
    assert not banner.isVisible()


def test_without_the_stop_key_the_banner_says_so(stage: Stage, overlay: Overlay) -> None:
    stage.session.report(ch.StopWatch(works=True))
    keys = [each for each in window("banner").findChildren(QWidget) if each.property("part") == "key"]
    assert all(each.isVisible() for each in keys)
    stage.session.report(ch.StopWatch(works=False))
    assert not any(each.isVisible() for each in keys)
