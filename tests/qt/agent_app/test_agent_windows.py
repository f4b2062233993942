"""The agent app's windows over a fake relay: what is shown, pressed, named, and never focused."""

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QAbstractButton, QApplication, QLineEdit, QPlainTextEdit, QWidget
from pytestqt.qtbot import QtBot

from agent_app.app.rooms import Pages, Rooms
from agent_app.app.screens import Screens
from agent_app.conversation.ask_dialog import AskDialog
from agent_app.conversation.page import ConversationPage
from agent_app.frame.window import DeskFrame, MainWindow
from agent_app.offer.card import OfferPanel
from agent_app.recordings.bringer import Bringer
from agent_app.recordings.copy import Process
from agent_app.recordings.library import Library
from agent_app.remote.picture_view import PictureView
from agent_app.remote.session import OnEnded, OnReport, Session, Spare
from agent_app.signin.page import SignInPage
from agent_app.signin.presenter import SignInPresenter
from shared.control.input import KeyDown, LetGo, PointerMove, PointerPress, PointerRelease, TypeText
from shared.protocol.frames import Refused
from shared.protocol.messages import conversations as c
from shared.protocol.messages import organisation as o
from shared.protocol.messages import remote as x
from shared.protocol.messages import routing as q
from shared.protocol.messages import tickets as t
from shared.session.frames import FrameWriter
from shared.strings import Phrase, set_language
from shared.ui.platform.geometry import WindowPlaces
from tests.agent_fakes import GRACE, ME, NOW, World, introduction_of, offer, row, ticket_detail, ticket_row


async def no_session(on_report: OnReport, on_ended: OnEnded) -> Session:
    raise OSError("none in this test")


async def no_player(on_report: object, on_ended: object) -> Process:
    raise OSError((on_report, on_ended))


class NoShelf:
    """Nothing is recorded here."""

    async def put_chunk(self, recording_id: str, sequence: int, chunk: bytes, /) -> Refused:
        return Refused(code="not_found")

    async def close_recording(self, recording_id: str, /) -> Refused:
        return Refused(code="not_found")

    async def read_recording(self, recording_id: str, opening_id: str, at: int, /) -> Refused:
        return Refused(code="not_found")


class Desk:
    """The main window over a world."""

    def __init__(self, qtbot: QtBot) -> None:
        self.world = World()
        self.world.sign_in()
        answers = self.world.relay.answers
        answers[o.GetCustomer] = o.CustomerCard(customer=GRACE, email="g@n.example")
        answers[t.OpenTicket] = ticket_detail()
        answers[t.ListTickets] = t.TicketPage(rows=(ticket_row("t1"), ticket_row("t2", number="T-2")))
        answers[x.GetReceipts] = x.Receipts(receipts=())
        world = self.world
        library = Library(world.relay, NoShelf(), no_player, world.works.spawn)
        self.rooms = Rooms(world.desk, world.relay, world.timelines, world.blobs, library, world.works.spawn)
        places = WindowPlaces("test")
        spare = Spare(no_session)
        introduction, bringer = introduction_of(world), Bringer(NoShelf(), lambda: None)
        self.screens = Screens(
            world.desk, world.relay, world.timelines, spare, introduction, bringer, world.works.spawn, places
        )
        self.pages = Pages(self.rooms, self.screens, places)
        self.window = MainWindow()
        qtbot.addWidget(self.window)
        self.frame = DeskFrame(self.rooms.frame, self.pages.makers(), world.desk.now_ms, "0")
        self.offer = OfferPanel(self.frame, self.rooms.offer, world.desk.now_ms)
        self.window.show_page(self.frame)
        self.window.show()
        qtbot.waitExposed(self.window)

    def settle(self) -> None:
        self.world.works.run()
        self.world.flush()
        QApplication.processEvents()

    def open_conversation(self) -> None:
        self.world.active()
        self.rooms.inbox.select("k1")
        self.settle()


@pytest.fixture
def desk(qtbot: QtBot) -> Iterator[Desk]:
    made = Desk(qtbot)
    yield made
    made.window.close()


def find(root: QWidget, name: str) -> QWidget:
    found = root.findChild(QWidget, name)
    assert found is not None, name
    return found


def press(qtbot: QtBot, root: QWidget, name: str) -> None:
    qtbot.mouseClick(find(root, name), Qt.MouseButton.LeftButton)


def test_signing_in_hands_over_what_was_typed(qtbot: QtBot) -> None:
    opened: list[tuple[str, str, str, bool]] = []

    class Door:
        def open(self, server: str, username: str, password: str, keep: bool, code: str = "") -> Phrase | None:
            assert code == ""
            opened.append((server, username, password, keep))
            return None

        def greet(self, server: str) -> None:
            assert server

        def enrol(self, server: str, username: str, password: str) -> None:
            raise AssertionError(server, username, password)

        def browse(self, server: str, keep: bool) -> None:
            raise AssertionError(server, keep)

        def shut(self) -> None:
            opened.clear()

    presenter = SignInPresenter(Door(), lambda: NOW, server="wss://a/ws", username="")
    page = SignInPage(presenter, lambda: NOW)
    qtbot.addWidget(page)
    page.show()
    presenter.on_keyring(True)
    qtbot.keyClicks(find(page, "signin.name"), "ana")
    qtbot.keyClicks(find(page, "signin.password"), " pass word ")
    qtbot.keyClick(find(page, "signin.password"), Qt.Key.Key_Return)
    assert opened == [("wss://a/ws", "ana", " pass word ", True)]
    assert not find(page, "signin.button").isEnabled()
    press(qtbot, page, "signin.stop")
    assert opened == []
    assert find(page, "signin.password").isEnabled()
    page.close()


def test_a_reply_and_a_note_take_different_ways(qtbot: QtBot, desk: Desk) -> None:
    desk.open_conversation()
    page = desk.window.findChild(ConversationPage)
    assert page is not None
    edit = page.findChild(QPlainTextEdit)
    assert edit is not None
    qtbot.keyClicks(edit, "hello")
    qtbot.keyClick(edit, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    press(qtbot, page, "chat.mode.note")
    qtbot.keyClicks(edit, "for us")
    qtbot.keyClick(edit, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert [(type(each), each.text) for each in desk.world.relay.posted.values()] == [
        (c.SendChat, "hello"),
        (c.AddNote, "for us"),
    ]  # fmt: skip


def test_the_offer_card_takes_no_focus_and_no_key(qtbot: QtBot, desk: Desk) -> None:
    desk.open_conversation()
    edit = desk.window.findChild(QPlainTextEdit)
    assert edit is not None
    desk.window.activateWindow()
    edit.setFocus()
    qtbot.waitUntil(edit.hasFocus)
    desk.world.desk.on_push(q.OfferArrived(offer=offer()))
    assert desk.offer.isVisible()
    qtbot.keyClicks(edit, "typing on")
    qtbot.keyClick(edit, Qt.Key.Key_Return)
    assert edit.hasFocus()
    assert edit.toPlainText().startswith("typing on")
    assert not any(isinstance(command, q.AcceptOffer | q.DeclineOffer) for command in desk.world.relay.asked)
    desk.world.relay.answers[q.AcceptOffer] = c.Done()
    press(qtbot, desk.offer, "offer.accept")
    desk.settle()
    assert not desk.offer.isVisible()


def test_the_next_offer_can_be_accepted_too(qtbot: QtBot, desk: Desk) -> None:
    desk.world.relay.answers[q.AcceptOffer] = c.Done()
    for conversation_id in ("k8", "k9"):
        desk.world.desk.on_push(q.OfferArrived(offer=offer(conversation_id)))
        press(qtbot, desk.offer, "offer.accept")
        desk.settle()
    accepted = [each.conversation_id for each in desk.world.relay.asked if isinstance(each, q.AcceptOffer)]
    assert accepted == ["k8", "k9"]


def test_asking_for_the_screen_sends_the_reason_once(qtbot: QtBot, desk: Desk) -> None:
    desk.world.relay.answers[x.AskCapabilities] = c.Done()
    desk.open_conversation()
    press(qtbot, desk.window, "tool.screen")
    dialog = desk.window.findChild(AskDialog)
    assert dialog is not None
    reason = dialog.findChild(QLineEdit, "ask.reason")
    assert reason is not None
    reason.clear()
    press(qtbot, dialog, "ask.send")
    assert dialog.isVisible(), "a reason is required"
    qtbot.keyClicks(reason, "To see it")
    press(qtbot, dialog, "ask.send")
    desk.settle()
    asks = [each for each in desk.world.relay.asked if isinstance(each, x.AskCapabilities)]
    assert [(each.capabilities, each.reason) for each in asks] == [(("view",), "To see it")]
    assert not find(desk.window, "tool.control").isEnabled()


def test_writing_up_closes_with_category_and_result(qtbot: QtBot, desk: Desk) -> None:
    desk.open_conversation()
    desk.world.public(c.ConversationEnded(by=ME))
    desk.world.flush()
    assert not find(desk.window, "chat.send").isVisible()
    close = find(desk.window, "wrapup.close")
    assert not close.isEnabled()
    combo = find(desk.window, "wrapup.category")
    combo.setFocus()
    qtbot.keyClick(combo, Qt.Key.Key_Down)
    desk.rooms.wrapup.choose_category("network")
    press(qtbot, desk.window, "wrapup.result.workaround")
    qtbot.mouseClick(close, Qt.MouseButton.LeftButton)
    desk.world.relay.answers[c.CloseConversation] = c.Done()
    desk.settle()
    assert desk.world.relay.asked[-1] == c.CloseConversation(
        conversation_id="k1", category="network", result="workaround"
    )


def test_taking_from_the_queue(qtbot: QtBot, desk: Desk) -> None:
    desk.world.relay.answers[q.TakeFromQueue] = c.Done()
    desk.world.desk.queue.set((row("q1", state="queued", owner=None), row("q2", state="queued", owner=None)))
    press(qtbot, desk.window, "rail.queue")
    press(qtbot, desk.window, "queue.take")
    desk.settle()
    assert desk.world.relay.asked[-1] == q.TakeFromQueue(conversation_id="q1")
    assert desk.rooms.frame.view.value.page == "inbox"


def test_a_ticket_is_opened_resolved_and_closed(qtbot: QtBot, desk: Desk) -> None:
    desk.world.relay.answers[t.ChangeTicket] = c.Done()
    press(qtbot, desk.window, "rail.tickets")
    desk.settle()
    table = find(desk.window, "tickets.table")
    table.setFocus()
    qtbot.keyClick(table, Qt.Key.Key_Down)
    qtbot.keyClick(table, Qt.Key.Key_Return)
    desk.settle()
    press(qtbot, desk.window, "ticket.resolve")
    assert not any(isinstance(each, t.ChangeTicket) for each in desk.world.relay.asked), "needs a category"
    desk.world.desk.on_push(t.TicketChanged(row=ticket_row("t1", category="drive")))
    if desk.rooms.ticket.view.value.ticket_id != "t1":
        desk.rooms.ticket.open("t1")
        desk.settle()
        desk.world.desk.on_push(t.TicketChanged(row=ticket_row("t1", category="drive")))
    press(qtbot, desk.window, "ticket.resolve")
    desk.settle()
    desk.world.desk.on_push(t.TicketChanged(row=ticket_row("t1", category="drive", state="resolved")))
    press(qtbot, desk.window, "ticket.close")
    desk.settle()
    changes = [each.state for each in desk.world.relay.asked if isinstance(each, t.ChangeTicket)]
    assert changes == ["resolved", "closed"]


def test_every_control_that_takes_focus_has_a_name_in_both_languages(desk: Desk) -> None:
    desk.open_conversation()
    desk.world.desk.on_push(q.OfferArrived(offer=offer()))
    for page in ("queue", "tickets", "knowledge", "inbox"):
        desk.rooms.frame.go(page)
        desk.settle()
    for code in ("en", "zh_CN"):
        set_language(code)
        nameless = [
            (type(widget).__name__, widget.objectName())
            for widget in desk.window.findChildren(QWidget)
            if isinstance(widget, QAbstractButton | QLineEdit | QPlainTextEdit)
            and not (widget.accessibleName() or getattr(widget, "text", str)())
            and widget.isVisibleTo(desk.window)
        ]
        assert nameless == []


def test_the_language_is_switched_while_everything_is_open(desk: Desk) -> None:
    desk.open_conversation()
    set_language("zh_CN")
    assert find(desk.window, "rail.inbox").accessibleName() == "收件箱"
    assert find(desk.window, "tool.screen").accessibleName() == "请求查看屏幕"
    set_language("en")
    assert find(desk.window, "tool.screen").accessibleName() == "Ask for screen"


def test_what_is_lost_is_said_and_can_be_tried_at_once(qtbot: QtBot, desk: Desk) -> None:
    from agent_app.desk.desk import LinkView

    desk.world.desk.link.set(LinkView(phase="waiting", attempt=2, next_try_ms=NOW + 4000, since_ms=NOW - 14_000))
    strip = find(desk.window, "frame.lost")
    assert strip.isVisible()
    assert "Next try in 4 s, try 3" in strip.accessibleName()
    press(qtbot, desk.window, "frame.lost.action")
    assert desk.world.relay.tries == 1
    desk.world.desk.link.set(LinkView(phase="ready"))
    assert not strip.isVisible()


# The picture


@pytest.fixture
def frames() -> Iterator[FrameWriter]:
    writer = FrameWriter()
    yield writer
    writer.close()


@pytest.fixture
def picture(qtbot: QtBot) -> Iterator[PictureView]:
    view = PictureView(lambda: "Screen")
    qtbot.addWidget(view)
    view.resize(400, 300)
    view.show()
    qtbot.waitExposed(view)
    yield view
    view.close()
    view.close_frames()


def publish(writer: FrameWriter, width: int, height: int, paint: Callable[[memoryview, int], None]):
    slot = writer.begin(width, height)
    paint(slot.pixels, slot.stride)
    return writer.publish(slot, captured_us=1)


def checker(pixels: memoryview, stride: int) -> None:
    """Each pixel its own colour: blue is x, green is y."""
    height = len(pixels) // stride
    for y in range(height):
        line = b"".join(bytes((x % 256, y % 256, 7, 255)) for x in range(stride // 4))
        pixels[y * stride : (y + 1) * stride] = line


def test_one_to_one_shows_every_pixel_as_it_is(picture: PictureView, frames: FrameWriter) -> None:
    picture.set_mode("actual")
    picture.show_frame(publish(frames, 200, 100, checker))
    shown = picture.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    left, top = (400 - 200) // 2, (300 - 100) // 2
    for across, down in ((0, 0), (199, 0), (0, 99), (199, 99), (123, 45)):
        colour = shown.pixelColor(left + across, top + down)
        assert (colour.blue(), colour.green(), colour.red()) == (across, down, 7)


def test_another_size_is_another_file_and_the_last_picture_outlives_its_writer(
    picture: PictureView, frames: FrameWriter
) -> None:
    picture.show_frame(publish(frames, 200, 100, checker))
    picture.show_frame(publish(frames, 400, 300, checker))
    frames.close()
    shown = picture.grab().toImage()
    assert (shown.pixelColor(10, 20).blue(), shown.pixelColor(10, 20).green()) == (10, 20)


def test_nothing_is_sent_before_control_and_exact_points_after(
    qtbot: QtBot, picture: PictureView, frames: FrameWriter
) -> None:
    sent: list[object] = []
    picture.sent.connect(sent.extend)
    picture.show_frame(publish(frames, 400, 300, checker))
    qtbot.mouseClick(picture, Qt.MouseButton.LeftButton, pos=QPoint(11, 22))
    qtbot.keyClicks(picture, "a")
    assert sent == []
    picture.set_control(True)
    qtbot.mouseClick(picture, Qt.MouseButton.RightButton, pos=QPoint(11, 22))
    qtbot.keyClicks(picture, "a")
    assert sent == [
        PointerMove(11, 22, 400, 300),
        PointerPress(3, 11, 22, 400, 300),
        PointerRelease(3, 11, 22, 400, 300),
        TypeText("a"),
    ]


def test_losing_the_focus_lets_everything_go_and_tab_goes_across(
    qtbot: QtBot, picture: PictureView, frames: FrameWriter
) -> None:
    sent: list[object] = []
    picture.sent.connect(sent.extend)
    picture.show_frame(publish(frames, 400, 300, checker))
    picture.activateWindow()
    picture.setFocus()
    qtbot.waitUntil(picture.hasFocus)
    picture.set_control(True)
    qtbot.keyPress(picture, Qt.Key.Key_Tab)
    qtbot.keyPress(picture, Qt.Key.Key_Control)
    assert [type(each) for each in sent] == [KeyDown, KeyDown]
    picture.clearFocus()
    assert isinstance(sent[-1], LetGo)


def test_ctrl_alt_home_gives_the_keys_back(qtbot: QtBot, picture: PictureView, frames: FrameWriter) -> None:
    picture.show_frame(publish(frames, 400, 300, checker))
    picture.set_control(True)
    both = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier
    with qtbot.waitSignal(picture.released):
        qtbot.keyPress(picture, Qt.Key.Key_Home, both)


def test_a_stop_of_control_lets_go_too(qtbot: QtBot, picture: PictureView, frames: FrameWriter) -> None:
    sent: list[object] = []
    picture.sent.connect(sent.extend)
    picture.show_frame(publish(frames, 400, 300, checker))
    picture.set_control(True)
    qtbot.mousePress(picture, Qt.MouseButton.LeftButton, pos=QPoint(5, 5))
    picture.set_control(False)
    assert isinstance(sent[-1], LetGo)
