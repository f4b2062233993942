"""The main window's pages: built from real widgets, driven by keys and clicks, in both languages and colours."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QAbstractButton, QLineEdit, QPlainTextEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from customer_client.app.pages import Pages
from customer_client.app.window import MainWindow
from customer_client.desk import routes as r
from customer_client.home.article_page import ArticleText
from customer_client.parts.rows import RequestRow
from shared.common.errors import ThreelineError
from shared.protocol.messages import conversations as c
from shared.protocol.messages import remote as x
from shared.protocol.messages.knowledge import Article, ArticleHit, ArticleHits, OpenArticle, SearchArticles
from shared.protocol.messages.organisation import Notice, RequestChanged
from shared.strings import set_language
from shared.ui.theme import Theme
from tests.customer_fakes import LIN, TALK, Stage, home, joined, opened, request

ROUTES = (
    r.Home(),
    r.ReadArticle("a1"),
    r.Ask("export stops"),
    r.Ask("export stops", message=True, waiting_for=TALK),
    r.Talk(TALK),
    r.Result(TALK),
    r.Requests(),
    r.OneRequest(TALK),
    r.Notices(),
    r.Settings(),
)


@pytest.fixture
def window(qtbot: QtBot, stage: Stage) -> MainWindow:
    """The main window on its first page, connected."""
    stage.relay.answers[SearchArticles] = ArticleHits(
        words="", hits=(ArticleHit(article_id="a1", title="Export a report", category="software"),)
    )
    stage.relay.answers[OpenArticle] = Article(
        article_id="a1", title="Export a report", category="software", body="# Export\n\n<b>one</b> step", updated_ms=1
    )
    stage.relay.answers[x.GetReceipts] = x.Receipts(receipts=())
    pages = Pages(stage.rooms, lambda: stage.timers.now_ms, tray=False)
    made = MainWindow(pages, stage.desk, stage.rooms.routes)
    qtbot.addWidget(made)
    with qtbot.waitExposed(made):
        made.show()
    made.activateWindow()
    notice = Notice(notice_id="n", text={"en": "Maintenance on Saturday.", "zh_CN": "周六维护。"})
    stage.connect(home(requests=(request("active", with_person=LIN),), notices=(notice,)))
    pages.enter()
    return made


def button(window: QWidget, name: str) -> QPushButton:
    found = window.findChild(QPushButton, name)
    assert found is not None, name
    return found


def shown(window: MainWindow) -> QWidget:
    pages = window.findChild(Pages)
    assert pages is not None
    return pages.currentWidget()


def picture(window: QWidget) -> bytes:
    image = window.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    return bytes(image.constBits())


def test_search_has_the_focus_and_enter_opens_the_answer(qtbot: QtBot, window: MainWindow, stage: Stage) -> None:
    line = window.findChild(QLineEdit, "home.search")
    assert line is not None
    qtbot.waitUntil(line.hasFocus)
    qtbot.keyClicks(line, "export")
    qtbot.waitUntil(lambda: stage.rooms.home.view.value.found.state == "done")
    qtbot.keyClick(line, Qt.Key.Key_Return)
    assert stage.rooms.routes.top == r.ReadArticle("a1")
    text = window.findChild(ArticleText)
    assert text is not None
    assert "<b>one</b> step" in text.toPlainText(), "HTML is shown, never rendered"


def test_ctrl_enter_carries_the_words_into_the_form(qtbot: QtBot, window: MainWindow, stage: Stage) -> None:
    line = window.findChild(QLineEdit, "home.search")
    assert line is not None
    line.setText("export stops")
    qtbot.keyClick(line, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert stage.rooms.routes.top == r.Ask("export stops")
    words = window.findChild(QPlainTextEdit, "intake.words")
    assert words is not None
    assert words.toPlainText() == "export stops"


def test_send_puts_the_focus_on_the_first_wrong_answer(qtbot: QtBot, window: MainWindow, stage: Stage) -> None:
    stage.rooms.routes.go(r.Ask())
    window.findChild(QPlainTextEdit, "intake.words").setPlainText("It stops")  # pyright: ignore
    qtbot.mouseClick(button(window, "intake.send"), Qt.MouseButton.LeftButton)
    assert list(stage.rooms.intake.view.value.bad) == ["topic", "profile.name"]
    topic = window.findChild(QWidget, "intake.topic")
    assert topic is not None
    qtbot.waitUntil(lambda: topic.hasFocus() or topic.isAncestorOf(window.focusWidget()))
    assert topic.accessibleDescription()


def test_the_form_sends_what_was_filled_in(qtbot: QtBot, window: MainWindow, stage: Stage) -> None:
    stage.rooms.routes.go(r.Ask("It stops"))
    stage.rooms.intake.answer("topic", "network")
    name = window.findChild(QLineEdit, "intake.profile.name")
    assert name is not None
    qtbot.keyClicks(name, "Maya")
    qtbot.mouseClick(button(window, "intake.send"), Qt.MouseButton.LeftButton)
    (command,) = [body for _, body in stage.relay.history if isinstance(body, c.OpenConversation)]
    assert command.answers == {"topic": "network", "words": "It stops"}
    assert not button(window, "intake.send").isEnabled()


def test_preview_shows_exactly_what_goes_and_can_leave_it_out(qtbot: QtBot, window: MainWindow, stage: Stage) -> None:
    stage.rooms.routes.go(r.Ask())
    qtbot.mouseClick(button(window, "intake.system-preview"), Qt.MouseButton.LeftButton)
    assert button(window, "intake.system-keep").isVisible()
    assert not button(window, "intake.send").isVisible()
    qtbot.mouseClick(button(window, "intake.system-without"), Qt.MouseButton.LeftButton)
    assert not stage.rooms.intake.view.value.system_attached
    assert button(window, "intake.send").isVisible()


def test_waiting_asks_once_before_leaving_and_offers_the_chat(qtbot: QtBot, window: MainWindow, stage: Stage) -> None:
    stage.desk.on_push(RequestChanged(request=request("queued")))
    stage.rooms.routes.go(r.Talk(TALK))
    stage.happen(opened(), c.ConversationQueued(group_id="desk", since_ms=1))
    assert shown(window).objectName() == "waiting"
    qtbot.mouseClick(button(window, "waiting.cancel"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(button(window, "waiting.stay").hasFocus)
    qtbot.keyClick(button(window, "waiting.stay"), Qt.Key.Key_Space)
    assert not stage.relay.posted
    stage.happen(joined())
    assert shown(window).objectName() == "waiting"
    qtbot.waitUntil(button(window, "waiting.open-chat").hasFocus)
    qtbot.keyClick(button(window, "waiting.open-chat"), Qt.Key.Key_Space)
    assert shown(window).objectName() == "chat"


def in_chat(stage: Stage) -> None:
    stage.talk()
    stage.rooms.routes.go(r.Talk(TALK))


def test_enter_sends_and_a_draft_is_kept_over_pages(qtbot: QtBot, window: MainWindow, stage: Stage) -> None:
    in_chat(stage)
    edit = window.focusWidget()
    assert isinstance(edit, QPlainTextEdit)
    qtbot.keyClicks(edit, "It still stops")
    qtbot.keyClick(edit, Qt.Key.Key_Return)
    assert [b.text for _, b in stage.relay.history if isinstance(b, c.SendChat)] == ["It still stops"]
    qtbot.keyClicks(edit, "half a sen")
    stage.rooms.routes.home()
    stage.rooms.routes.go(r.Talk(TALK))
    assert stage.rooms.chat.draft == "half a sen"
    assert edit.toPlainText() == "half a sen"


def test_a_message_is_read_only_when_its_page_is_shown(qtbot: QtBot, window: MainWindow, stage: Stage) -> None:
    in_chat(stage)
    stage.rooms.routes.home()
    stage.happen(c.ChatPosted(client_id="one", author=LIN, text="Hello Maya"))
    assert not [each for each in stage.relay.told if isinstance(each, c.MarkRead)]
    stage.rooms.routes.go(r.Talk(TALK))
    qtbot.waitUntil(lambda: bool([each for each in stage.relay.told if isinstance(each, c.MarkRead)]))


def test_a_lost_connection_is_said_with_a_way_to_try_now(qtbot: QtBot, window: MainWindow, stage: Stage) -> None:
    in_chat(stage)
    stage.drop()
    strip = shown(window).findChild(QWidget, "link")
    assert strip is not None
    assert strip.accessibleName().startswith("Connection dropped. Try 2, next in 8 s.")
    qtbot.mouseClick(button(shown(window), "link.action"), Qt.MouseButton.LeftButton)
    assert stage.relay.tries == 1
    stage.return_()
    assert strip.accessibleName() == "Connected again."


def test_closing_a_conversation_shows_what_was_done(window: MainWindow, stage: Stage) -> None:
    in_chat(stage)
    stage.happen(c.ConversationEnded(by=LIN))
    assert shown(window).objectName() == "chat"
    stage.happen(c.ConversationClosed(category="software", result="solved", reopen_until_ms=2**41))
    assert shown(window).objectName() == "after"
    assert button(window, "after.solved-yes").isVisible()


def test_the_three_questions_by_mouse(qtbot: QtBot, window: MainWindow, stage: Stage) -> None:
    in_chat(stage)
    stage.happen(c.ConversationEnded(by=LIN))
    stage.happen(c.ConversationClosed(category="software", result="solved", reopen_until_ms=2**41))
    for name in ("after.solved-partly", "questions.easy.4", "questions.in-control.5", "questions.send"):
        qtbot.mouseClick(button(window, name), Qt.MouseButton.LeftButton)
    sent = stage.relay.posted[f"rating/{TALK}"]
    assert (sent.solved, sent.easy, sent.in_control) == ("partly", 4, 5)  # pyright: ignore


def test_settings_change_the_look_at_once(qtbot: QtBot, window: MainWindow, stage: Stage) -> None:
    stage.preferences.shown.watch(lambda chosen: set_language(chosen.language or "en"))
    stage.rooms.routes.go(r.Settings())
    stage.rooms.settings.choose_language("zh_CN")
    assert window.windowTitle() == "Northwind Instruments 支持"
    name = window.findChild(QLineEdit, "settings.name")
    assert name is not None
    name.setText("陈美雅")
    qtbot.keyClick(name, Qt.Key.Key_Return)
    assert stage.preferences.value.name == "陈美雅"


def test_a_request_row_says_all_it_shows(window: MainWindow, stage: Stage) -> None:
    row = window.findChild(RequestRow)
    assert row is not None
    assert row.accessibleName() == "Report export stops at 90%, NW-2041, step 3 of 4: Trying a fix"
    row.click()
    assert stage.rooms.routes.top == r.Talk(TALK)


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: type(route).__name__)
def test_every_page_follows_language_colours_and_size(
    window: MainWindow, stage: Stage, look: Theme, route: r.Route
) -> None:
    in_chat(stage)
    stage.rooms.routes.home()
    stage.rooms.routes.go(route)
    plain = picture(window)
    set_language("zh_CN")
    chinese = picture(window)
    look.set_mode("dark")
    dark = picture(window)
    look.set_scale_percent(150)
    assert len({plain, chinese, dark, picture(window)}) == 4


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: type(route).__name__)
def test_everything_that_can_be_pressed_has_a_name(window: MainWindow, stage: Stage, route: r.Route) -> None:
    in_chat(stage)
    stage.rooms.routes.home()
    stage.rooms.routes.go(route)
    page = shown(window)
    pressable = [each for each in page.findChildren(QAbstractButton) if each.isVisible()]
    own = [each for each in pressable if not isinstance(each.parent(), QLineEdit)]
    assert [each.objectName() for each in own if not each.accessibleName() and not each.text()] == []


def test_the_close_box_only_asks_the_program(window: MainWindow) -> None:
    asked: list[bool] = []
    window.closing.connect(lambda: asked.append(True))
    window.close()
    assert asked == [True]
    assert window.isVisible()


def test_an_outbox_that_is_full_says_so_and_keeps_the_words(
    qtbot: QtBot, window: MainWindow, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Full(ThreelineError):
        code = "outbox_full"

    def refuse(*_: object) -> None:
        raise Full

    in_chat(stage)
    monkeypatch.setattr(stage.relay, "post", refuse)
    edit = window.focusWidget()
    assert isinstance(edit, QPlainTextEdit)
    qtbot.keyClicks(edit, "words")
    qtbot.keyClick(edit, Qt.Key.Key_Return)
    failed = window.findChild(QWidget, "chat.failed")
    assert failed is not None
    assert failed.isVisible()
    assert stage.rooms.chat.draft == "words"
