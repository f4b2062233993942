"""Who are you? Asked before anything about the second step: the password, and a code where there is one."""

from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from agent_app.account.presenter import NEED_CODE, AccountPresenter, AccountView, Change
from shared.strings import phrase
from shared.ui.theme import SPACE_L, SPACE_S, theme
from shared.ui.widgets import Button, Label, Strip, TextField
from shared.ui.words import show_words


class AskDialog(QDialog):
    """Opened with `open()`; closes itself when the relay has agreed, and says why it has not."""

    def __init__(self, parent: QWidget, presenter: AccountPresenter, change: Change) -> None:
        super().__init__(parent)
        self._presenter = presenter
        self._change: Change = change
        self._asked = False
        title = phrase(f"account.ask_{change}")
        self.setObjectName("account-ask")
        show_words(self, self.setWindowTitle, title)
        show_words(self, self.setAccessibleName, title)
        self._password = TextField(
            phrase("account.password_now"), password=True, max_chars=256, object_name="account-ask.password"
        )
        self._code = TextField(phrase("account.either_code"), max_chars=40, object_name="account-ask.code")
        self._code.setVisible(change in NEED_CODE)
        self._problem = Strip("danger", rounded=True, object_name="account-ask.problem")
        self._problem.hide()
        cancel = Button(phrase("desk.cancel"), "secondary", "small", object_name="account-ask.cancel")
        cancel.clicked.connect(self.reject)
        kind = "danger" if change == "turn_off" else "primary"
        do = phrase("account.totp_turn_off" if change == "turn_off" else "account.go_on")
        self._do = Button(do, kind, "small", object_name="account-ask.do")
        self._do.clicked.connect(self._submit)
        for field in (self._password, self._code):
            field.submitted.connect(self._submit)
        self._lay_out(cancel)
        forget = presenter.view.watch(self._show)
        self.finished.connect(forget)
        self.finished.connect(self.deleteLater)
        self._password.setFocus()

    def _lay_out(self, cancel: Button) -> None:
        self.setProperty("fill", "surface")
        buttons = QHBoxLayout()
        buttons.setSpacing(SPACE_S)
        buttons.addStretch(1)
        buttons.addWidget(cancel)
        buttons.addWidget(self._do)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE_L, SPACE_L, SPACE_L, SPACE_L)
        column.setSpacing(SPACE_L)
        column.addWidget(Label(phrase(f"account.ask_{self._change}"), "lead", weight=600, wrap=True))
        column.addWidget(Label(phrase(f"account.ask_text_{self._change}"), "body", tone="muted", wrap=True))
        column.addWidget(self._password)
        column.addWidget(self._code)
        column.addWidget(self._problem)
        column.addLayout(buttons)
        self.setFixedWidth(theme().px(420))

    def _submit(self) -> None:
        if self._password.value() and (self._code.value() or self._change not in NEED_CODE):
            self._asked = True
            self._presenter.change(self._change, self._password.value(), self._code.value())

    def _show(self, view: AccountView) -> None:
        self._do.set_busy(view.busy)
        problem = view.problem if self._asked else None
        self._problem.setVisible(problem is not None)
        if problem is not None:
            self._problem.say(problem)
        elif self._asked and not view.busy:
            self.accept()
