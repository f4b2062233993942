"""The conversation on the screen: rows come and change in place, states can be read, pressed and copied."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QMimeData, QModelIndex, QPoint, Qt, QUrl
from PySide6.QtGui import QColor, QGuiApplication, QImage
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from shared.strings import name_with_tier, set_language
from shared.ui.chat.composer import Composer
from shared.ui.chat.delegate import ChatDelegate
from shared.ui.chat.model import ChatModel
from shared.ui.chat.panel import ChatPanel
from shared.ui.chat.view import (
    DayRow,
    EventRow,
    File,
    MessageRow,
    MessageState,
    NoteRow,
    Person,
    Picture,
    arranged,
    spoken,
)
from shared.ui.theme import Theme
from shared.ui.widgets import Button

TODAY = date(2026, 11, 22)
START = datetime(2026, 11, 22, 10, 50)
LIN = Person("Lin Wei", name_with_tier("Lin Wei", 2), "tier2")
ME = Person("Maya", "Maya", "self")


def message(number: int, *, mine: bool = False, words: str = "Hello", state: MessageState = "none") -> MessageRow:
    """A message of the minute `number`."""
    return MessageRow(f"m{number}", ME if mine else LIN, mine, words, START + timedelta(minutes=number), state)


def many(count: int) -> list[MessageRow]:
    return [message(number, mine=number % 3 == 0, words=f"line {number} " * 6) for number in range(count)]


@pytest.fixture
def panel(qtbot: QtBot) -> ChatPanel:
    """The customer's panel, on the screen."""
    made = ChatPanel("customer")
    made.resize(400, 500)
    qtbot.addWidget(made)
    with qtbot.waitExposed(made):
        made.show()
    return made


def test_days_and_runs_are_arranged() -> None:
    yesterday = MessageRow("y", LIN, False, "x", START - timedelta(days=1))
    event = EventRow("e", "joined", START + timedelta(minutes=3))
    rows = arranged([yesterday, message(1), message(2), event, message(4)], TODAY)
    assert [type(row) for row in rows] == [DayRow, MessageRow, DayRow, MessageRow, MessageRow, EventRow, MessageRow]
    runs = [(row.first, row.last) for row in rows if isinstance(row, MessageRow)]
    assert runs == [(True, True), (True, False), (False, True), (True, True)]


def test_every_kind_of_row_is_spoken_in_both_languages() -> None:
    sent = message(1, mine=True, state="sent")
    picture = MessageRow("p", LIN, False, "", START, picture=Picture("k", "shot.png"), file=File("f", "log.zip", 2000))
    note = NoteRow("n", LIN, "lock file", START)
    assert spoken(sent) == "You: Hello. Sent 10:51"
    assert spoken(picture) == "Lin Wei (Tier 2): Picture shot.png log.zip, 2.0 KB.  10:50"
    assert spoken(note) == "Internal note by Lin Wei (Tier 2): lock file. 10:50"
    assert spoken(EventRow("e", "Lin joined", START)) == "Lin joined, 10:50"
    assert spoken(DayRow("d", TODAY, TODAY)) == "Today"
    set_language("zh_CN")
    assert spoken(note) == "Lin Wei（二线） 的内部备注：lock file。10:50"


ids = st.lists(st.integers(0, 30), unique=True, max_size=12)


@given(ids, ids, st.sampled_from(["waiting", "sent", "read"]))
@settings(deadline=None, max_examples=60)
def test_any_rows_become_any_other_rows_without_a_reset(old: list[int], new: list[int], state: MessageState) -> None:
    model, copy, resets = ChatModel(), list[str](), list[int]()

    def insert(_parent: QModelIndex, first: int, last: int) -> None:
        copy[first:first] = [model.rows[place].id for place in range(first, last + 1)]

    def remove(_parent: QModelIndex, first: int, last: int) -> None:
        del copy[first : last + 1]

    model.rowsInserted.connect(insert)
    model.rowsRemoved.connect(remove)
    model.modelReset.connect(lambda: resets.append(1))
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    model.set_rows([message(number) for number in old])
    target = [message(number, state=state) for number in new]
    model.set_rows(target)
    assert list(model.rows) == target
    assert copy == [row.id for row in target]
    assert resets == []
    del tester


def test_a_pending_message_becomes_sent_in_place(panel: ChatPanel) -> None:
    timeline = panel.timeline
    inserted: list[int] = []
    timeline.set_rows([message(1, mine=True, state="waiting")])
    timeline.model().rowsInserted.connect(lambda *_: inserted.append(1))
    timeline.set_rows([message(1, mine=True, state="sent")])
    assert inserted == []
    assert "Sent" in str(timeline.model().index(0, 0).data(Qt.ItemDataRole.AccessibleTextRole))


def test_new_rows_are_followed_only_from_the_end(panel: ChatPanel, qtbot: QtBot) -> None:
    timeline = panel.timeline
    timeline.set_rows(many(60))
    assert timeline.at_end()
    timeline.set_rows(many(62))
    assert timeline.at_end()
    timeline.verticalScrollBar().setValue(100)
    timeline.set_rows(many(65))
    more = timeline.findChild(Button, "chat.new-messages")
    assert isinstance(more, Button)
    assert more.isVisible()
    assert timeline.verticalScrollBar().value() == 100
    with qtbot.waitSignal(timeline.reached_end):
        qtbot.mouseClick(more, Qt.MouseButton.LeftButton)
    assert timeline.at_end()
    assert not more.isVisible()


def test_ones_own_message_always_shows(panel: ChatPanel) -> None:
    timeline = panel.timeline
    timeline.set_rows(many(60))
    timeline.verticalScrollBar().setValue(0)
    timeline.set_rows([*many(60), message(99, mine=True, state="waiting")])
    assert timeline.at_end()


def test_rows_fit_their_width_and_are_measured_again(panel: ChatPanel, look: Theme) -> None:
    timeline = panel.timeline
    timeline.set_rows([message(1, words="word " * 60)])
    narrow = timeline.visualRect(timeline.model().index(0, 0)).height()
    panel.resize(700, 500)
    wide = timeline.visualRect(timeline.model().index(0, 0)).height()
    look.set_scale_percent(150)
    large = timeline.visualRect(timeline.model().index(0, 0)).height()
    assert wide <= narrow < large


def test_a_failed_message_can_be_sent_again_and_copied(panel: ChatPanel, qtbot: QtBot) -> None:
    timeline = panel.timeline
    timeline.set_rows([message(1, mine=True, words="Should I restart?", state="failed")])
    index = timeline.model().index(0, 0)
    delegate = timeline.itemDelegate()
    assert isinstance(delegate, ChatDelegate)
    spots = delegate.shape(timeline.rows[0]).spots
    top = timeline.visualRect(index).topLeft()
    with qtbot.waitSignal(timeline.retry_asked) as asked:
        qtbot.mouseClick(timeline.viewport(), Qt.MouseButton.LeftButton, pos=top + spots["again"].center().toPoint())
    assert asked.args == ["m1"]
    qtbot.mouseClick(timeline.viewport(), Qt.MouseButton.LeftButton, pos=top + spots["copy"].center().toPoint())
    assert QGuiApplication.clipboard().text() == "Should I restart?"
    timeline.setCurrentIndex(index)
    with qtbot.waitSignal(timeline.retry_asked):
        QTest.keyClick(timeline, Qt.Key.Key_Return)


def test_a_picture_is_shown_when_it_comes_and_opens(panel: ChatPanel, qtbot: QtBot) -> None:
    timeline = panel.timeline
    timeline.set_rows([MessageRow("p", LIN, False, "", START, picture=Picture("key", "shot.png"))])
    red = QImage(800, 400, QImage.Format.Format_RGB32)
    red.fill(QColor("#ff0000"))
    timeline.set_picture("key", red)
    middle = timeline.visualRect(timeline.model().index(0, 0)).center()
    delegate = timeline.itemDelegate()
    assert isinstance(delegate, ChatDelegate)
    middle = delegate.shape(timeline.rows[0]).picture.center().toPoint()
    assert timeline.viewport().grab().toImage().pixelColor(middle).name() == "#ff0000"
    with qtbot.waitSignal(timeline.picture_opened) as opened:
        qtbot.mouseClick(timeline.viewport(), Qt.MouseButton.LeftButton, pos=middle)
    assert opened.args == ["key"]


def test_words_can_be_selected_and_the_box_goes(panel: ChatPanel, qtbot: QtBot) -> None:
    timeline = panel.timeline
    timeline.set_rows([message(1, words="Select some of this")])
    middle = timeline.visualRect(timeline.model().index(0, 0)).topLeft() + QPoint(80, 50)
    qtbot.mouseDClick(timeline.viewport(), Qt.MouseButton.LeftButton, pos=middle)
    box = next(each for each in timeline.viewport().findChildren(QWidget) if each.property("bare") == "true")
    assert box.isVisible()
    QTest.keyClick(box, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == "Select some of this"
    QTest.keyClick(box, Qt.Key.Key_Escape)
    assert not box.isVisible()


@pytest.fixture
def composer(qtbot: QtBot) -> Composer:
    """The engineer's composer."""
    made = Composer("agent")
    qtbot.addWidget(made)
    with qtbot.waitExposed(made):
        made.show()
    return made


def test_enter_sends_for_customers_and_shift_enter_does_not(panel: ChatPanel, qtbot: QtBot) -> None:
    edit = panel.composer.edit
    QTest.keyClicks(edit, "one")
    QTest.keyClick(edit, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    QTest.keyClicks(edit, "two  ")
    with qtbot.waitSignal(panel.composer.sent) as sent:
        QTest.keyClick(edit, Qt.Key.Key_Return)
    assert sent.args == ["one\ntwo"]
    assert panel.composer.words() == ""


def test_nothing_is_sent_when_there_is_nothing_to_send(panel: ChatPanel, qtbot: QtBot) -> None:
    QTest.keyClicks(panel.composer.edit, "   ")
    assert not panel.composer.send_button.isEnabled()
    with qtbot.assertNotEmitted(panel.composer.sent):
        QTest.keyClick(panel.composer.edit, Qt.Key.Key_Return)


def test_a_message_that_is_too_long_is_kept_and_said(qtbot: QtBot) -> None:
    composer = Composer("customer", max_chars=5)
    qtbot.addWidget(composer)
    composer.set_words("123456789")
    with qtbot.assertNotEmitted(composer.sent):
        QTest.keyClick(composer.edit, Qt.Key.Key_Return)
    assert composer.words() == "123456789"
    assert not composer.send_button.isEnabled()


def test_engineers_send_with_ctrl_enter(composer: Composer, qtbot: QtBot) -> None:
    QTest.keyClicks(composer.edit, "one")
    with qtbot.assertNotEmitted(composer.sent):
        QTest.keyClick(composer.edit, Qt.Key.Key_Return)
    with qtbot.waitSignal(composer.sent) as sent:
        QTest.keyClick(composer.edit, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert sent.args == ["one"]


def test_a_note_never_leaves_as_a_reply(composer: Composer, qtbot: QtBot) -> None:
    composer.set_mode("note")
    assert composer.send_button.text() == "Add note"
    QTest.keyClicks(composer.edit, "private")
    with qtbot.assertNotEmitted(composer.sent), qtbot.waitSignal(composer.noted) as noted:
        QTest.keyClick(composer.edit, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert noted.args == ["private"]
    composer.set_mode("reply")
    QTest.keyClicks(composer.edit, "public")
    with qtbot.assertNotEmitted(composer.noted), qtbot.waitSignal(composer.sent):
        QTest.keyClick(composer.edit, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)


def test_customers_have_no_note_mode(panel: ChatPanel) -> None:
    with pytest.raises(ValueError, match="no notes"):
        panel.composer.set_mode("note")


def test_a_pasted_picture_comes_as_png(panel: ChatPanel, qtbot: QtBot) -> None:
    image = QImage(64, 32, QImage.Format.Format_RGB32)
    image.fill(QColor("#0b6b6b"))
    source = QMimeData()
    source.setImageData(image)
    with qtbot.waitSignal(panel.composer.picture_pasted) as pasted:
        panel.composer.edit.insertFromMimeData(source)
    assert isinstance(pasted.args, list)
    back = QImage.fromData(pasted.args[0], "PNG")
    assert (back.size(), back.pixelColor(3, 3).name()) == (image.size(), "#0b6b6b")
    assert panel.composer.words() == ""


def test_dropped_files_are_named_not_read(panel: ChatPanel, qtbot: QtBot) -> None:
    source = QMimeData()
    source.setUrls([QUrl.fromLocalFile("/home/maya/a.png"), QUrl("https://example.com/b.png")])
    with qtbot.waitSignal(panel.composer.paths_dropped) as dropped:
        panel.composer.edit.insertFromMimeData(source)
    assert dropped.args == [["/home/maya/a.png"]]


def test_the_box_grows_and_shrinks(panel: ChatPanel) -> None:
    edit = panel.composer.edit
    low = edit.height()
    panel.composer.set_words("\n".join("abc"))
    three = edit.height()
    panel.composer.set_words("\n" * 40)
    most = edit.height()
    panel.composer.set_words("")
    assert low == edit.height() >= 40  # a row of the font that is there, never less than the buttons beside it
    assert low < three < most == 132


def test_a_closed_conversation_takes_no_words(panel: ChatPanel) -> None:
    panel.composer.set_words("draft")
    panel.composer.set_open(False)
    assert not panel.composer.send_button.isEnabled()
    assert panel.composer.words() == "draft"
    panel.composer.set_open(True)
    assert panel.composer.send_button.isEnabled()
