"""What every form field shares: a label above, and below it a hint that gives way to what is wrong."""

from typing import Generic, TypeVar

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from shared.ui.theme import SPACE_S, SPACE_XS
from shared.ui.widgets.icon_mark import IconMark
from shared.ui.widgets.label import Label
from shared.ui.words import Words, render, show_words

Control = TypeVar("Control", bound=QWidget)


class Field(QWidget, Generic[Control]):
    """A label, a control, and a line below. `set_error` marks the control and says why; `left` comes on leaving it."""

    left = Signal()

    def __init__(self, control: Control, label: Words, hint: Words = "", object_name: str = "") -> None:
        super().__init__()
        self.control = control
        control.setObjectName(object_name)
        self._label = Label(label, "body", weight=500)
        self._label.setBuddy(control)
        self._hint: Words = hint
        self._error: Words = ""
        self._line = Label("", "small", wrap=True)
        self._mark = IconMark("warning", 16, "danger")
        below = QHBoxLayout()
        below.setSpacing(SPACE_S)
        below.addWidget(self._mark, 0, Qt.AlignmentFlag.AlignTop)
        below.addWidget(self._line, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE_XS)
        column.addWidget(self._label)
        column.addWidget(control)
        column.addLayout(below)
        show_words(control, control.setAccessibleName, label)
        self._label.setVisible(bool(render(label)))
        self._show_line()

    @property
    def wrong(self) -> bool:
        """Whether an error is shown."""
        return bool(render(self._error))

    def set_error(self, error: Words) -> None:
        """Say what is wrong, or nothing (an empty text) when all is well."""
        self._error = error
        self._show_line()

    def set_hint(self, hint: Words) -> None:
        """Say something else below."""
        self._hint = hint
        self._show_line()

    def _show_line(self) -> None:
        wrong = self.wrong
        self._line.set_words(self._error if wrong else self._hint)
        self._line.set_tone("danger" if wrong else "muted")
        self._line.setVisible(wrong or bool(render(self._hint)))
        self._mark.setVisible(wrong)
        self.control.setProperty("wrong", "true" if wrong else "false")
        self.control.style().polish(self.control)
        show_words(self.control, self.control.setAccessibleDescription, self._error if wrong else self._hint)
