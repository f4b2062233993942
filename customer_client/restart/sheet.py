"""The question before this computer restarts: in front, "Not now" under the fingers; and the word that it did not."""

from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QCloseEvent, QKeyEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout
from typing_extensions import override

from customer_client.consent.presenter import DEAF_MS
from customer_client.desk.words import name_of, tone_of
from customer_client.parts.deaf import Deaf
from customer_client.restart.presenter import RestartPresenter, RestartView
from shared.strings import phrase, text
from shared.ui.theme import SPACE_L, SPACE_M, SPACE_S, SPACE_XL, theme
from shared.ui.widgets import Avatar, Button, Label
from shared.ui.words import show_words

_WIDTH_PX: Final = 480


class RestartSheet(QDialog):
    """Shows itself when there is something to say. Enter, Esc, the close box: not now."""

    def __init__(self, presenter: RestartPresenter) -> None:
        super().__init__(None, Qt.WindowType.Dialog | Qt.WindowType.WindowStaysOnTopHint)
        self._presenter = presenter
        self._shown = ""
        self.deaf = Deaf(self, DEAF_MS)
        self.setObjectName("restart")
        self.setModal(False)
        show_words(self, self.setWindowTitle, phrase("restart.window"))
        self._avatar = Avatar("", "tier1", 48)
        self._title = Label("", "title", weight=600, wrap=True)
        self._words = Label("", "body", tone="muted", wrap=True)
        self._count = Label("", "small", tone="muted")
        self._no = Button(phrase("restart.not_now"), "primary", object_name="restart.not_now")
        self._yes = Button(phrase("restart.now"), "danger-outline", icon="refresh", object_name="restart.now")
        self._read = Button(phrase("restart.read"), "primary", object_name="restart.read")
        self._no.clicked.connect(presenter.not_now)
        self._yes.clicked.connect(presenter.restart_now)
        self._read.clicked.connect(presenter.read)
        self._lay_out()
        self.setTabOrder(self._yes, self._no)
        presenter.view.watch(self._show)

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Escape, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._leave()
        else:
            super().keyPressEvent(event)

    @override
    def closeEvent(self, event: QCloseEvent) -> None:
        event.ignore()
        self._leave()

    def _leave(self) -> None:
        if self._presenter.view.value.failed:
            self._presenter.read()
        else:
            self._presenter.not_now()

    def _lay_out(self) -> None:
        words = QVBoxLayout()
        words.setSpacing(SPACE_S)
        for widget in (self._title, self._words):
            words.addWidget(widget)
        head = QHBoxLayout()
        head.setSpacing(SPACE_L)
        head.addWidget(self._avatar, 0, Qt.AlignmentFlag.AlignTop)
        head.addLayout(words, 1)
        foot = QHBoxLayout()
        foot.setSpacing(SPACE_M)
        foot.addWidget(self._count, 1)
        for button in (self._yes, self._no, self._read):
            foot.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE_XL, SPACE_XL, SPACE_XL, SPACE_L)
        column.setSpacing(SPACE_XL)
        column.addLayout(head)
        column.addLayout(foot)
        self.setFixedWidth(theme().px(_WIDTH_PX))

    def _show(self, view: RestartView) -> None:
        shown = "failed" if view.failed else view.agent.id if view.agent else ""
        fresh, self._shown = shown != self._shown, shown
        if not shown:
            self.deaf.end()
            self.hide()
            return
        self._count.set_words(phrase("restart.countdown", count=view.left_s) if view.agent else "")
        if not fresh:
            return
        self._avatar.setVisible(view.agent is not None)
        for button in (self._yes, self._no):
            button.setVisible(view.agent is not None)
        self._read.setVisible(view.failed)
        if (agent := view.agent) is not None:
            self._avatar.set_person(agent.name, tone_of(agent))
            self._title.set_words(lambda: text("restart.title", who=name_of(agent)()))
            self._words.set_words(phrase("restart.words"))
        else:
            self._title.set_words(phrase("restart.failed_title"))
            self._words.set_words(phrase("restart.failed"))
        self._come()

    def _come(self) -> None:
        self.deaf.begin()
        self.adjustSize()
        self.move(self.screen().availableGeometry().center() - self.rect().center())
        self.show()
        self.raise_()
        self.activateWindow()
        (self._read if self._presenter.view.value.failed else self._no).setFocus()
