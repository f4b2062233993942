"""One question before something that cannot be undone; the safe answer has the focus."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from shared.strings import Phrase, phrase
from shared.ui.theme import SPACE_L, SPACE_S, theme
from shared.ui.widgets import Button, Label
from shared.ui.words import show_words


class ConfirmDialog(QDialog):
    """`confirmed` once. Opened with `open()`."""

    confirmed = Signal()

    def __init__(self, parent: QWidget, title: Phrase, words: Phrase, action: Phrase) -> None:
        super().__init__(parent)
        self.setObjectName("confirm")
        self.setProperty("fill", "surface")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        show_words(self, self.setWindowTitle, title)
        show_words(self, self.setAccessibleName, title)
        cancel = Button(phrase("desk.cancel"), "secondary", "small", object_name="confirm.cancel")
        cancel.clicked.connect(self.reject)
        do = Button(action, "danger", "small", object_name="confirm.do")
        do.clicked.connect(self._confirm)
        buttons = QHBoxLayout()
        buttons.setSpacing(SPACE_S)
        buttons.addStretch(1)
        buttons.addWidget(cancel)
        buttons.addWidget(do)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE_L, SPACE_L, SPACE_L, SPACE_L)
        column.setSpacing(SPACE_L)
        column.addWidget(Label(title, "lead", weight=600, wrap=True))
        column.addWidget(Label(words, "body", tone="muted", wrap=True))
        column.addLayout(buttons)
        self.setMinimumWidth(theme().px(400))
        cancel.setFocus()

    def _confirm(self) -> None:
        self.confirmed.emit()
        self.accept()
