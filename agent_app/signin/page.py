"""The sign-in page."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from agent_app.parts.code_field import DIGITS
from agent_app.parts.codes_form import CodesForm
from agent_app.parts.enrol_form import EnrolForm
from agent_app.signin.presenter import SignInPresenter, SignInView
from agent_app.signin.second_step import SecondStep
from shared.strings import Phrase, phrase
from shared.ui.icons import app_mark
from shared.ui.theme import SPACE_L, SPACE_M, SPACE_S, SPACE_XXL, theme
from shared.ui.widgets import Button, Card, CheckBox, IconMark, Label, PageBody, Strip, TextField

_WIDTH_PX = 424
_WIDE_PX = 520


class SignInPage(QWidget):
    """Server, name, password, and whether to stay signed in; then a second step where there is one."""

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
        self._second = SecondStep(presenter, now)
        self._enrol = EnrolForm()
        self._enrol.confirmed.connect(presenter.give_code)
        self._enrol.copied.connect(_copy)
        self._codes = CodesForm()
        self._codes.kept.connect(presenter.keep_codes)
        self._keep = CheckBox(phrase("signin.keep"), checked=True, object_name="signin.keep")
        self._keyring = Label(phrase("signin.keyring_checking"), "small", tone="muted", wrap=True)
        self._problem = Strip("danger", rounded=True, object_name="signin.problem")
        self._problem.hide()
        self._button = Button(phrase("signin.button"), "primary", "medium", object_name="signin.button")
        self._browser = Button("", "secondary", "medium", icon="globe", object_name="signin.browser")
        self._stop = Button(phrase("signin.stop"), "ghost", "medium", object_name="signin.stop")
        self._title = Label(phrase("signin.title"), "title", weight=600)
        self._subtitle = Label(phrase("signin.subtitle"), "small", tone="muted", wrap=True)
        self._keep_box = self._keep_card()
        self._lay_out()
        self._connect()
        presenter.view.watch(self._show)

    def focus_first(self) -> None:
        """Put the cursor where something is missing."""
        self._presenter.look_at(self._server.value())
        for field in (self._server, self._name):
            if not field.value():
                field.setFocus()
                return
        self._password.setFocus()

    def tick(self) -> None:
        """A second has passed: the countdowns go on."""
        self._second.tick()
        if self._shown.retry_at_ms:
            self._show_problem(self._shown)

    def _connect(self) -> None:
        self._button.clicked.connect(self._submit)
        self._browser.clicked.connect(lambda: self._presenter.browse(self._server.value(), self._keep.isChecked()))
        self._stop.clicked.connect(self._presenter.cancel)
        self._second.code.typed.connect(self._count_digits)
        self._second.recovery.changed.connect(self._count_digits)
        self._enrol.code.typed.connect(self._count_digits)
        self._server.left.connect(lambda: self._presenter.look_at(self._server.value()))
        for field in (self._server, self._name, self._password):
            field.submitted.connect(self._submit)

    def _lay_out(self) -> None:
        self._form = Card("plain", pad=SPACE_XXL, spacing=SPACE_L)
        column = self._form.box
        column.addLayout(self._head())
        for widget in (
            self._server,
            self._name,
            self._password,
            self._second,
            self._enrol,
            self._codes,
            self._keep_box,
            self._problem,
            self._button,
            self._browser,
            self._stop,
        ):
            column.addWidget(widget)
        body = PageBody()
        body.box.addWidget(self._form, 1, Qt.AlignmentFlag.AlignCenter)
        page = QVBoxLayout(self)
        page.setContentsMargins(0, 0, 0, 0)
        page.addWidget(body)

    def _head(self) -> QHBoxLayout:
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(self._title)
        words.addWidget(self._subtitle)
        mark = Label()
        mark.setPixmap(app_mark(40, self.devicePixelRatioF()))
        row = QHBoxLayout()
        row.setSpacing(SPACE_M)
        row.addWidget(mark, 0, Qt.AlignmentFlag.AlignTop)
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
        if self._shown.step in ("code", "recovery"):
            self._presenter.give_code(self._second.value())
        elif self._shown.step == "enrol":
            self._presenter.give_code(self._enrol.code.value())
        else:
            self._presenter.sign_in(
                self._server.value(), self._name.value(), self._password.control.text(), self._keep.isChecked()
            )

    def _show(self, view: SignInView) -> None:
        old, self._shown = self._shown, view
        if view.server != old.server:
            self._server.set_value(view.server)
        if view.username != old.username:
            self._name.set_value(view.username)
        self._show_step(view)
        self._second.show_view(view, old)
        self._enrol.show_offer(view.offer)
        self._codes.show_codes(view.codes)
        keyring = {"checking": "signin.keyring_checking", "working": "signin.keep_text", "none": "signin.keyring_none"}
        self._keyring.set_words(phrase(keyring[view.keyring]))
        self._keep.setVisible(view.keyring == "working")
        for field in (self._server, self._name, self._password, self._keep, self._enrol.code):
            field.setEnabled(not view.busy)
        self._button.set_busy(view.busy, self._busy_words(view))
        self._show_problem(view)
        if old.busy and not view.busy and view.step == "password":
            self._password.set_value("")
            self._password.setFocus()
        if view.step == "enrol" and not view.busy and (old.busy or old.step != "enrol"):
            self._enrol.code.set_value("")
            self._count_digits()
            self._enrol.code.setFocus()

    def _show_step(self, view: SignInView) -> None:
        first = view.step in ("password", "browser")
        second = view.step in ("code", "recovery")
        for widget in (self._server, self._name, self._password, self._keep_box):
            widget.setVisible(first)
        self._second.setVisible(second)
        self._enrol.setVisible(view.step == "enrol" and view.offer is not None)
        self._codes.setVisible(view.step == "codes")
        self._button.setVisible(view.step != "codes")
        self._browser.setVisible(first and bool(view.single_sign_on) and not view.busy)
        self._browser.set_words(phrase("signin.browser", name=view.single_sign_on))
        self._stop.setVisible(view.busy or second or view.step == "enrol")
        self._stop.set_words(phrase("signin.stop" if view.busy else "signin.back"))
        titles = {"enrol": "signin.enrol_title", "codes": "account.codes_title"}
        self._title.set_words(phrase(titles.get(view.step, "signin.title")))
        subtitles = {"enrol": "signin.enrol_subtitle", "codes": "signin.codes_subtitle"}
        self._subtitle.set_words(phrase(subtitles.get(view.step, "signin.subtitle")))
        self._form.setFixedWidth(theme().px(_WIDE_PX if view.step in ("enrol", "codes") else _WIDTH_PX))

    def _busy_words(self, view: SignInView) -> Phrase:
        if view.restoring:
            return phrase("signin.restoring", name=view.username)
        return phrase("signin.browser_waiting" if view.step == "browser" else "signin.busy")

    def _show_problem(self, view: SignInView) -> None:
        left_s = max(0, -(-(view.retry_at_ms - self._now()) // 1000)) if view.retry_at_ms else 0
        self._waiting = bool(left_s) and not view.busy
        self._count_digits()
        self._problem.setVisible(view.problem is not None)
        if view.problem is None:
            return
        after = phrase("signin.wait" if self._waiting else "signin.next_try", seconds=left_s) if left_s else None
        problem = view.problem
        self._problem.say(lambda: f"{problem()} {after() if after else ''}".strip())

    def _count_digits(self) -> None:
        view = self._shown
        missing = self._second.missing() if view.step in ("code", "recovery") else 0
        if view.step == "enrol":
            missing = DIGITS - len(self._enrol.code.value())
        few = view.step in ("code", "enrol") and missing
        self._button.set_words(phrase("signin.digits_missing", count=missing) if few else phrase("signin.button"))
        self._button.setEnabled(not view.busy and not self._waiting and not missing)


def _copy(words: str) -> None:
    QGuiApplication.clipboard().setText(words)
