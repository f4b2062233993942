"""The inbox: this agent's conversations in sections, oldest wait first, and which one is open."""

from collections.abc import Iterable, Mapping
from typing import Final, Literal

from msgspec import Struct, structs

from agent_app.desk.desk import Desk
from shared.common.shown import Shown
from shared.protocol.messages.conversations import ConversationRow

SectionName = Literal["you", "customer", "write_up"]
SECTIONS: Final[tuple[SectionName, ...]] = ("you", "customer", "write_up")


class InboxRow(Struct, frozen=True):
    """One line. `since_ms` is what its waiting time counts from."""

    conversation_id: str
    name: str
    vip: bool
    snippet: str
    mine_last: bool
    ticket: str
    since_ms: int
    unread: int


class Section(Struct, frozen=True):
    """Rows that wait for the same side."""

    name: SectionName
    rows: tuple[InboxRow, ...]
    open: bool = True


class InboxView(Struct, frozen=True):
    """`selected` is the open conversation, which may have left the list by now."""

    sections: tuple[Section, ...] = ()
    selected: str = ""
    count: int = 0
    waiting: int = 0


class InboxPresenter:
    """Follows the desk; a selection is kept while its conversation is there."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._closed: set[SectionName] = set()
        self.view = Shown(InboxView())
        desk.conversations.watch(self._fill)

    def select(self, conversation_id: str) -> None:
        """Open one."""
        self.view.set(structs.replace(self.view.value, selected=conversation_id))

    def step(self, by: int) -> None:
        """Open the next (`by` 1) or previous (-1) one, stopping at the ends."""
        order = [row.conversation_id for section in self.view.value.sections if section.open for row in section.rows]
        if not order:
            return
        here = self.view.value.selected
        place = order.index(here) + by if here in order else 0
        self.select(order[max(0, min(len(order) - 1, place))])

    def toggle(self, name: SectionName) -> None:
        """Fold a section away, or back."""
        self._closed.symmetric_difference_update((name,))
        self._fill(self._desk.conversations.value)

    def _fill(self, rows: Mapping[str, ConversationRow]) -> None:
        sections = tuple(
            Section(name, tuple(_row(row) for row in _of(name, rows.values())), name not in self._closed)
            for name in SECTIONS
        )
        selected = self.view.value.selected
        self.view.set(
            InboxView(
                tuple(section for section in sections if section.rows),
                selected if selected in rows else "",
                len(rows),
                len(sections[0].rows),
            )
        )


def section_of(row: ConversationRow) -> SectionName:
    """Who has to do the next thing."""
    if row.state == "wrap_up":
        return "write_up"
    return "customer" if row.last_by == "agent" else "you"


def _of(name: SectionName, rows: Iterable[ConversationRow]) -> list[ConversationRow]:
    return sorted((row for row in rows if section_of(row) == name), key=_since)


def _since(row: ConversationRow) -> int:
    return row.ended_ms if row.state == "wrap_up" and row.ended_ms else row.last_at_ms or row.since_ms


def _row(row: ConversationRow) -> InboxRow:
    return InboxRow(
        row.conversation_id,
        row.customer.name,
        row.vip_level > 0,
        row.last_text or row.subject,
        row.last_by == "agent" and bool(row.last_text),
        row.ticket_number,
        _since(row),
        row.unread,
    )
