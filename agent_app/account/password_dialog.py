"""Changing one's password: the present one, and the new one twice."""

from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from agent_app.account.presenter import AccountPresenter, AccountView
from shared.strings import phrase
from shared.ui.theme import SPACE_L, SPACE_S, theme
from shared.ui.widgets import Button, Label, Strip, TextField
from shared.ui.words import show_words


class PasswordDialog(QDialog):
    """Opened with `open()`; closes itself when the password is changed."""

    def __init__(self, parent: QWidget, presenter: AccountPresenter) -> None:
        super().__init__(parent)
        self._presenter = presenter
        self._asked = False
        title = phrase("account.password_change")
        self.setObjectName("account-password")
        show_words(self, self.setWindowTitle, title)
        show_words(self, self.setAccessibleName, title)
        self._present = TextField(
            phrase("account.password_now"), password=True, max_chars=256, object_name="account-password.present"
        )
        self._new = TextField(
            phrase("account.password_new"),
            hint=phrase("account.password_hint"),
            password=True,
            max_chars=256,
            object_name="account-password.new",
        )
        self._again = TextField(
            phrase("account.password_again"), password=True, max_chars=256, object_name="account-password.again"
        )
        self._problem = Strip("danger", rounded=True, object_name="account-password.problem")
        self._problem.hide()
        self._do = Button(phrase("account.password_change"), "primary", "small", object_name="account-password.do")
        self._do.clicked.connect(self._submit)
        for field in (self._present, self._new, self._again):
            field.submitted.connect(self._submit)
        self._lay_out()
        forget = presenter.view.watch(self._show)
        self.finished.connect(forget)
        self.finished.connect(self.deleteLater)
        self._present.setFocus()

    def _lay_out(self) -> None:
        self.setProperty("fill", "surface")
        cancel = Button(phrase("desk.cancel"), "secondary", "small", object_name="account-password.cancel")
        cancel.clicked.connect(self.reject)
        buttons = QHBoxLayout()
        buttons.setSpacing(SPACE_S)
        buttons.addStretch(1)
        buttons.addWidget(cancel)
        buttons.addWidget(self._do)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE_L, SPACE_L, SPACE_L, SPACE_L)
        column.setSpacing(SPACE_L)
        column.addWidget(Label(phrase("account.password_change"), "lead", weight=600, wrap=True))
        for each in (self._present, self._new, self._again, self._problem):
            column.addWidget(each)
        column.addLayout(buttons)
        self.setFixedWidth(theme().px(420))

    def _submit(self) -> None:
        differs = self._new.value() != self._again.value()
        self._again.set_error(phrase("account.password_differs") if differs else "")
        if not differs and self._present.value() and self._new.value():
            self._asked = True
            self._presenter.change_password(self._present.value(), self._new.value())

    def _show(self, view: AccountView) -> None:
        self._do.set_busy(view.busy)
        problem = view.problem if self._asked else None
        self._problem.setVisible(problem is not None)
        if problem is not None:
            self._problem.say(problem)
        elif self._asked and not view.busy:
            self.accept()
