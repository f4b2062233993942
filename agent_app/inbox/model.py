"""The inbox as a Qt model: section heads and conversations in one list."""

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QAbstractListModel, Qt
from typing_extensions import override

from agent_app.inbox.presenter import InboxRow, InboxView, Section
from shared.strings import duration, text
from shared.ui.item_view import NO_PARENT, AnyIndex

ROLE_ITEM: Final = int(Qt.ItemDataRole.UserRole)
Item = Section | InboxRow


class InboxModel(QAbstractListModel):
    """Small (a handful of rows), so a change of order is told as a change of layout and keeps the view where it is."""

    def __init__(self, now: Callable[[], int]) -> None:
        super().__init__()
        self._now = now
        self._items: list[Item] = []

    def show_view(self, view: InboxView) -> None:
        """Show these sections."""
        items: list[Item] = []
        for section in view.sections:
            items.append(section)
            items.extend(section.rows if section.open else ())
        if len(items) == len(self._items):
            self._items = items
            if items:
                self.dataChanged.emit(self.index(0), self.index(len(items) - 1))
            return
        self.beginResetModel()
        self._items = items
        self.endResetModel()

    def place_of(self, conversation_id: str) -> int:
        """The row of a conversation, -1 when it is not shown."""
        found = (
            place
            for place, item in enumerate(self._items)
            if isinstance(item, InboxRow) and item.conversation_id == conversation_id
        )
        return next(found, -1)

    def item(self, index: AnyIndex) -> Item | None:
        """What an index shows."""
        return self._items[index.row()] if index.isValid() and index.row() < len(self._items) else None

    @override
    def rowCount(self, parent: AnyIndex = NO_PARENT) -> int:
        return 0 if parent.isValid() else len(self._items)

    @override
    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        item = self.item(index)
        if item is None:
            return None
        if role == ROLE_ITEM:
            return item
        if role in {Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.DisplayRole}:
            return self._spoken(item, index.row())
        return None

    @override
    def flags(self, index: AnyIndex) -> Qt.ItemFlag:
        if isinstance(self.item(index), Section):
            return Qt.ItemFlag.ItemIsEnabled
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable

    def _spoken(self, item: Item, place: int) -> str:
        if isinstance(item, Section):
            return f"{text(f'inbox.section_{item.name}')}, {len(item.rows)}"
        section = next((each for each in reversed(self._items[:place]) if isinstance(each, Section)), None)
        return text(
            "inbox.row",
            name=item.name,
            vip=text("inbox.vip") if item.vip else "",
            snippet=snippet(item),
            section=text(f"inbox.section_{section.name}") if section else "",
            time=duration((self._now() - item.since_ms) / 1000),
            unread=item.unread,
        )


def snippet(row: InboxRow) -> str:
    """The last words, marked when they are this agent's own."""
    return text("inbox.you", text=row.snippet) if row.mine_last else row.snippet
