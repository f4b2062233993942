"""Six boxes for a one-time code. One field underneath, so that pasting fills all and screen readers read one thing."""

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QLineEdit
from typing_extensions import override

from shared.strings import phrase
from shared.ui.theme import RADIUS_SMALL, SPACE_S, theme
from shared.ui.words import Words, show_words

DIGITS = 6


class CodeField(QLineEdit):
    """`filled(str)` when the sixth digit is there; `value()` is what is there so far. A paste may have blanks."""

    filled = Signal(str)
    typed = Signal()

    def __init__(self, label: Words | None = None, *, object_name: str = "") -> None:
        super().__init__()
        self.setObjectName(object_name)
        show_words(self, self.setAccessibleName, label or phrase("account.code"))
        self.setMaxLength(4 * DIGITS)
        self.setInputMethodHints(Qt.InputMethodHint.ImhDigitsOnly)
        self.setFrame(False)
        self.textEdited.connect(self._tidy)
        self.cursorPositionChanged.connect(self._to_end)
        theme().changed.connect(self._restyle)
        self._restyle()

    def value(self) -> str:
        """The digits so far."""
        return self.text()

    def set_value(self, code: str) -> None:
        """Show other digits, without `filled`."""
        self.setText(_digits(code))
        self.update()

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        look, painter = theme(), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        width = (self.width() - (DIGITS - 1) * SPACE_S) / DIGITS
        painter.setFont(look.font("title", 600))
        code = self.text()
        for place in range(DIGITS):
            box = QRectF(place * (width + SPACE_S), 0, width, self.height()).adjusted(1, 1, -1, -1)
            here = self.hasFocus() and place == min(len(code), DIGITS - 1)
            painter.setBrush(look.colour("surface" if self.isEnabled() else "sunken"))
            painter.setPen(QPen(look.colour("accent" if here else "faint"), 2 if here else 1))
            painter.drawRoundedRect(box, RADIUS_SMALL, RADIUS_SMALL)
            if place < len(code):
                painter.setPen(look.colour("text" if self.isEnabled() else "muted"))
                painter.drawText(box, Qt.AlignmentFlag.AlignCenter, code[place])
            elif here:
                painter.setPen(look.colour("text"))
                middle, third = box.center().x(), box.height() / 3
                painter.drawLine(round(middle), round(box.top() + third), round(middle), round(box.bottom() - third))

    def _tidy(self, typed: str) -> None:
        digits = _digits(typed)
        if digits != typed:
            self.setText(digits)
        self.update()
        self.typed.emit()
        if len(digits) == DIGITS:
            self.filled.emit(digits)

    def _to_end(self) -> None:
        if self.cursorPosition() != len(self.text()):
            self.setCursorPosition(len(self.text()))
        self.update()

    def _restyle(self) -> None:
        self.setFixedHeight(theme().px(40))
        self.setStyleSheet("QLineEdit { background: transparent; border: none; padding: 0; }")
        self.update()


def _digits(words: str) -> str:
    return "".join(each for each in words if each in "0123456789")[:DIGITS]
