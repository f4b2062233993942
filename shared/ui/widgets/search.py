"""A search field that keeps the focus while Up, Down, Enter and Esc work on the answers below it."""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget
from typing_extensions import override

from shared.strings import phrase
from shared.ui.icons import make_icon
from shared.ui.theme import SPACE_S, theme
from shared.ui.widgets.answers import Answer, AnswerList
from shared.ui.widgets.text_field import LineEdit
from shared.ui.words import Words, show_words

_DEBOUNCE_MS: Final = 150


class SearchField(QWidget):
    """`asked(str)` comes 150 ms after the last key (at once when emptied); `opened(str)` gives an answer's id."""

    asked = Signal(str)
    opened = Signal(str)

    def __init__(
        self, placeholder: Words, answers_name: Words, *, height_px: int = 48, object_name: str = "search"
    ) -> None:
        super().__init__()
        self.line = LineEdit(placeholder, height_px=height_px, max_chars=200)
        self.line.setObjectName(object_name)
        show_words(self.line, self.line.setAccessibleName, placeholder)
        self.line.installEventFilter(self)
        self.line.textChanged.connect(self._wait)
        self._lens, self._cross = QAction(self.line), QAction(self.line)
        self.line.addAction(self._lens, QLineEdit.ActionPosition.LeadingPosition)
        self.line.addAction(self._cross, QLineEdit.ActionPosition.TrailingPosition)
        show_words(self, self._cross.setText, phrase("common.clear"))
        self._cross.triggered.connect(self.line.clear)
        self.answers = AnswerList(answers_name, f"{object_name}.answers")
        self.answers.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.answers.opened.connect(self.opened)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_DEBOUNCE_MS)
        self._timer.timeout.connect(self._ask)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE_S)
        column.addWidget(self.line)
        column.addWidget(self.answers)
        self.setFocusProxy(self.line)
        theme().changed.connect(self._restyle)
        self._restyle()

    def value(self) -> str:
        """What was typed, without blanks around it."""
        return self.line.text().strip()

    def set_answers(self, answers: Sequence[Answer]) -> None:
        """Show answers; none hides the list."""
        self.answers.set_answers(answers)

    @override
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            return not event.modifiers() and self._key(Qt.Key(event.key()))
        return False

    def _key(self, key: Qt.Key) -> bool:
        match key:
            case Qt.Key.Key_Down:
                self.answers.select_next(1)
            case Qt.Key.Key_Up:
                self.answers.select_next(-1)
            case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                return self.answers.open_selected()
            case Qt.Key.Key_Escape if self.line.text():
                self.line.clear()
            case _:
                return False
        return True

    def _wait(self) -> None:
        self._restyle()
        if self.value():
            self._timer.start()
        else:
            self._timer.stop()
            self._ask()

    def _ask(self) -> None:
        self.asked.emit(self.value())

    def _restyle(self) -> None:
        tokens = theme().tokens
        self._lens.setIcon(make_icon("search", 20, tokens.accent if self.value() else tokens.muted, tokens.faint))
        self._cross.setIcon(make_icon("x", 16, tokens.muted, tokens.faint))
        self._cross.setVisible(bool(self.line.text()))
