"""The middle of the inbox: header, strips, timeline, composer or writing up."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

from PySide6.QtCore import QEvent, QMimeDatabase, Qt, Signal
from PySide6.QtGui import QHideEvent, QImage, QShowEvent
from PySide6.QtWidgets import QFileDialog, QVBoxLayout, QWidget
from typing_extensions import override

from agent_app.conversation.ask_dialog import AskDialog
from agent_app.conversation.confirm_dialog import ConfirmDialog
from agent_app.conversation.header import ConversationHeader
from agent_app.conversation.picture_viewer import PictureViewer
from agent_app.conversation.pictures import Pictures
from agent_app.conversation.presenter import ConversationPresenter, ConversationView
from agent_app.conversation.rows import chat_rows
from agent_app.conversation.tray_view import TrayView
from agent_app.desk.moments import local
from agent_app.desk.words import listed_capabilities
from agent_app.wrapup.panel import WrapUpPanel
from agent_app.wrapup.presenter import WrapUpPresenter
from shared.protocol.types import Capability
from shared.strings import phrase
from shared.ui.chat.panel import ChatPanel
from shared.ui.theme import theme
from shared.ui.widgets import Label, Strip

PICTURE_TYPES: Final = ("image/png", "image/jpeg", "image/gif", "image/webp")


class ConversationPage(QWidget):
    """`screen_opened` when the screen is granted already; `ticket_opened(ticket_id)`."""

    screen_opened = Signal(str)
    ticket_opened = Signal(str)

    def __init__(
        self,
        presenter: ConversationPresenter,
        wrapup: WrapUpPresenter,
        pictures: Pictures[QImage],
        now: Callable[[], int],
    ) -> None:
        super().__init__()
        self._presenter, self._wrapup, self._pictures, self._now = presenter, wrapup, pictures, now
        self._view = ConversationView()
        self._given: set[str] = set()
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setProperty("fill", "bg")
        self._header = ConversationHeader()
        self._asked = Strip("notice", icon="hand", object_name="conversation.asked")
        self._problem = Strip("danger", closable=True, object_name="conversation.problem")
        self._unknown = Strip("warn", object_name="conversation.unknown")
        self._panel = ChatPanel("agent")
        self._tray = TrayView()
        self._panel.between.addWidget(self._tray)
        self._to = Label("", "small", tone="muted")
        self._typing = Label("", "small", tone="muted")
        self._panel.composer.modes.insertWidget(0, self._to)
        self._panel.composer.modes.addWidget(self._typing)
        self._write_up = WrapUpPanel(wrapup)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for widget in (self._header, self._asked, self._problem, self._unknown):
            column.addWidget(widget)
        column.addWidget(self._panel, 1)
        column.addWidget(self._write_up)
        self._connect()
        pictures.changed.watch(lambda _: self._show_rows())
        theme().language_changed.connect(self._show_rows)
        presenter.view.watch(self._show)

    def tick(self) -> None:
        """A second has passed."""
        self._presenter.tick()
        self._show_asked()

    def focus_composer(self) -> None:
        """Put the cursor where messages are written."""
        self._panel.composer.setFocus()

    def _connect(self) -> None:
        composer, timeline = self._panel.composer, self._panel.timeline
        self._header.screen_asked.connect(self._ask_screen)
        self._header.control_asked.connect(lambda: self._ask("control", "control"))
        self._header.ticket_asked.connect(lambda: self.ticket_opened.emit(self._view.ticket_id))
        self._header.end_asked.connect(self._confirm_end)
        self._asked.acted.connect(self._presenter.withdraw_ask)
        self._problem.dismissed.connect(self._presenter.dismiss_problem)
        composer.sent.connect(self._send)
        composer.noted.connect(self._note)
        composer.draft_changed.connect(self._presenter.typed)
        composer.mode_changed.connect(self._mode_changed)
        composer.picture_pasted.connect(self._paste)
        composer.paths_dropped.connect(self._drop)
        composer.attach_asked.connect(self._pick)
        timeline.retry_asked.connect(self._presenter.send_again)
        timeline.picture_opened.connect(self._open_picture)
        self._tray.removed.connect(self._presenter.detach)
        self._tray.retried.connect(self._presenter.attach_again)
        self._tray.send_asked.connect(lambda: self._send(""))

    # Writing

    def _send(self, words: str) -> None:
        if not self._presenter.send(words):
            self._panel.composer.set_words(words)

    def _note(self, words: str) -> None:
        if not self._presenter.add_note(words):
            self._panel.composer.set_words(words)

    def _mode_changed(self, mode: str) -> None:
        self._presenter.set_mode("note" if mode == "note" else "reply")
        self._panel.composer.set_words(self._presenter.draft())

    def _paste(self, data: bytes) -> None:
        self._presenter.attach(data, phrase("conversation.pasted_name")(), "image/png")

    def _drop(self, paths: list[str]) -> None:
        for path in paths:
            self._attach_file(path)

    def _pick(self) -> None:
        dialog = QFileDialog(self, phrase("conversation.pick_picture")())
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        dialog.setNameFilter(phrase("conversation.pictures")())
        dialog.filesSelected.connect(self._drop)
        dialog.open()

    def _attach_file(self, name: str) -> None:
        path = Path(name)
        media_type = QMimeDatabase().mimeTypeForFile(name).name()
        if media_type not in PICTURE_TYPES or not path.is_file():
            self._presenter.refuse_attachment("blob_type_refused")
        elif path.stat().st_size > 10 * 1024 * 1024:
            self._presenter.refuse_attachment("blob_too_large")
        else:
            self._presenter.attach(path.read_bytes(), path.name, media_type)

    # Tools

    def _ask_screen(self) -> None:
        if self._view.tools is not None and self._view.tools.screen_open:
            self.screen_opened.emit(self._view.conversation_id)
        else:
            self._ask("view", "view")

    def _ask(self, capability: Capability, key: str) -> None:
        title = phrase(f"conversation.ask_title_{key}", name=self._view.name)
        dialog = AskDialog(self, title, phrase(f"conversation.ask_reason_{key}", subject=self._view.subject))

        def asked(reason: str) -> None:
            self._presenter.ask_for((capability,), reason)

        dialog.asked.connect(asked)
        dialog.open()

    def _confirm_end(self) -> None:
        dialog = ConfirmDialog(
            self,
            phrase("conversation.end_title"),
            phrase("conversation.end_text"),
            phrase("conversation.end_do"),
        )
        dialog.confirmed.connect(self._presenter.end)
        dialog.open()

    def _open_picture(self, key: str) -> None:
        kept = self._pictures.kept(key)
        if kept is None:
            self._pictures.again(key)
            return
        found = (item.name for line in self._view.lines for item in line.attachments if item.blob_id == key)
        PictureViewer(self, next(found, ""), kept.data, kept.image).open()

    # Showing

    def _show(self, view: ConversationView) -> None:
        old, self._view = self._view, view
        if view.conversation_id != old.conversation_id:
            self._wrapup.open(view.conversation_id)
            self._panel.composer.set_words(self._presenter.draft())
            self._panel.composer.set_mode(view.mode)
        self._header.show_view(view)
        if (view.lines, view.vip) != (old.lines, old.vip):
            self._show_rows()
        self._show_asked()
        self._problem.setVisible(view.problem is not None)
        if view.problem is not None:
            self._problem.say(view.problem)
        self._unknown.setVisible(view.unknown > 0)
        if view.unknown:
            self._unknown.say(phrase("conversation.unknown", count=view.unknown))
        self._tray.show_items(view.tray)
        self._show_composer(view)

    def _show_composer(self, view: ConversationView) -> None:
        writing_up = view.state == "wrap_up"
        self._write_up.setVisible(writing_up)
        composer = self._panel.composer
        composer.setVisible(not writing_up and view.state not in {"closed", "abandoned"})
        composer.set_open(view.can_reply)
        composer.set_placeholder(phrase("chat.write_offline" if view.offline else "chat.write"))
        to = "conversation.to_team" if view.mode == "note" else "conversation.to_customer"
        self._to.set_words(phrase(to, name=view.name))
        self._typing.set_words(phrase("conversation.typing", name=view.typing) if view.typing else "")

    def _show_asked(self) -> None:
        question = self._view.tools.ask if self._view.tools else None
        self._asked.setVisible(question is not None)
        if question is not None:
            left_s = max(0, (question.expires_ms - self._now()) // 1000)
            words = listed_capabilities(
                "conversation.asked", question.capabilities, name=self._view.name, seconds=str(left_s)
            )
            self._asked.say(words, icon="hand", action=phrase("conversation.asked_withdraw"))

    def _show_rows(self) -> None:
        today = local(self._now()).date()
        self._panel.timeline.set_rows(chat_rows(self._view.lines, self._pictures.state, today, vip=self._view.vip))
        for line in self._view.lines:
            for item in line.attachments:
                self._show_picture(item.blob_id)

    def _show_picture(self, blob_id: str) -> None:
        kept = self._pictures.kept(blob_id)
        if kept is not None and blob_id not in self._given:
            self._given.add(blob_id)
            self._panel.timeline.set_picture(blob_id, kept.image)

    # Attention

    @override
    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._presenter.attend(self.window().isActiveWindow())

    @override
    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._presenter.attend(False)

    @override
    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.ActivationChange:
            self._presenter.attend(self.isVisible() and self.window().isActiveWindow())
