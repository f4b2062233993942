"""The conversation on screen."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QVBoxLayout, QWidget
from typing_extensions import override

from customer_client.chat.presenter import ChatPresenter, ChatView
from customer_client.chat.screenshot import Screenshot
from customer_client.chat.viewer import PictureView
from customer_client.desk.desk import Desk
from customer_client.desk.routes import Result, Routes
from customer_client.desk.words import name_of, tone_of
from customer_client.parts.link_strip import LinkStrip
from customer_client.parts.page import drop
from customer_client.parts.pictures import PictureDecoder, decode
from customer_client.sharing.presenter import SharingPresenter
from customer_client.sharing.view import SharingView
from shared.protocol.types import PersonRef
from shared.strings import phrase, text
from shared.ui.chat.panel import ChatPanel
from shared.ui.chat.png import PngEncoder
from shared.ui.chat.shape import PICTURE_PX
from shared.ui.theme import SPACE_L, SPACE_S
from shared.ui.widgets import Avatar, Button, ElidedLabel, PageHeader, Strip
from shared.ui.words import show_words

_HERE_SHOWN = 3
_KEPT_PICTURES = 30
_LARGE = QSize(2560, 1600)


class ChatPage(QWidget):
    """Head, who is here, strips, timeline, composer."""

    def __init__(
        self,
        presenter: ChatPresenter,
        routes: Routes,
        desk: Desk,
        sharing: SharingPresenter,
        local_ms: Callable[[], int],
    ) -> None:
        super().__init__()
        self.setObjectName("chat")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setProperty("fill", "bg")
        self._presenter, self._routes = presenter, routes
        self._conversation_id = ""
        self._on_top = False
        self._data: dict[str, bytes] = {}
        self.header = PageHeader("", object_name="chat.header")
        self.header.back.connect(routes.home)
        self._here = _Here()
        self._link = LinkStrip(desk.link, local_ms, chat=True)
        self._link.strip.acted.connect(presenter.try_now)
        self._sharing = Strip("notice", icon="monitor", object_name="chat.sharing")
        self._sharing.acted.connect(sharing.stop)
        self._failed = Strip("warn", closable=True, object_name="chat.failed")
        self._failed.dismissed.connect(presenter.forget_failure)
        self._closed = Strip("quiet", object_name="chat.closed")
        self._closed.acted.connect(self._see_result)
        self.panel = ChatPanel("customer")
        self._typing = ElidedLabel("", "small", tone="muted")
        self._shot = Screenshot()
        self._viewer = PictureView(self)
        self._decoder, self._encoder = PictureDecoder(self), PngEncoder(self)
        self._lay_out()
        self._connect()
        presenter.view.watch(self._show)
        presenter.pictures.watch(self._keep_picture)
        sharing.view.watch(self._show_sharing)
        desk.organisation.watch(lambda organisation: self.header.set_sample(bool(organisation and organisation.sample)))

    def entered(self) -> None:
        """The page has come up."""
        self._on_top = True
        self.panel.composer.edit.setFocus(Qt.FocusReason.OtherFocusReason)
        self._attend()

    def left(self) -> None:
        """The page is no longer shown."""
        self._on_top = False
        self._attend()

    @override
    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.ActivationChange:
            self._attend()
        super().changeEvent(event)

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        above = (self.header, self._here, self._link, self._sharing, self._failed, self._closed)
        for widget in above:
            column.addWidget(widget)
        column.addWidget(self.panel, 1)
        typing = QHBoxLayout()
        typing.setContentsMargins(SPACE_L, 0, SPACE_L, 4)
        typing.addWidget(self._typing)
        self.panel.between.addLayout(typing)
        self.panel.between.addWidget(self._shot)

    def _connect(self) -> None:
        composer, timeline, presenter = self.panel.composer, self.panel.timeline, self._presenter
        composer.sent.connect(presenter.say)
        composer.draft_changed.connect(presenter.type)
        composer.picture_pasted.connect(self._paste)
        composer.paths_dropped.connect(self._attach_paths)
        composer.attach_asked.connect(self._choose_file)
        shot = Button(phrase("talk.screenshot"), "ghost", "small", icon="screenshot", object_name="chat.screenshot")
        show_words(shot, shot.setToolTip, phrase("talk.screenshot_tip"))
        shot.clicked.connect(lambda: self._shot.take(self.window()))
        composer.tools.addWidget(shot)
        self._shot.chosen.connect(self._encode)
        self._encoder.encoded.connect(self._send_screenshot)
        timeline.retry_asked.connect(presenter.send_again)
        timeline.reached_end.connect(self._attend)
        timeline.picture_opened.connect(self._open_picture)
        timeline.file_opened.connect(self._save_file)
        self._decoder.decoded.connect(self._show_picture)

    # The picture

    def _show(self, view: ChatView) -> None:
        self.header.set_title(view.title, view.number)
        self._here.show_view(view)
        self._failed.setVisible(view.failed is not None)
        if view.failed is not None:
            self._failed.say(view.failed)
        self._closed.setVisible(view.closed)
        self._closed.say(phrase("talk.closed"), action=phrase("talk.see_result"))
        self.panel.composer.setVisible(view.open)
        down = view.link.phase != "ready"
        self.panel.composer.set_placeholder(phrase("talk.write_offline" if down else "chat.write"))
        self._typing.set_words(phrase("talk.typing", who=view.typing.name) if view.typing else "")
        self.panel.timeline.set_rows(view.rows)
        if view.conversation_id != self._conversation_id:
            self._conversation_id = view.conversation_id
            self.panel.composer.set_words(self._presenter.draft)
            self.panel.timeline.go_to_end()

    def _show_sharing(self, view: SharingView) -> None:
        self._sharing.setVisible(view.live or view.failed is not None)
        if view.failed is not None and not view.live:
            self._sharing.say(view.failed, tone="warn", icon="alert-circle")
        elif view.paused:
            self._sharing.say(phrase("sharing.paused"), tone="quiet", icon="pause", action=phrase("talk.stop_sharing"))
        else:
            self._sharing.say(phrase("talk.sharing_now"), tone="notice", action=phrase("talk.stop_sharing"))

    def _attend(self) -> None:
        attended = self._on_top and self.isActiveWindow() and self.panel.timeline.at_end()
        self._presenter.attend(attended)

    def _see_result(self) -> None:
        self._routes.go(Result(self._conversation_id))

    # Pictures and files

    def _paste(self, data: bytes) -> None:
        self._presenter.show_picture(data, text("talk.pasted_name"))

    def _send_screenshot(self, data: bytes) -> None:
        self._presenter.show_picture(data, text("talk.screenshot_name"))

    def _encode(self, image: QImage) -> None:
        self._encoder.encode(image)

    def _choose_file(self) -> None:
        dialog = QFileDialog(self, text("talk.choose_file"))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilter(f"{text('talk.pictures')} (*.png *.jpg *.jpeg *.gif *.webp *.pdf)")
        dialog.filesSelected.connect(self._attach_paths)
        dialog.open()

    def _attach_paths(self, paths: list[str]) -> None:
        for path in paths[:5]:
            self._presenter.attach_file(Path(path))

    def _keep_picture(self, picture: tuple[str, bytes]) -> None:
        key, data = picture
        self._data[key] = data
        while len(self._data) > _KEPT_PICTURES:
            del self._data[next(iter(self._data))]
        ratio = self.devicePixelRatioF()
        room = QSize(round(PICTURE_PX[0] * ratio * 2), round(PICTURE_PX[1] * ratio * 2))
        self._decoder.decode(key, data, room)

    def _show_picture(self, key: str, image: QImage) -> None:
        if image.isNull():
            self._presenter.picture_broken(key)
        else:
            self.panel.timeline.set_picture(key, image)

    def _open_picture(self, key: str) -> None:
        if key in self._data:
            self._viewer.show_image(decode(self._data[key], _LARGE))

    def _save_file(self, key: str) -> None:
        dialog = QFileDialog(self, text("after.save"))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.selectFile(self._presenter.file_name(key))
        dialog.fileSelected.connect(partial(self._save_to, key))
        dialog.open()

    def _save_to(self, key: str, path: str) -> None:
        self._presenter.save_file(key, Path(path))


class _Here(QWidget):
    """Who is in this conversation now."""

    def __init__(self) -> None:
        super().__init__()
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setProperty("fill", "surface")
        self.setProperty("edge", "bottom")
        self._people: tuple[PersonRef, ...] = ()
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(SPACE_L, SPACE_S, SPACE_L, SPACE_S)
        self._row.setSpacing(4)
        self._words = ElidedLabel("", "small")
        self._row.addWidget(self._words, 1)
        self._avatars: list[Avatar] = []

    def show_view(self, view: ChatView) -> None:
        """Show names, and who is not connected right now."""
        if view.here != self._people:
            self._people = view.here
            for avatar in self._avatars:
                drop(avatar)
            self._avatars = [Avatar(each.name, tone_of(each), 24) for each in view.here[:_HERE_SHOWN]]
            for place, avatar in enumerate(self._avatars):
                self._row.insertWidget(place, avatar)
        self.setVisible(bool(view.here) or not view.closed)
        self._words.set_words(lambda: _here_words(view))
        self.setAccessibleName(_here_words(view))


def _here_words(view: ChatView) -> str:
    away = [name_of(each)() for each in view.here if each.id in view.away]
    here = [name_of(each)() for each in view.here if each.id not in view.away]
    if here:
        return text("talk.here_one" if len(here) == 1 else "talk.here", who=text("talk.joint").join(here))
    return text("talk.away", who=text("talk.joint").join(away)) if away else text("talk.nobody_here")
