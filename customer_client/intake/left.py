"""A message has arrived: its ticket number, and what comes next."""

from collections.abc import Callable

from PySide6.QtCore import Qt

from customer_client.intake.presenter import Left
from shared.strings import phrase
from shared.ui.theme import SPACE_S
from shared.ui.widgets import Button, Card, IconMark, Label
from shared.ui.words import name_widget


class LeftCard(Card):
    """The number in large type."""

    def __init__(self, done: Callable[[], None]) -> None:
        super().__init__("plain", spacing=SPACE_S)
        self._number = Label("", "hero", weight=600, selectable=True)
        name_widget(self._number, phrase("intake.left_number"), "intake.number")
        self._caption = Label(phrase("intake.left_number"), "small", tone="muted")
        self._place = Label(phrase("intake.left_place"), "body", wrap=True)
        button = Button(phrase("intake.done"), "primary", object_name="intake.done")
        button.clicked.connect(done)
        self.box.addWidget(IconMark("check-circle", 32, "ok"), 0, Qt.AlignmentFlag.AlignLeft)
        self.box.addWidget(Label(phrase("intake.left_title"), "title", weight=600, wrap=True))
        for widget in (self._caption, self._number):
            self.box.addWidget(widget)
        self.box.addWidget(Label(phrase("intake.left_next"), "body", tone="muted", wrap=True))
        self.box.addWidget(self._place)
        self.box.addSpacing(SPACE_S)
        self.box.addWidget(button)

    def show_left(self, left: Left) -> None:
        """Show the number as soon as it is known."""
        self._number.setVisible(bool(left.number))
        self._number.set_words(left.number)
        self._number.setAccessibleName(left.number)
        self._caption.set_words(phrase("intake.left_number" if left.number else "intake.left_number_soon"))
        self._place.setVisible(left.place_kept)
