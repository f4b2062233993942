"""Three short questions; each can be left out."""

from functools import partial
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from customer_client.after.presenter import AfterPresenter, AfterView, Solved
from customer_client.parts.remark import Remark
from shared.strings import phrase, text
from shared.ui.theme import SPACE_L, SPACE_S, SPACE_XS
from shared.ui.widgets import Button, Label, Segmented, TextArea

_SOLVED: Final[tuple[tuple[Solved, str], ...]] = (("yes", "after.yes"), ("partly", "after.partly"), ("no", "after.no"))
_SCORES: Final = ("1", "2", "3", "4", "5")


class SolvedButtons(QWidget):
    """The first question in the foot; an answer opens the other two."""

    def __init__(self, presenter: AfterPresenter) -> None:
        super().__init__()
        head = QHBoxLayout()
        head.addWidget(Label(phrase("after.solved"), "body", weight=600), 1)
        head.addWidget(Label(phrase("after.question_of"), "small", tone="muted"))
        buttons = QHBoxLayout()
        buttons.setSpacing(SPACE_S)
        for solved, key in _SOLVED:
            buttons.addWidget(_solved_button(presenter, solved, key), 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE_S)
        column.addLayout(head)
        column.addLayout(buttons)


class Questions(QWidget):
    """All three, a line for more words, and in `foot` Send and Skip."""

    def __init__(self, presenter: AfterPresenter) -> None:
        super().__init__()
        self._presenter = presenter
        options = [(solved, phrase(key)) for solved, key in _SOLVED]
        scores = [(score, score) for score in _SCORES]
        self._solved = Segmented(phrase("after.solved"), options, object_name="questions.solved")
        self._easy = Segmented(phrase("after.easy"), scores, object_name="questions.easy")
        self._control = Segmented(phrase("after.in_control"), scores, object_name="questions.in-control")
        self._comment = TextArea(
            phrase("after.add"),
            placeholder=phrase("after.write"),
            lines=3,
            max_chars=2000,
            object_name="questions.comment",
        )
        self._goes_to = Remark("lock", "")
        self._solved.chosen.connect(self._say_solved)
        self._easy.chosen.connect(lambda: presenter.say_easy(int(self._easy.value() or 0)))
        self._control.chosen.connect(lambda: presenter.say_in_control(int(self._control.value() or 0)))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE_L)
        column.addLayout(_question(1, "after.solved", self._solved))
        column.addLayout(_question(2, "after.easy", self._easy, "after.hard", "after.easy_end"))
        column.addLayout(_question(3, "after.in_control", self._control, "after.not_at_all", "after.completely"))
        column.addWidget(self._comment)
        column.addWidget(self._goes_to)
        self._build_foot()

    def _build_foot(self) -> None:
        self.foot = QWidget()
        self._send = Button(phrase("after.send"), "primary", "large", object_name="questions.send")
        self._send.clicked.connect(lambda: self._presenter.send_answers(self._comment.value()))
        skip = Button(phrase("after.skip"), "ghost", object_name="questions.skip")
        skip.clicked.connect(self._presenter.skip)
        row = QHBoxLayout(self.foot)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self._send, 1)
        row.addWidget(skip)

    def show_view(self, view: AfterView, company: str) -> None:
        """Show what is answered so far."""
        self.setVisible(view.questions)
        self.foot.setVisible(view.questions)
        self._solved.set_value(view.solved)
        self._easy.set_value(str(view.easy or ""))
        self._control.set_value(str(view.in_control or ""))
        self._send.set_busy(view.sending, phrase("intake.sending"))
        self._goes_to.set_words(phrase("after.goes_to", company=company, number=view.number))

    def _say_solved(self) -> None:
        for solved, _ in _SOLVED:
            if solved == self._solved.value():
                self._presenter.say_solved(solved)


def _solved_button(presenter: AfterPresenter, solved: Solved, key: str) -> Button:
    button = Button(phrase(key), "secondary", object_name=f"after.solved-{solved}")
    button.clicked.connect(lambda: presenter.say_solved(solved))
    return button


def _question(number: int, key: str, answers: Segmented, low: str = "", high: str = "") -> QVBoxLayout:
    column = QVBoxLayout()
    column.setSpacing(SPACE_XS)
    words = partial(_numbered, number, key)
    column.addWidget(Label(words, "body", weight=600, wrap=True))
    column.addWidget(answers)
    if low:
        ends = QHBoxLayout()
        ends.addWidget(Label(phrase(low), "small", tone="muted"))
        right = Label(phrase(high), "small", tone="muted")
        right.setAlignment(Qt.AlignmentFlag.AlignRight)
        ends.addWidget(right)
        column.addLayout(ends)
    return column


def _numbered(number: int, key: str) -> str:
    return text("after.numbered", number=number, question=text(key))
