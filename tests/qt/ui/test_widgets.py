"""What the widgets do for hands, keys and screen readers, in both languages."""

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QPushButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from shared.strings import phrase, set_language
from shared.ui.initials import initials
from shared.ui.theme import Theme
from shared.ui.widgets import (
    Answer,
    Avatar,
    Button,
    CheckBox,
    Chip,
    Combo,
    ComboField,
    CountdownRing,
    ElidedLabel,
    FocusFrame,
    IconButton,
    Label,
    PageHeader,
    SearchField,
    Segmented,
    Step,
    StepBar,
    Strip,
    Switch,
    TextArea,
    TextField,
    ThinSteps,
    Toast,
)

SENT = phrase("chat.sent")


Shown = Callable[..., QWidget]


@pytest.fixture
def shown(qtbot: QtBot) -> Iterator[Shown]:
    """Puts widgets into an active window, which lives as long as the test."""
    windows: list[QWidget] = []

    def show(*widgets: QWidget) -> QWidget:
        window = QWidget()
        column = QVBoxLayout(window)
        for widget in widgets:
            column.addWidget(widget)
        windows.append(window)
        qtbot.addWidget(window)
        with qtbot.waitExposed(window):
            window.show()
        window.activateWindow()
        return window

    yield show
    windows.clear()


def spoken(widget: QWidget) -> str:
    interface = QAccessible.queryAccessibleInterface(widget)
    return "" if interface is None else interface.text(QAccessible.Text.Name)


def test_a_button_follows_language_theme_and_size(shown: Shown, look: Theme) -> None:
    button = Button(phrase("chat.send"), "primary", "large", icon="send", object_name="send")
    shown(button)
    set_language("zh_CN")
    look.set_scale_percent(150)
    look.set_mode("dark")
    assert (button.text(), spoken(button), button.height()) == ("发送", "发送", 72)


def test_a_busy_button_cannot_be_pressed_and_keeps_its_width(shown: Shown) -> None:
    button = Button("A long enough label", "primary")
    shown(button)
    before = button.width()
    button.set_busy(True, phrase("chat.waiting"))
    assert (button.isEnabled(), button.text(), button.minimumWidth()) == (False, "Waiting", before)
    button.set_busy(False)
    assert (button.isEnabled(), button.text()) == (True, "A long enough label")


def test_an_ampersand_is_shown_and_spoken(qtbot: QtBot) -> None:
    button = Button("R&D")
    qtbot.addWidget(button)
    assert (button.text(), spoken(button)) == ("R&&D", "R&D")


def test_the_ring_comes_with_the_keyboard_and_goes(qtbot: QtBot, shown: Shown) -> None:
    first, second = Button("one"), Button("two")
    window = shown(first, second)
    first.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.waitUntil(lambda: first.hasFocus())
    assert [ring.geometry() for ring in window.findChildren(FocusFrame)] == [first.geometry().adjusted(-4, -4, 4, 4)]
    QTest.keyClick(first, Qt.Key.Key_Tab)
    qtbot.waitUntil(lambda: second.hasFocus())
    qtbot.waitUntil(lambda: len(window.findChildren(FocusFrame)) == 1)
    second.setFocus(Qt.FocusReason.MouseFocusReason)
    second.deleteLater()
    qtbot.waitUntil(lambda: not window.findChildren(FocusFrame))


@pytest.mark.parametrize("kind", ["switch", "check"])
def test_space_and_click_switch(qtbot: QtBot, shown: Shown, kind: str) -> None:
    switch = Switch(SENT) if kind == "switch" else CheckBox(SENT)
    shown(switch)
    assert spoken(switch) == "Sent"
    QTest.keyClick(switch, Qt.Key.Key_Space)
    assert switch.isChecked()
    qtbot.mouseClick(switch, Qt.MouseButton.LeftButton, pos=QPoint(4, 8))
    assert not switch.isChecked()


def test_segments_choose_by_click_and_arrow(qtbot: QtBot, shown: Shown) -> None:
    segments = Segmented("How much", [("a", "Wait"), ("b", "Slow"), ("c", "Stop")], object_name="hold")
    shown(segments)
    assert segments.value() == ""
    heard: list[str] = []
    segments.chosen.connect(heard.append)
    middle = segments.findChild(QPushButton, "hold.b")
    assert isinstance(middle, QPushButton)
    qtbot.mouseClick(middle, Qt.MouseButton.LeftButton)
    middle.setFocus()
    qtbot.waitUntil(middle.hasFocus)
    QTest.keyClick(middle, Qt.Key.Key_Right)
    assert segments.value() == "c"
    segments.set_value("")
    assert segments.value() == ""
    assert heard[0] == "b"


def test_a_field_says_what_is_wrong_and_clears(shown: Shown) -> None:
    field = TextField(phrase("chat.composer"), hint=SENT, object_name="what")
    shown(field)
    assert (spoken(field.control), field.control.accessibleDescription()) == ("Message", "Sent")
    field.set_error(phrase("chat.failed"))
    assert field.wrong
    assert field.control.property("wrong") == "true"
    assert field.control.accessibleDescription() == "Not sent"
    set_language("zh_CN")
    assert field.control.accessibleDescription() == "未发送"
    field.set_error("")
    assert not field.wrong
    assert field.control.accessibleDescription() == "已发送"


def test_a_password_is_hidden_until_the_eye_is_pressed(shown: Shown) -> None:
    field = TextField("Password", password=True)
    shown(field)
    QTest.keyClicks(field.control, " secret ")
    assert field.control.echoMode() == QLineEdit.EchoMode.Password
    assert field.value() == " secret "
    field.control.actions()[0].trigger()
    assert field.control.echoMode() == QLineEdit.EchoMode.Normal
    assert field.value() == " secret "


def test_leaving_a_field_is_told(qtbot: QtBot, shown: Shown) -> None:
    one, two = TextField("one"), TextArea("two")
    shown(one, two)
    one.control.setFocus()
    qtbot.waitUntil(one.control.hasFocus)
    with qtbot.waitSignal(one.left):
        QTest.keyClick(one.control, Qt.Key.Key_Tab)
    qtbot.waitUntil(two.control.hasFocus)
    with qtbot.waitSignal(two.left):
        one.control.setFocus()


def test_typing_stops_at_the_bound(shown: Shown) -> None:
    area = TextArea("Words", max_chars=10)
    shown(area)
    QTest.keyClicks(area.control, "abcdefghijklmnop")
    assert area.value() == "abcdefghij"
    area.set_value("x" * 50)
    assert area.value() == "x" * 10


def test_a_choice_keeps_its_value_over_languages_and_wheels(shown: Shown) -> None:
    field = ComboField("State", [("s", SENT), ("r", phrase("chat.read"))], placeholder=phrase("chat.waiting"))
    shown(field)
    assert field.value() == ""
    field.set_value("r")
    set_language("zh_CN")
    assert (field.value(), field.control.currentText()) == ("r", "已读")
    wheel = QWheelEvent(
        QPoint(5, 5),
        field.control.mapToGlobal(QPoint(5, 5)),
        QPoint(),
        QPoint(0, 120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    field.control.wheelEvent(wheel)
    assert field.value() == "r"
    field.set_options([("x", "X")])
    assert field.value() == ""


def test_choosing_by_key_is_told(qtbot: QtBot, shown: Shown) -> None:
    combo = Combo([("a", "A"), ("b", "B")])
    shown(combo)
    with qtbot.waitSignal(combo.chosen) as chosen:
        QTest.keyClick(combo, Qt.Key.Key_Down)
    assert chosen.args == ["b"]


def test_a_strip_has_one_name_and_one_action(qtbot: QtBot, shown: Shown) -> None:
    strip = Strip("warn", "<b>not markup</b>", lead=SENT, action=phrase("chat.send_again"), object_name="strip")
    shown(strip)
    assert strip.accessibleName() == "Sent <b>not markup</b>"
    action = strip.findChild(QPushButton, "strip.action")
    assert isinstance(action, QPushButton)
    with qtbot.waitSignal(strip.acted):
        qtbot.mouseClick(action, Qt.MouseButton.LeftButton)
    strip.say(phrase("chat.read"), tone="ok")
    assert not action.isVisible()
    set_language("zh_CN")
    assert strip.accessibleName() == "已读"


def test_the_search_keeps_the_focus_and_drives_its_answers(qtbot: QtBot, shown: Shown) -> None:
    search = SearchField("What", "Answers")
    shown(search)
    line = search.line
    line.setFocus()
    with qtbot.waitSignal(search.asked, timeout=2000) as asked:
        QTest.keyClicks(line, "export")
    assert asked.args == ["export"]
    search.set_answers([Answer("1", "One"), Answer("2", "Two", SENT)])
    QTest.keyClick(line, Qt.Key.Key_Down)
    with qtbot.waitSignal(search.opened) as opened:
        QTest.keyClick(line, Qt.Key.Key_Return)
    assert opened.args == ["2"]
    row = search.answers.model().index(1, 0)
    assert row.data(Qt.ItemDataRole.AccessibleTextRole) == "Two. Sent"
    with qtbot.waitSignal(search.asked) as asked:
        QTest.keyClick(line, Qt.Key.Key_Escape)
    assert asked.args == [""]


def test_enter_without_answers_is_left_to_the_form(qtbot: QtBot, shown: Shown) -> None:
    search = SearchField("What", "Answers")
    shown(search)
    with qtbot.waitSignal(search.line.returnPressed):
        QTest.keyClick(search.line, Qt.Key.Key_Return)


def test_words_that_are_cut_have_a_tooltip(qtbot: QtBot) -> None:
    label = ElidedLabel("A title much longer than the room that it is given here")
    qtbot.addWidget(label)
    label.resize(60, 20)
    label.show()
    assert label.toolTip() == label.text()
    label.resize(900, 20)
    assert label.toolTip() == ""


def test_painted_things_speak(shown: Shown) -> None:
    bar, thin, ring = StepBar([Step("Fix"), Step("Close")], 1), ThinSteps(), CountdownRing()
    thin.set_step(2, 4, "Trying")
    ring.set_left(14, 20)
    chip, avatar, icon = Chip(SENT), Avatar("Lin Wei", "tier2"), IconButton("bell", SENT)
    shown(bar, thin, ring, chip, avatar, icon)
    assert [spoken(each) for each in (bar, thin, ring, chip, avatar, icon)] == [
        "Fix, done; Close, now",
        "Step 2 of 4: Trying",
        "0:14 left",
        "Sent",
        "Lin Wei",
        "Sent",
    ]
    assert icon.toolTip() == "Sent"


def test_markup_from_others_stays_text(qtbot: QtBot) -> None:
    label = Label("<img src='file:///etc/passwd'>")
    qtbot.addWidget(label)
    assert label.textFormat() == Qt.TextFormat.PlainText


def test_a_page_goes_back_by_key(qtbot: QtBot, shown: Shown) -> None:
    header = PageHeader("Settings", back=True, sample=True)
    shown(header)
    button = header.findChild(IconButton, "page.back")
    assert isinstance(button, IconButton)
    with qtbot.waitSignal(header.back):
        QTest.keyClick(button, Qt.Key.Key_Space)


def test_a_toast_stays_inside_and_takes_no_focus(shown: Shown) -> None:
    field = TextField("Words")
    window = shown(field)
    window.resize(300, 200)
    field.control.setFocus()
    toast = Toast(window)
    toast.say(phrase("chat.sent"))
    assert toast.isVisible()
    assert window.rect().contains(toast.geometry())
    assert spoken(toast) == "Sent"
    assert not toast.hasFocus()


@pytest.mark.parametrize(
    ("name", "expected"),
    [("Lin Wei", "LW"), ("maya", "M"), ("陈嘉怡（Grace Chen）", "陈"), ("", "?"), ("Ana Maria Torres", "AM")],
)
def test_initials(name: str, expected: str) -> None:
    assert initials(name) == expected
