"""The account window: password, second step, devices. What is shown once has the window to itself."""

import functools
from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtGui import QCloseEvent, QGuiApplication
from PySide6.QtWidgets import QDialog, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget
from typing_extensions import override

from agent_app.account.ask_dialog import AskDialog
from agent_app.account.device_row import DeviceRow
from agent_app.account.password_dialog import PasswordDialog
from agent_app.account.presenter import AccountPresenter, AccountView, Change
from agent_app.parts.codes_form import CodesForm
from agent_app.parts.enrol_form import EnrolForm
from shared.protocol.messages import account as a
from shared.strings import phrase
from shared.ui.theme import SPACE_L, SPACE_M, SPACE_S, theme
from shared.ui.widgets import Button, ButtonKind, Card, Chip, Label, PageBody, Rule, Strip
from shared.ui.words import show_words

_SIZE_PX = (600, 680)


class AccountWindow(QDialog):
    """`closed` when it is gone. Not modal: work goes on."""

    closed = Signal()

    def __init__(self, parent: QWidget, presenter: AccountPresenter, now: Callable[[], int]) -> None:
        super().__init__(parent)
        self._presenter, self._now = presenter, now
        self._account: a.Account | None = None
        self.setObjectName("account")
        self.setProperty("fill", "bg")
        show_words(self, self.setWindowTitle, phrase("account.window"))
        show_words(self, self.setAccessibleName, phrase("account.window"))
        self._who = Label("", "small", tone="muted")
        self._news = Strip("ok", rounded=True, closable=True, object_name="account.news")
        self._news.dismissed.connect(presenter.dismiss)
        self._loading = Label(phrase("account.loading"), "body", tone="muted")
        self._state = Chip(" ", "neutral")
        self._totp_text = Label("", "small", tone="muted", wrap=True)
        self._buttons = {change: self._change_button(change) for change in _BUTTONS}
        self._devices = Card("list")
        self._others = Button(
            phrase("account.devices_end_others"), "danger-outline", "small", object_name="account.end-others"
        )
        self._others.clicked.connect(presenter.end_others)
        self._enrol = EnrolForm()
        self._enrol.confirmed.connect(presenter.confirm)
        self._enrol.copied.connect(_copy)
        self._wrong = Strip("danger", rounded=True, object_name="account.wrong")
        self._codes = CodesForm()
        self._codes.kept.connect(presenter.keep_codes)
        self._stack = QStackedWidget()
        for page in (self._sections(), self._enrol_page(), self._codes_page()):
            self._stack.addWidget(page)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._stack)
        look = theme()
        self.resize(look.px(_SIZE_PX[0]), look.px(_SIZE_PX[1]))
        self._forget = presenter.view.watch(self._show)

    @override
    def closeEvent(self, event: QCloseEvent) -> None:
        super().closeEvent(event)
        self._leave()

    @override
    def reject(self) -> None:
        super().reject()
        self._leave()

    def _leave(self) -> None:
        self._forget()
        self.closed.emit()

    # Pages

    def _sections(self) -> QWidget:
        body = PageBody(edge=SPACE_L, spacing=SPACE_L)
        body.box.addWidget(Label(phrase("account.title"), "title", weight=600))
        body.box.addWidget(self._who)
        body.box.addWidget(self._news)
        body.box.addWidget(self._loading)
        self._parts = [self._password_part(), self._totp_part(), self._devices_part()]
        for part in self._parts:
            body.box.addWidget(part)
        body.box.addStretch(1)
        return body

    def _password_part(self) -> Card:
        change = Button(phrase("account.password_change"), "secondary", "small", object_name="account.password")
        change.clicked.connect(lambda: PasswordDialog(self, self._presenter).open())
        card = Card("plain", pad=SPACE_L, spacing=SPACE_S)
        card.box.addWidget(Label(phrase("account.password"), "body", weight=600))
        card.box.addWidget(Label(phrase("account.password_text"), "small", tone="muted", wrap=True))
        card.box.addLayout(_row(change))
        return card

    def _totp_part(self) -> Card:
        head = QHBoxLayout()
        head.setSpacing(SPACE_S)
        head.addWidget(Label(phrase("account.totp"), "body", weight=600))
        head.addWidget(self._state)
        head.addStretch(1)
        card = Card("plain", pad=SPACE_L, spacing=SPACE_S)
        card.box.addLayout(head)
        card.box.addWidget(self._totp_text)
        card.box.addLayout(_row(*self._buttons.values()))
        return card

    def _devices_part(self) -> QWidget:
        part = QWidget()
        column = QVBoxLayout(part)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE_S)
        column.addWidget(Label(phrase("account.devices"), "body", weight=600))
        column.addWidget(self._devices)
        column.addLayout(_row(self._others))
        return part

    def _enrol_page(self) -> QWidget:
        back = Button(phrase("desk.cancel"), "secondary", "small", object_name="account.enrol-cancel")
        back.clicked.connect(self._presenter.drop_offer)
        return _page(Label(phrase("account.enrol_title"), "title", weight=600), self._enrol, self._wrong, _row(back))

    def _codes_page(self) -> QWidget:
        return _page(Label(phrase("account.codes_title"), "title", weight=600), self._codes)

    def _change_button(self, change: Change) -> Button:
        key, kind = _BUTTONS[change]
        button = Button(phrase(key), kind, "small", object_name=f"account.{change}")
        button.clicked.connect(functools.partial(self._ask, change))
        return button

    def _ask(self, change: Change) -> None:
        AskDialog(self, self._presenter, change).open()

    # What there is

    def _show(self, view: AccountView) -> None:
        self._who.set_words(phrase("account.for", name=view.name, username=view.username))
        self._show_news(view)
        self._loading.setVisible(view.account is None)
        for part in self._parts:
            part.setVisible(view.account is not None)
        self._enrol.show_offer(view.offer)
        self._enrol.code.setEnabled(not view.busy)
        self._codes.show_codes(view.codes)
        page = 2 if view.codes else 1 if view.offer else 0
        if self._stack.currentIndex() != page:
            self._stack.setCurrentIndex(page)
        if page == 1 and not view.busy:
            self._enrol.code.setFocus()
        if view.account is not None and view.account != self._account:
            self._show_account(view.account)
        self._account = view.account

    def _show_news(self, view: AccountView) -> None:
        self._wrong.setVisible(view.problem is not None)
        self._news.setVisible(view.said is not None or view.problem is not None)
        if view.problem is not None:
            self._news.say(view.problem, tone="danger")
            self._wrong.say(view.problem)
            self._enrol.code.set_value("")
        elif view.said is not None:
            self._news.say(view.said, tone="ok")

    def _show_account(self, account: a.Account) -> None:
        self._state.set_words(phrase("account.totp_on" if account.totp else "account.totp_off"))
        self._state.set_tone("ok" if account.totp else "warn", "check" if account.totp else "warning")
        words = phrase("account.totp_text_on", count=account.recovery_left)
        required = phrase("account.totp_required")
        if account.totp:
            self._totp_text.set_words(lambda: f"{words()}. {required()}" if account.totp_required else words())
        else:
            self._totp_text.set_words(phrase("account.totp_text_off"))
        for change, button in self._buttons.items():
            on = account.totp if change != "set_up" else not account.totp
            button.setVisible(on and not (change == "turn_off" and account.totp_required))
        self._others.setVisible(len(account.devices) > 1)
        self._show_devices(account.devices)

    def _show_devices(self, devices: tuple[a.SignedInDevice, ...]) -> None:
        box = self._devices.box
        while (item := box.takeAt(0)) is not None:
            if widget := item.widget():
                widget.hide()
                widget.deleteLater()
        for place, device in enumerate(devices):
            if place:
                box.addWidget(Rule())
            row = DeviceRow(device, self._now())
            row.ended.connect(self._presenter.end_device)
            box.addWidget(row)


_BUTTONS: dict[Change, tuple[str, ButtonKind]] = {
    "set_up": ("account.totp_set_up", "primary"),
    "replace": ("account.totp_replace", "secondary"),
    "renew": ("account.totp_renew", "secondary"),
    "turn_off": ("account.totp_turn_off", "danger-ghost"),
}


def _page(*parts: QWidget | QHBoxLayout) -> QWidget:
    body = PageBody(edge=SPACE_L, spacing=SPACE_M)
    for part in parts:
        body.box.addWidget(part) if isinstance(part, QWidget) else body.box.addLayout(part)
    body.box.addStretch(1)
    return body


def _row(*buttons: Button) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(SPACE_S)
    for button in buttons:
        row.addWidget(button)
    row.addStretch(1)
    return row


def _copy(words: str) -> None:
    QGuiApplication.clipboard().setText(words)
