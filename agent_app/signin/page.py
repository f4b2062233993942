"""The sign-in page."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from agent_app.signin.presenter import SignInPresenter, SignInView
from shared.strings import phrase
from shared.ui.icons import app_mark
from shared.ui.theme import SPACE_L, SPACE_M, SPACE_S, SPACE_XXL, theme
from shared.ui.widgets import Button, Card, CheckBox, IconMark, Label, PageBody, Strip, TextField

_WIDTH_PX = 424


class SignInPage(QWidget):
    """Server, name, password, and whether to stay signed in."""

    def __init__(self, presenter: SignInPresenter, now: Callable[[], int], ca_name: str = "") -> None:
        super().__init__()
        self._presenter, self._now = presenter, now
        self._shown = SignInView()
        hint = phrase("signin.server_ca", file=ca_name) if ca_name else phrase("signin.server_hint")
        self._server = TextField(phrase("signin.server"), hint=hint, max_chars=300, object_name="signin.server")
        self._name = TextField(phrase("signin.name"), max_chars=80, object_name="signin.name")
        self._password = TextField(
            phrase("signin.password"), password=True, max_chars=256, object_name="signin.password"
        )
        self._keep = CheckBox(phrase("signin.keep"), checked=True, object_name="signin.keep")
        self._keyring = Label(phrase("signin.keyring_checking"), "small", tone="muted", wrap=True)
        self._problem = Strip("danger", rounded=True, object_name="signin.problem")
        self._problem.hide()
        self._button = Button(phrase("signin.button"), "primary", "medium", object_name="signin.button")
        self._stop = Button(phrase("signin.stop"), "ghost", "medium", object_name="signin.stop")
        self._lay_out()
        self._button.clicked.connect(self._submit)
        self._stop.clicked.connect(presenter.cancel)
        for field in (self._server, self._name, self._password):
            field.submitted.connect(self._submit)
        presenter.view.watch(self._show)

    def focus_first(self) -> None:
        """Put the cursor where something is missing."""
        for field in (self._server, self._name):
            if not field.value():
                field.setFocus()
                return
        self._password.setFocus()

    def tick(self) -> None:
        """A second has passed: the countdowns go on."""
        if self._shown.retry_at_ms:
            self._show_problem(self._shown)

    def _lay_out(self) -> None:
        form = Card("plain", pad=SPACE_XXL, spacing=SPACE_L)
        form.setFixedWidth(theme().px(_WIDTH_PX))
        column = form.box
        column.addLayout(self._head())
        for widget in (self._server, self._name, self._password, self._keep_card(), self._problem):
            column.addWidget(widget)
        column.addWidget(self._button)
        column.addWidget(self._stop)
        body = PageBody()
        body.box.addWidget(form, 1, Qt.AlignmentFlag.AlignCenter)
        page = QVBoxLayout(self)
        page.setContentsMargins(0, 0, 0, 0)
        page.addWidget(body)

    def _head(self) -> QHBoxLayout:
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(Label(phrase("signin.title"), "title", weight=600))
        words.addWidget(Label(phrase("signin.subtitle"), "small", tone="muted"))
        mark = Label()
        mark.setPixmap(app_mark(40, self.devicePixelRatioF()))
        row = QHBoxLayout()
        row.setSpacing(SPACE_M)
        row.addWidget(mark)
        row.addLayout(words, 1)
        return row

    def _keep_card(self) -> Card:
        card = Card("sunken", pad=12, spacing=SPACE_S)
        head = QHBoxLayout()
        head.setSpacing(SPACE_S)
        head.addWidget(IconMark("key", 16, "info"))
        head.addWidget(Label(phrase("signin.keep_title"), "small", weight=600), 1)
        card.box.addLayout(head)
        card.box.addWidget(self._keyring)
        card.box.addWidget(self._keep)
        return card

    def _submit(self) -> None:
        self._presenter.sign_in(
            self._server.value(), self._name.value(), self._password.control.text(), self._keep.isChecked()
        )

    def _show(self, view: SignInView) -> None:
        old, self._shown = self._shown, view
        if view.server != old.server:
            self._server.set_value(view.server)
        if view.username != old.username:
            self._name.set_value(view.username)
        keyring = {"checking": "signin.keyring_checking", "working": "signin.keep_text", "none": "signin.keyring_none"}
        self._keyring.set_words(phrase(keyring[view.keyring]))
        self._keep.setVisible(view.keyring == "working")
        for field in (self._server, self._name, self._password, self._keep):
            field.setEnabled(not view.busy)
        busy = phrase("signin.restoring", name=view.username) if view.restoring else phrase("signin.busy")
        self._button.set_busy(view.busy, busy)
        self._stop.setVisible(view.busy)
        self._show_problem(view)
        if old.busy and not view.busy:
            self._password.set_value("")
            self._password.setFocus()

    def _show_problem(self, view: SignInView) -> None:
        left_s = max(0, -(-(view.retry_at_ms - self._now()) // 1000)) if view.retry_at_ms else 0
        waiting = bool(left_s) and not view.busy
        self._button.setEnabled(not view.busy and not waiting)
        self._problem.setVisible(view.problem is not None)
        if view.problem is None:
            return
        after = phrase("signin.wait" if waiting else "signin.next_try", seconds=left_s) if left_s else None
        problem = view.problem
        self._problem.say(lambda: f"{problem()} {after() if after else ''}".strip())
