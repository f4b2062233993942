"""A small heading over what belongs to it."""

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from shared.ui.theme import SPACE_S
from shared.ui.widgets import Label
from shared.ui.words import Words


class Section(QWidget):
    """Put things into `box`; `tail` is beside the heading."""

    def __init__(self, title: Words) -> None:
        super().__init__()
        self._title = Label(title, "small", weight=600)
        self.tail = QHBoxLayout()
        head = QHBoxLayout()
        head.setContentsMargins(0, 0, 0, 0)
        head.addWidget(self._title, 1)
        head.addLayout(self.tail)
        self.box = QVBoxLayout()
        self.box.setContentsMargins(0, 0, 0, 0)
        self.box.setSpacing(SPACE_S)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE_S)
        column.addLayout(head)
        column.addLayout(self.box)

    def set_title(self, title: Words) -> None:
        """Show another heading."""
        self._title.set_words(title)
