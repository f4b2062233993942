"""The rows as a Qt model. New rows are inserted and changed rows updated; the model is never reset."""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QAbstractListModel, QModelIndex, Qt
from typing_extensions import override

from shared.ui.chat.view import ChatRow, spoken
from shared.ui.item_view import NO_PARENT, AnyIndex

ROLE_ROW: Final = int(Qt.ItemDataRole.UserRole)


class ChatModel(QAbstractListModel):
    """One row of the model a row of the conversation, oldest first."""

    def __init__(self) -> None:
        super().__init__()
        self._rows: list[ChatRow] = []

    @property
    def rows(self) -> Sequence[ChatRow]:
        """What is shown."""
        return tuple(self._rows)

    def row_at(self, index: AnyIndex) -> ChatRow | None:
        """The row of an index, or None for an invalid one."""
        return self._rows[index.row()] if index.isValid() and index.row() < len(self._rows) else None

    def set_rows(self, rows: Sequence[ChatRow]) -> None:
        """Show `rows` with the fewest changes: what is alike at both ends by id stays in place."""
        head = _alike(self._rows, rows)
        rest_old, rest_new = len(self._rows) - head, len(rows) - head
        tail = min(_alike(self._rows[::-1], rows[::-1]), rest_old, rest_new)
        self._remove(head, rest_old - tail)
        self._insert(head, rows[head : head + rest_new - tail])
        self._update(rows)

    @override
    def rowCount(self, parent: AnyIndex = NO_PARENT) -> int:
        return 0 if parent.isValid() else len(self._rows)

    @override
    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        row = self.row_at(index)
        if row is None:
            return None
        if role == ROLE_ROW:
            return row
        if role in {Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole}:
            return spoken(row)
        return None

    def refresh(self) -> None:
        """Everything looks different now: another language, theme or size of type."""
        if self._rows:
            self.dataChanged.emit(self.index(0), self.index(len(self._rows) - 1))

    def _remove(self, start: int, count: int) -> None:
        if count:
            self.beginRemoveRows(QModelIndex(), start, start + count - 1)
            del self._rows[start : start + count]
            self.endRemoveRows()

    def _insert(self, start: int, rows: Sequence[ChatRow]) -> None:
        if rows:
            self.beginInsertRows(QModelIndex(), start, start + len(rows) - 1)
            self._rows[start:start] = rows
            self.endInsertRows()

    def _update(self, rows: Sequence[ChatRow]) -> None:
        for place, row in enumerate(rows):
            if self._rows[place] != row:
                self._rows[place] = row
                self.dataChanged.emit(self.index(place), self.index(place))


def _alike(one: Sequence[ChatRow], other: Sequence[ChatRow]) -> int:
    """How many rows from the start have the same id."""
    count = 0
    for mine, theirs in zip(one, other, strict=False):
        if mine.id != theirs.id:
            break
        count += 1
    return count
