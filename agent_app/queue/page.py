"""The queue: rows in the order in which they will be offered, and Take."""

from collections.abc import Callable, Sequence
from typing import Final

from PySide6.QtCore import QAbstractTableModel, QEvent, QModelIndex, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget
from typing_extensions import override

from agent_app.parts.chip_delegate import ROLE_CHIP, ChipDelegate
from agent_app.parts.table import RowTable
from agent_app.queue.presenter import QueuePresenter, QueueRow, QueueView
from shared.strings import phrase, text, timer
from shared.ui.item_view import NO_PARENT, AnyIndex
from shared.ui.theme import SPACE_L, SPACE_M, theme
from shared.ui.widgets import Button, EmptyState, Label, Strip

COLUMNS: Final = ("place", "customer", "subject", "group", "waiting", "state")
WIDTHS: Final = (56, 180, 240, 160, 96, 128)
_CATCH_UP_MS: Final = 400
"""After the pointer left, as the notes of the design say."""


class QueueModel(QAbstractTableModel):
    """Small: it is told anew when rows come or go, in place when they only change."""

    def __init__(self, now: Callable[[], int]) -> None:
        super().__init__()
        self._now = now
        self._rows: Sequence[QueueRow] = ()

    def row_at(self, index: AnyIndex) -> QueueRow | None:
        """The row of an index."""
        return self._rows[index.row()] if index.isValid() and index.row() < len(self._rows) else None

    def set_rows(self, rows: Sequence[QueueRow]) -> None:
        """Show these."""
        same = [row.conversation_id for row in rows] == [row.conversation_id for row in self._rows]
        if not same:
            self.beginResetModel()
        self._rows = rows
        if not same:
            self.endResetModel()
        else:
            self.refresh()

    def refresh(self) -> None:
        """Times went on, or another language."""
        if self._rows:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self._rows) - 1, len(COLUMNS) - 1))

    def relabel(self) -> None:
        """Another language."""
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(COLUMNS) - 1)
        self.refresh()

    @override
    def rowCount(self, parent: AnyIndex = NO_PARENT) -> int:
        return 0 if parent.isValid() else len(self._rows)

    @override
    def columnCount(self, parent: AnyIndex = NO_PARENT) -> int:
        return 0 if parent.isValid() else len(COLUMNS)

    @override
    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> str | None:
        shown = role == Qt.ItemDataRole.DisplayRole and orientation == Qt.Orientation.Horizontal
        return text(f"queue.col_{COLUMNS[section]}") if shown else None

    @override
    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        row = self.row_at(index)
        if row is None:
            return None
        column = COLUMNS[index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            return self._words(row, column)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{text(f'queue.col_{column}')}: {self._words(row, column)}"
        if role == ROLE_CHIP and column == "state":
            return ("sunken", "muted") if row.gone else ("info_soft", "info") if row.offered else None
        if role == Qt.ItemDataRole.ForegroundRole and row.gone:
            return theme().colour("muted")
        return None

    def _words(self, row: QueueRow, column: str) -> str:
        match column:
            case "place":
                return str(row.place)
            case "customer":
                return f"{row.name} ({text('desk.vip')})" if row.vip else row.name
            case "subject":
                return row.subject
            case "group":
                return row.group
            case "waiting":
                return timer((self._now() - row.since_ms) / 1000)
            case _:
                return text("queue.gone" if row.gone else "queue.offered" if row.offered else "queue.waiting")


class QueuePage(QWidget):
    """Rows stand still while the pointer is on them."""

    taken = Signal(str)

    def __init__(self, presenter: QueuePresenter, now: Callable[[], int]) -> None:
        super().__init__()
        self._presenter = presenter
        self._model = QueueModel(now)
        self._table = RowTable(phrase("queue.table"), "queue.table")
        self._table.setModel(self._model)
        self._table.setItemDelegate(ChipDelegate(self._table))
        self._table.set_widths(WIDTHS, COLUMNS.index("subject"))
        self._count = Label("", "small", tone="muted")
        self._take = Button(phrase("queue.take"), "primary", "small", icon="enter", object_name="queue.take")
        self._take.setToolTip(text("queue.take_tip"))
        self._held = Strip("notice", icon="pin", object_name="queue.held")
        self._problem = Strip("danger", object_name="queue.problem")
        self._empty = EmptyState("list", phrase("queue.empty_title"), phrase("queue.empty_text"))
        self._stack = QStackedWidget()
        self._stack.addWidget(self._table)
        self._stack.addWidget(self._empty)
        self._leave = QTimer(self)
        self._leave.setSingleShot(True)
        self._leave.setInterval(_CATCH_UP_MS)
        self._lay_out()
        self._connect()
        presenter.view.watch(self._show)

    def tick(self) -> None:
        """A second has passed."""
        self._table.viewport().update()

    def focus_first(self) -> None:
        """Put the cursor into the table."""
        self._table.setFocus()

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setContentsMargins(SPACE_L, SPACE_M, SPACE_L, SPACE_M)
        head.setSpacing(SPACE_M)
        head.addWidget(Label(phrase("queue.title"), "lead", weight=600))
        head.addWidget(self._count)
        head.addStretch(1)
        head.addWidget(self._take)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        for widget in (self._held, self._problem):
            column.addWidget(widget)
        column.addWidget(self._stack, 1)

    def _connect(self) -> None:
        self._take.clicked.connect(self._take_current)
        self._table.opened.connect(self._take_current)
        self._table.selectionModel().currentChanged.connect(self._follow_current)
        self._held.acted.connect(self._presenter.update)
        self._leave.timeout.connect(lambda: self._presenter.hold(False))
        self._table.viewport().installEventFilter(self)
        for keys, do in (("Ctrl+T", self._take_current), ("F5", self._presenter.update)):
            QShortcut(QKeySequence(keys), self).activated.connect(do)
        theme().language_changed.connect(self._model.relabel)

    @override
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.MouseMove and self._model.rowCount():
            self._leave.stop()
            self._presenter.hold(True)
        elif event.type() == QEvent.Type.Leave:
            self._leave.start()
        return False

    def _take_current(self) -> None:
        row = self._model.row_at(self._table.currentIndex())
        if row is not None and not row.gone:
            self._presenter.take(row.conversation_id)

    def _follow_current(self, index: QModelIndex) -> None:
        row = self._model.row_at(index)
        self._take.setEnabled(row is not None and not row.gone and not self._take.busy)

    def _show(self, view: QueueView) -> None:
        self._model.set_rows(view.rows)
        self._count.set_words(phrase("queue.count", count=sum(not row.gone for row in view.rows)))
        self._stack.setCurrentIndex(0 if view.rows else 1)
        self._take.setVisible(bool(view.rows))
        if view.rows and not self._table.currentIndex().isValid():
            self._table.selectRow(0)
        self._take.set_busy(bool(view.taking))
        self._follow_current(self._table.currentIndex())
        self._held.setVisible(view.held and view.held_changes > 0)
        if view.held_changes:
            words = phrase("queue.held", count=view.held_changes)
            self._held.say(words, lead=phrase("queue.held_lead"), icon="pin", action=phrase("queue.update"))
        self._problem.setVisible(view.problem is not None)
        if view.problem is not None:
            self._problem.say(view.problem)
