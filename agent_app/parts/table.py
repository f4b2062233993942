"""A table view as the pages use it: whole rows, quiet grid, rows of 32 px, Enter opens."""

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView
from typing_extensions import override

from shared.ui.theme import theme
from shared.ui.words import Words, name_widget

_ROW_PX = 32
_HEAD_PX = 28


class RowTable(QTableView):
    """`opened(index)` on Enter and double click."""

    opened = Signal(QModelIndex)

    def __init__(self, name: Words, object_name: str) -> None:
        super().__init__()
        name_widget(self, name, object_name)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setWordWrap(False)
        self.setShowGrid(False)
        self.setMouseTracking(True)
        self.setTabKeyNavigation(False)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.horizontalHeader().setHighlightSections(False)
        self.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.doubleClicked.connect(self.opened)
        theme().changed.connect(self._restyle)
        self._restyle()

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and self.currentIndex().isValid():
            self.opened.emit(self.currentIndex())
            return
        super().keyPressEvent(event)

    def set_widths(self, widths: tuple[int, ...], stretch: int) -> None:
        """Widths of the columns in logical pixels; one takes the rest."""
        head = self.horizontalHeader()
        for column, width in enumerate(widths):
            self.setColumnWidth(column, theme().px(width))
        head.setSectionResizeMode(stretch, QHeaderView.ResizeMode.Stretch)

    def _restyle(self) -> None:
        look = theme()
        self.setFont(look.font("small"))
        self.verticalHeader().setDefaultSectionSize(look.px(_ROW_PX))
        self.verticalHeader().setMinimumSectionSize(look.px(_ROW_PX))
        self.horizontalHeader().setFont(look.font("small"))
        self.horizontalHeader().setFixedHeight(look.px(_HEAD_PX))
