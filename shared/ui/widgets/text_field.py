"""One line to type in, with label and error line; or a password with an eye to show it."""

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction, QFocusEvent
from PySide6.QtWidgets import QLineEdit
from typing_extensions import override

from shared.strings import phrase
from shared.ui.icons import make_icon
from shared.ui.theme import theme
from shared.ui.widgets.field import Field
from shared.ui.words import Words, show_words


class LineEdit(QLineEdit):
    """A line edit of the kit's height; `left` comes when the focus leaves it."""

    left = Signal()

    def __init__(self, placeholder: Words = "", *, height_px: int = 40, max_chars: int = 500) -> None:
        super().__init__()
        self._height_px = height_px
        self.setMaxLength(max_chars)
        show_words(self, self.setPlaceholderText, placeholder)
        theme().changed.connect(self._restyle)
        self._restyle()

    @override
    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.left.emit()

    def _restyle(self) -> None:
        self.setFont(theme().font("lead" if self._height_px >= 48 else "body"))
        self.setFixedHeight(theme().px(self._height_px))


class TextField(Field[LineEdit]):
    """`value()`, `set_value()`, `changed(str)`, `submitted` on Enter, `left` on leaving. At most `max_chars`."""

    changed = Signal(str)
    submitted = Signal()

    def __init__(
        self,
        label: Words,
        *,
        placeholder: Words = "",
        hint: Words = "",
        password: bool = False,
        max_chars: int = 500,
        height_px: int = 40,
        object_name: str = "",
    ) -> None:
        super().__init__(LineEdit(placeholder, height_px=height_px, max_chars=max_chars), label, hint, object_name)
        self._password = password
        self.setFocusProxy(self.control)
        self.control.textEdited.connect(self.changed)
        self.control.returnPressed.connect(self.submitted)
        self.control.left.connect(self.left)
        if password:
            self._add_eye()

    def value(self) -> str:
        """What was typed, without blanks around it (a password as it is)."""
        words = self.control.text()
        return words if self._password else words.strip()

    def set_value(self, value: str) -> None:
        """Put text in, without `changed`."""
        self.control.setText(value)

    def _add_eye(self) -> None:
        self.control.setEchoMode(QLineEdit.EchoMode.Password)
        self._eye = QAction(self.control)
        self._eye.setCheckable(True)
        self._eye.toggled.connect(self._follow_eye)
        self.control.addAction(self._eye, QLineEdit.ActionPosition.TrailingPosition)
        theme().changed.connect(self._show_eye)
        self._show_eye()

    def _follow_eye(self, shown: bool) -> None:
        self.control.setEchoMode(QLineEdit.EchoMode.Normal if shown else QLineEdit.EchoMode.Password)
        self._show_eye()

    def _show_eye(self) -> None:
        shown = self._eye.isChecked()
        tokens = theme().tokens
        self._eye.setIcon(make_icon("eye-off" if shown else "eye", 20, tokens.muted, tokens.faint))
        self._eye.setText(phrase("common.hide_password" if shown else "common.show_password")())
