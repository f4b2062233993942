"""Tickets as a Qt table model; rows are updated in place, so the row under the pointer stays there."""

from collections.abc import Callable, Sequence
from typing import Final

from PySide6.QtCore import QAbstractTableModel, QModelIndex, Qt
from typing_extensions import override

from agent_app.desk.moments import moment
from agent_app.parts.chip_delegate import ROLE_CHIP
from shared.protocol.messages.tickets import TicketRow
from shared.strings import Words, render, text
from shared.ui.item_view import NO_PARENT, AnyIndex
from shared.ui.theme import Tone

COLUMNS: Final = ("number", "priority", "subject", "customer", "state", "category", "owner", "updated")
WIDTHS: Final = (96, 96, 240, 136, 136, 128, 120, 80)
SUBJECT: Final = COLUMNS.index("subject")
STATE_TONES: Final[dict[str, tuple[Tone, Tone]]] = {
    "new": ("warn_soft", "warn"),
    "assigned": ("info_soft", "info"),
    "in_progress": ("info_soft", "info"),
    "reopened": ("warn_soft", "warn"),
    "waiting_customer": ("sunken", "text"),
    "waiting_third_party": ("sunken", "text"),
    "resolved": ("ok_soft", "text"),
    "closed": ("sunken", "muted"),
}
PRIORITY_TONES: Final[dict[int, tuple[Tone, Tone]]] = {
    1: ("danger_soft", "danger"),
    2: ("warn_soft", "warn"),
    3: ("sunken", "text"),
    4: ("sunken", "muted"),
}


class TicketModel(QAbstractTableModel):
    """`fetch_more` is called when the view nears the end."""

    def __init__(self, now: Callable[[], int], category_name: Callable[[str], Words]) -> None:
        super().__init__()
        self._now, self._category_name = now, category_name
        self._rows: Sequence[TicketRow] = ()

    def row_at(self, index: AnyIndex) -> TicketRow | None:
        """The ticket of an index."""
        return self._rows[index.row()] if index.isValid() and index.row() < len(self._rows) else None

    def set_rows(self, rows: Sequence[TicketRow]) -> None:
        """Show these: changed rows in place, more rows below, anything else anew."""
        old, new = [row.ticket_id for row in self._rows], [row.ticket_id for row in rows]
        if new[: len(old)] == old:
            self._grow(rows, len(old))
        elif len(new) == len(old) + 1 and new[1:] == old:
            self.beginInsertRows(QModelIndex(), 0, 0)
            self._rows = rows
            self.endInsertRows()
        else:
            self.beginResetModel()
            self._rows = rows
            self.endResetModel()

    def _grow(self, rows: Sequence[TicketRow], count: int) -> None:
        changed = [place for place in range(count) if rows[place] != self._rows[place]]
        if len(rows) > count:
            self.beginInsertRows(QModelIndex(), count, len(rows) - 1)
            self._rows = rows
            self.endInsertRows()
        self._rows = rows
        for place in changed:
            self.dataChanged.emit(self.index(place, 0), self.index(place, len(COLUMNS) - 1))

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
        return text(f"tickets.col_{COLUMNS[section]}") if shown else None

    @override
    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        row = self.row_at(index)
        if row is None:
            return None
        column = COLUMNS[index.column()]
        if role in {Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole}:
            return self._words(row, column)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{text(f'tickets.col_{column}')}: {self._words(row, column)}"
        if role == ROLE_CHIP and column == "state":
            return STATE_TONES[row.state]
        if role == ROLE_CHIP and column == "priority":
            return PRIORITY_TONES[row.priority]
        return None

    def relabel(self) -> None:
        """Another language."""
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(COLUMNS) - 1)
        if self._rows:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self._rows) - 1, len(COLUMNS) - 1))

    def _words(self, row: TicketRow, column: str) -> str:
        match column:
            case "number":
                return row.number
            case "priority":
                return text(f"tickets.priority_{row.priority}")
            case "subject":
                return row.subject
            case "customer":
                return row.customer.name
            case "state":
                return text(f"tickets.state_{row.state}")
            case "category":
                return render(self._category_name(row.category))
            case "owner":
                return row.owner.name if row.owner else text("tickets.nobody")
            case _:
                return moment(row.updated_ms, self._now())
