"""The table of tickets with its filters and search."""

from collections.abc import Callable
from typing import cast

from PySide6.QtCore import QModelIndex, Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from agent_app.parts.chip_delegate import ChipDelegate
from agent_app.parts.table import RowTable
from agent_app.tickets.list_presenter import FILTERS, TicketFilter, TicketListPresenter, TicketListView
from agent_app.tickets.table_model import SUBJECT, WIDTHS, TicketModel
from shared.strings import Words, phrase
from shared.ui.theme import SPACE_L, SPACE_M, SPACE_S, theme
from shared.ui.widgets import EmptyState, IconButton, Label, Segmented, Strip
from shared.ui.widgets.text_field import LineEdit
from shared.ui.words import name_widget

_SEARCH_MS = 250
_NEAR_END_ROWS = 20


class TicketListPage(QWidget):
    """`opened(ticket_id)`."""

    opened = Signal(str)

    def __init__(
        self, presenter: TicketListPresenter, now: Callable[[], int], category_name: Callable[[str], Words]
    ) -> None:
        super().__init__()
        self._presenter = presenter
        self._filter = Segmented(
            phrase("tickets.filter"),
            [(name, phrase(f"tickets.filter_{name}")) for name in FILTERS],
            style="dense",
            object_name="tickets.filter",
        )
        self._search = LineEdit(phrase("tickets.search"), height_px=32, max_chars=200)
        name_widget(self._search, phrase("tickets.search"), "tickets.search")
        self._search.setFixedWidth(theme().px(240))
        self._reload = IconButton("refresh", phrase("tickets.reload"), object_name="tickets.reload")
        self._count = Label("", "small", tone="muted")
        self._problem = Strip("danger", action=phrase("desk.try_again"), object_name="tickets.problem")
        self._model = TicketModel(now, category_name)
        self._table = RowTable(phrase("tickets.table"), "tickets.table")
        self._table.setModel(self._model)
        self._table.setItemDelegate(ChipDelegate(self._table))
        self._table.set_widths(WIDTHS, SUBJECT)
        self._empty = EmptyState("ticket", phrase("tickets.empty_title"), phrase("tickets.empty_text"))
        self._stack = QStackedWidget()
        self._stack.addWidget(self._table)
        self._stack.addWidget(self._empty)
        self._wait = QTimer(self)
        self._wait.setSingleShot(True)
        self._wait.setInterval(_SEARCH_MS)
        self._lay_out()
        self._connect()
        presenter.view.watch(self._show)

    def focus_first(self) -> None:
        """Put the cursor into the table."""
        self._table.setFocus()

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setContentsMargins(SPACE_L, SPACE_M, SPACE_L, SPACE_M)
        head.setSpacing(SPACE_M)
        head.addWidget(Label(phrase("tickets.title"), "lead", weight=600))
        head.addWidget(self._filter)
        head.addWidget(self._count)
        head.addStretch(1)
        head.addWidget(self._search)
        head.addWidget(self._reload)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self._problem)
        column.addWidget(self._stack, 1)
        foot = Label(phrase("tickets.open_hint"), "small", tone="muted")
        foot.setContentsMargins(SPACE_L, SPACE_S, SPACE_L, SPACE_S)
        column.addWidget(foot, 0, Qt.AlignmentFlag.AlignLeft)

    def _connect(self) -> None:
        self._filter.chosen.connect(self._choose)
        self._search.textEdited.connect(self._wait.start)
        self._search.returnPressed.connect(self._ask)
        self._wait.timeout.connect(self._ask)
        self._reload.clicked.connect(self._presenter.reload)
        self._problem.acted.connect(self._presenter.reload)
        self._table.opened.connect(self._open)
        self._table.verticalScrollBar().valueChanged.connect(self._near_end)
        theme().language_changed.connect(self._model.relabel)

    def _choose(self, name: str) -> None:
        self._presenter.show(cast("TicketFilter", name))

    def _ask(self) -> None:
        self._wait.stop()
        self._presenter.search(self._search.text())

    def _open(self, index: QModelIndex) -> None:
        row = self._model.row_at(index)
        if row is not None:
            self.opened.emit(row.ticket_id)

    def _near_end(self, value: int) -> None:
        bar = self._table.verticalScrollBar()
        if bar.maximum() - value < _NEAR_END_ROWS * theme().px(32):
            self._presenter.load_more()

    def _show(self, view: TicketListView) -> None:
        self._filter.set_value(view.view)
        self._model.set_rows(view.rows)
        self._count.set_words(phrase("tickets.count_more" if view.more else "tickets.count", count=len(view.rows)))
        self._stack.setCurrentIndex(1 if view.loaded and not view.rows else 0)
        self._problem.setVisible(view.problem is not None)
        if view.problem is not None:
            self._problem.say(view.problem, action=phrase("desk.try_again"))
