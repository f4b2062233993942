"""The second step of signing in: a code of the authenticator, or a recovery code."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from agent_app.parts.code_field import DIGITS, CodeField
from agent_app.signin.presenter import SignInPresenter, SignInView
from shared.strings import phrase
from shared.ui.theme import SPACE_S, SPACE_XS
from shared.ui.widgets import Button, CountdownRing, Label, TextField

_STEP_S = 30
_URGENT_S = 5


class SecondStep(QWidget):
    """Shown while the page asks for a code. The ring says how long the present code is still good."""

    def __init__(self, presenter: SignInPresenter, now: Callable[[], int]) -> None:
        super().__init__()
        self._presenter, self._now = presenter, now
        self._who = Label("", "small", tone="muted", wrap=True)
        self.code = CodeField(object_name="signin.code")
        self.code.filled.connect(presenter.give_code)
        self._ring = CountdownRing(16, urgent_s=_URGENT_S, figures=False)
        self._left = Label("", "small", tone="muted")
        self.recovery = TextField(
            phrase("account.recovery_code"),
            hint=phrase("signin.recovery_hint"),
            max_chars=40,
            object_name="signin.recovery",
        )
        self.recovery.submitted.connect(lambda: presenter.give_code(self.recovery.value()))
        self._other = Button(phrase("signin.use_recovery"), "link", "small", object_name="signin.other")
        self._other.clicked.connect(self._change_over)
        self._recovering = False
        head = QHBoxLayout()
        head.setSpacing(SPACE_XS)
        head.addWidget(Label(phrase("account.code"), "body", weight=500), 1)
        head.addWidget(self._ring, 0, Qt.AlignmentFlag.AlignVCenter)
        head.addWidget(self._left)
        self._boxes = QWidget()
        boxes = QVBoxLayout(self._boxes)
        boxes.setContentsMargins(0, 0, 0, 0)
        boxes.setSpacing(SPACE_XS)
        boxes.addLayout(head)
        boxes.addWidget(self.code)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE_S)
        column.addWidget(self._who)
        column.addWidget(self._boxes)
        column.addWidget(self.recovery)
        column.addWidget(self._other, 0, Qt.AlignmentFlag.AlignLeft)
        self.tick()

    def show_view(self, view: SignInView, old: SignInView) -> None:
        """Which of the two is asked for, and whether an answer is awaited."""
        self._recovering = view.step == "recovery"
        self._who.set_words(phrase("signin.second_for", name=view.username))
        self._boxes.setVisible(not self._recovering)
        self.recovery.setVisible(self._recovering)
        self._other.set_words(phrase("signin.use_code" if self._recovering else "signin.use_recovery"))
        for each in (self.code, self.recovery, self._other):
            each.setEnabled(not view.busy)
        if old.busy and not view.busy:
            self.code.set_value("")
        if view.step != old.step or (old.busy and not view.busy):
            self.focus_first()

    def focus_first(self) -> None:
        """Where the code goes."""
        (self.recovery if self._recovering else self.code).setFocus()

    def missing(self) -> int:
        """How many digits are still to come; 0 for a recovery code that has begun."""
        if self._recovering:
            return 0 if self.recovery.value() else DIGITS
        return DIGITS - len(self.code.value())

    def value(self) -> str:
        """What was typed."""
        return self.recovery.value() if self._recovering else self.code.value()

    def clear(self) -> None:
        """Nothing typed."""
        self.code.set_value("")
        self.recovery.set_value("")

    def tick(self) -> None:
        """A second has passed."""
        left_s = _STEP_S - self._now() // 1000 % _STEP_S
        self._ring.set_left(left_s, _STEP_S)
        self._left.set_words(phrase("signin.code_left", seconds=left_s))

    def _change_over(self) -> None:
        self._presenter.choose_recovery(not self._recovering)
