"""Several lines to type in, with label and error line."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QPlainTextEdit
from typing_extensions import override

from shared.ui.theme import theme
from shared.ui.widgets.field import Field
from shared.ui.words import Words, show_words


class AreaEdit(QPlainTextEdit):
    """A plain-text box. Tab leaves it, since no form field here holds tabs."""

    left = Signal()

    def __init__(self, placeholder: Words, lines: int) -> None:
        super().__init__()
        self._lines = lines
        self.setTabChangesFocus(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        show_words(self, self.setPlaceholderText, placeholder)
        theme().changed.connect(self._restyle)
        self._restyle()

    @override
    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.left.emit()

    def _restyle(self) -> None:
        self.setFont(theme().font("body"))
        self.setFixedHeight(self._lines * theme().px(20) + 24)


class TextArea(Field[AreaEdit]):
    """`value()`, `set_value()`, `changed()`, `left`. Typing stops at `max_chars`."""

    changed = Signal()

    def __init__(
        self,
        label: Words,
        *,
        placeholder: Words = "",
        hint: Words = "",
        lines: int = 4,
        max_chars: int = 4000,
        object_name: str = "",
    ) -> None:
        super().__init__(AreaEdit(placeholder, lines), label, hint, object_name)
        self._max_chars = max_chars
        self.setFocusProxy(self.control)
        self.control.textChanged.connect(self._bound)
        self.control.left.connect(self.left)

    def value(self) -> str:
        """What was typed, without blanks around it."""
        return self.control.toPlainText().strip()

    def set_value(self, value: str) -> None:
        """Put text in."""
        self.control.setPlainText(value[: self._max_chars])

    def _bound(self) -> None:
        cursor = self.control.textCursor()
        excess = len(self.control.toPlainText()) - self._max_chars
        if excess > 0:
            cursor.setPosition(cursor.position() - excess, cursor.MoveMode.KeepAnchor)
            cursor.removeSelectedText()
        self.changed.emit()
