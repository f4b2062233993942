"""The tickets page: the table, or the ticket that is open."""

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from agent_app.recordings.library import Library
from agent_app.tickets.list_page import TicketListPage
from agent_app.tickets.list_presenter import TicketListPresenter
from agent_app.tickets.page_presenter import TicketPagePresenter, TicketView
from agent_app.tickets.ticket_page import TicketPage
from shared.strings import Words


class TicketsPage(QWidget):
    """`conversation_opened(conversation_id)`."""

    conversation_opened = Signal(str)

    def __init__(
        self,
        tickets: TicketListPresenter,
        ticket: TicketPagePresenter,
        library: Library,
        now: Callable[[], int],
        category_name: Callable[[str], Words],
    ) -> None:
        super().__init__()
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setProperty("fill", "bg")
        self._list = TicketListPage(tickets, now, category_name)
        self._one = TicketPage(ticket, library, now)
        self._stack = QStackedWidget()
        self._stack.addWidget(self._list)
        self._stack.addWidget(self._one)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._stack)
        self._list.opened.connect(ticket.open)
        self._one.left.connect(lambda: ticket.open(""))
        self._one.conversation_opened.connect(self.conversation_opened)
        ticket.view.watch(self._show)

    def focus_first(self) -> None:
        """Put the cursor into the table."""
        self._list.focus_first()

    def _show(self, view: TicketView) -> None:
        self._stack.setCurrentIndex(1 if view.ticket_id else 0)
