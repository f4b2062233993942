"""Questions and answers in two columns, the answers selectable."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QWidget

from agent_app.desk.words import Fact
from shared.ui.theme import SPACE_S, theme
from shared.ui.widgets import Label

_LABEL_PX = 88


class FactsGrid(QWidget):
    """Hidden while there is nothing to show. `columns` pairs lie side by side."""

    def __init__(self, columns: int = 1, *, label_px: int = _LABEL_PX) -> None:
        super().__init__()
        self._columns, self._label_px = columns, label_px
        self._facts: tuple[Fact, ...] | None = None
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(SPACE_S)
        self._grid.setVerticalSpacing(6)
        for column in range(columns):
            self._grid.setColumnStretch(2 * column + 1, 1)
        self.set_facts(())

    def set_facts(self, facts: Sequence[Fact]) -> None:
        """Show these instead."""
        if tuple(facts) == self._facts:
            return
        self._facts = tuple(facts)
        while (item := self._grid.takeAt(0)) is not None:
            if widget := item.widget():
                widget.hide()
                widget.deleteLater()
        for place, fact in enumerate(self._facts):
            row, column = divmod(place, self._columns)
            self._put(row, 2 * column, fact)
        self.setVisible(bool(self._facts))

    def _put(self, row: int, column: int, fact: Fact) -> None:
        name = Label(fact.label, "small", tone="muted", wrap=True)
        name.setFixedWidth(theme().px(self._label_px))
        value = Label(fact.value, "small", wrap=True, selectable=True)
        for label, at in ((name, column), (value, column + 1)):
            self._grid.addWidget(label, row, at, Qt.AlignmentFlag.AlignTop)
