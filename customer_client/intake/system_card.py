"""The system summary: attached or not, and what exactly would be sent."""

from collections.abc import Callable, Mapping

import msgspec
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from customer_client.parts.page import emptied
from customer_client.parts.remark import Remark
from shared.strings import phrase, size
from shared.ui.theme import SPACE_M, SPACE_S
from shared.ui.widgets import Button, Card, ElidedLabel, IconMark, Label, Rule

_LABEL_PX = 104


class SystemCard(Card):
    """One line about the summary, with Preview and Remove."""

    def __init__(self, preview: Callable[[], None], attach: Callable[[bool], None]) -> None:
        super().__init__("plain", pad=SPACE_M, spacing=SPACE_M, horizontal=True)
        self._attached = True
        self._attach = attach
        self._title = Label("", "body", weight=500)
        self._short = ElidedLabel("", "small", tone="muted")
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(self._title)
        words.addWidget(self._short)
        self._preview = Button(phrase("intake.preview"), "link", "small", object_name="intake.system-preview")
        self._preview.clicked.connect(preview)
        self._toggle = Button("", "link", "small", object_name="intake.system-remove")
        self._toggle.clicked.connect(self._turn)
        self.box.addWidget(IconMark("monitor", 20, "accent"))
        self.box.addLayout(words, 1)
        self.box.addWidget(self._preview)
        self.box.addWidget(self._toggle)

    def show_facts(self, facts: Mapping[str, str], attached: bool) -> None:
        """Show what is attached."""
        self._attached = attached
        self.setVisible(bool(facts))
        self._title.set_words(phrase("intake.system_attached" if attached else "intake.system_removed"))
        self._short.set_words(", ".join(facts[key] for key in ("system", "client") if key in facts))
        self._toggle.set_words(phrase("intake.remove" if attached else "intake.attach"))

    def entered(self) -> None:
        """Back from the preview."""
        self._preview.setFocus(Qt.FocusReason.OtherFocusReason)

    def _turn(self) -> None:
        self._attach(not self._attached)


class SystemPreview(QWidget):
    """Exactly what is sent, nothing else."""

    def __init__(self, keep: Callable[[], None], drop: Callable[[], None]) -> None:
        super().__init__()
        self._size = Label("", "small", tone="muted")
        self._rows = Card("list")
        self._keep = Button(phrase("intake.keep_it"), "outline", object_name="intake.system-keep")
        without = Button(phrase("intake.without_it"), "secondary", object_name="intake.system-without")
        self._keep.clicked.connect(keep)
        without.clicked.connect(drop)
        head = QHBoxLayout()
        head.addWidget(Label(phrase("intake.system_title"), "title", weight=600), 1)
        head.addWidget(self._size)
        buttons = QHBoxLayout()
        buttons.setSpacing(SPACE_S)
        buttons.addWidget(without, 1)
        buttons.addWidget(self._keep, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE_M)
        column.addLayout(head)
        column.addWidget(self._rows)
        column.addWidget(Remark("eye-off", phrase("intake.system_never")))
        column.addLayout(buttons)

    def show_facts(self, facts: Mapping[str, str]) -> None:
        """Show these facts and how many bytes they are."""
        self._size.set_words(phrase("intake.system_size", size=size(len(msgspec.json.encode(dict(facts))))))
        emptied(self._rows.box)
        for place, (key, value) in enumerate(facts.items()):
            if place:
                self._rows.box.addWidget(Rule())
            self._rows.box.addWidget(_fact(key, value))

    def entered(self) -> None:
        """The safe answer is the one that changes nothing."""
        self._keep.setFocus(Qt.FocusReason.OtherFocusReason)


def _fact(key: str, value: str) -> QWidget:
    label = Label(phrase(f"intake.fact_{key}"), "small", tone="muted")
    label.setFixedWidth(_LABEL_PX)
    made = QWidget()
    row = QHBoxLayout(made)
    row.setContentsMargins(SPACE_M, SPACE_S, SPACE_M, SPACE_S)
    row.addWidget(label)
    row.addWidget(Label(value, "small", wrap=True), 1)
    return made
