"""A receipt as the customer's machine signed it, checked again here."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from agent_app.desk.moments import clock_at
from agent_app.desk.words import Listed, Words, capability
from shared.protocol.messages.remote import Receipt, ReceiptEntry
from shared.rules import receipt as rules
from shared.strings import phrase
from shared.ui.theme import SPACE_L, SPACE_M, SPACE_S, theme
from shared.ui.widgets import Button, IconMark, Label, PageBody, Strip
from shared.ui.words import show_words

_ICONS = {
    "asked": "hand",
    "granted": "shield-check",
    "refused": "slash",
    "used": "mouse",
    "ended": "shield",
    "paused": "pause",
    "resumed": "play",
    "source": "monitor",
}


class ReceiptDialog(QDialog):
    """Opened with `open()`."""

    def __init__(self, parent: QWidget, receipt: Receipt) -> None:
        super().__init__(parent)
        self.setObjectName("receipt")
        self.setProperty("fill", "surface")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        title = phrase("tickets.receipt_title", number=receipt.ticket_number)
        show_words(self, self.setWindowTitle, title)
        show_words(self, self.setAccessibleName, title)
        valid = rules.verify(receipt)
        verdict = Strip(
            "ok" if valid else "danger",
            phrase("tickets.receipt_valid" if valid else "tickets.receipt_invalid"),
            rounded=True,
            object_name="receipt.verdict",
        )
        body = PageBody(edge=SPACE_M, spacing=SPACE_S)
        for entry in receipt.entries:
            body.box.addWidget(_line(entry))
        body.box.addStretch(1)
        close = Button(phrase("desk.close"), "secondary", "small", object_name="receipt.close")
        close.clicked.connect(self.accept)
        digest = phrase("tickets.receipt_digest", digest=rules.digest(receipt)[:16])
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE_L, SPACE_L, SPACE_L, SPACE_L)
        column.setSpacing(SPACE_M)
        column.addWidget(Label(title, "lead", weight=600))
        column.addWidget(verdict)
        column.addWidget(body, 1)
        foot = QHBoxLayout()
        foot.addWidget(Label(digest, "small", tone="muted", selectable=True), 1)
        foot.addWidget(close)
        column.addLayout(foot)
        self.resize(theme().px(560), theme().px(520))


def entry_words(entry: ReceiptEntry) -> Words:
    """One line of a receipt in words."""
    key = f"tickets.receipt_{entry.what}"
    if entry.what in {"paused", "resumed", "source"}:
        return phrase(key)
    names = entry.params.get("capabilities", "").split(",") if entry.capability is None else [entry.capability]
    return Listed(key, tuple(capability(name.strip()) for name in names if name.strip()))


def _line(entry: ReceiptEntry) -> QWidget:
    line = QWidget()
    row = QHBoxLayout(line)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(SPACE_S)
    row.addWidget(IconMark(_ICONS[entry.what], 16, "muted"), 0, Qt.AlignmentFlag.AlignTop)
    row.addWidget(Label(entry_words(entry), "small", wrap=True), 1)
    if entry.agent is not None:
        row.addWidget(Label(entry.agent.name, "small", tone="muted"))
    if count := entry.params.get("count"):
        row.addWidget(Label(phrase("tickets.receipt_count", count=count), "small", tone="muted"))
    row.addWidget(Label(clock_at(entry.at_ms), "small", tone="muted"))
    return line
