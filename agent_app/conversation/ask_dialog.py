"""Asking the customer for a capability: a reason is required, and the customer reads it."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from agent_app.desk.proof import MAX_REASON
from shared.strings import Phrase, phrase
from shared.ui.theme import SPACE_L, SPACE_S, theme
from shared.ui.widgets import Button, Label, TextField
from shared.ui.words import show_words


class AskDialog(QDialog):
    """`asked(reason)` once. Opened with `open()`, never with `exec()`."""

    asked = Signal(str)

    def __init__(self, parent: QWidget, title: Phrase, reason: Phrase) -> None:
        super().__init__(parent)
        self.setObjectName("ask")
        self.setProperty("fill", "surface")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        show_words(self, self.setWindowTitle, title)
        show_words(self, self.setAccessibleName, title)
        self._reason = TextField(
            phrase("conversation.ask_reason"),
            hint=phrase("conversation.ask_reason_hint"),
            max_chars=MAX_REASON,
            object_name="ask.reason",
        )
        self._reason.set_value(reason()[:MAX_REASON])
        self._reason.submitted.connect(self._ask)
        cancel = Button(phrase("desk.cancel"), "secondary", "small", object_name="ask.cancel")
        cancel.clicked.connect(self.reject)
        send = Button(phrase("conversation.ask_send"), "primary", "small", icon="hand", object_name="ask.send")
        send.clicked.connect(self._ask)
        buttons = QHBoxLayout()
        buttons.setSpacing(SPACE_S)
        buttons.addStretch(1)
        buttons.addWidget(cancel)
        buttons.addWidget(send)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE_L, SPACE_L, SPACE_L, SPACE_L)
        column.setSpacing(SPACE_L)
        column.addWidget(Label(title, "lead", weight=600, wrap=True))
        column.addWidget(Label(phrase("conversation.ask_text"), "body", tone="muted", wrap=True))
        column.addWidget(self._reason)
        column.addLayout(buttons)
        self.setMinimumWidth(theme().px(440))
        self._reason.setFocus()
        self._reason.control.selectAll()

    def _ask(self) -> None:
        reason = self._reason.value()
        if not reason:
            self._reason.set_error(phrase("conversation.ask_need"))
            return
        self.asked.emit(reason)
        self.accept()
