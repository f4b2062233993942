"""The rooms of one run, joined: presenters first, windows when they are needed."""

from collections.abc import Callable, Mapping

from PySide6.QtWidgets import QDialog, QWidget

from agent_app.account.presenter import AccountPresenter
from agent_app.app.screens import Screens
from agent_app.conversation.context import ContextPresenter
from agent_app.conversation.picture_viewer import decode
from agent_app.conversation.pictures import Pictures
from agent_app.conversation.presenter import ConversationPresenter
from agent_app.desk.desk import Desk
from agent_app.desk.relay import Blobs, Relay, Spawn
from agent_app.desk.timelines import Timelines
from agent_app.frame.presenter import FramePresenter, Page
from agent_app.inbox.presenter import InboxPresenter, InboxView
from agent_app.knowledge.presenter import KnowledgePresenter
from agent_app.offer.presenter import OfferPresenter
from agent_app.queue.presenter import QueuePresenter
from agent_app.recordings.library import Library
from agent_app.tickets.list_presenter import TicketListPresenter
from agent_app.tickets.page_presenter import TicketPagePresenter
from agent_app.wrapup.presenter import WrapUpPresenter
from shared.ui.platform.geometry import WindowPlaces


class Rooms:
    """Every presenter, and what one room's event means for another."""

    def __init__(
        self, desk: Desk, relay: Relay, timelines: Timelines, blobs: Blobs, library: Library, spawn: Spawn
    ) -> None:
        self.desk = desk
        self.frame = FramePresenter(desk, relay, spawn)
        self.account = AccountPresenter(desk, relay, spawn)
        self.inbox = InboxPresenter(desk)
        self.offer = OfferPresenter(desk, relay, spawn)
        self.conversation = ConversationPresenter(desk, relay, timelines, blobs, spawn)
        self.context = ContextPresenter(desk, relay, timelines, spawn)
        self.wrapup = WrapUpPresenter(desk, relay, spawn)
        self.pictures = Pictures(blobs, spawn, decode)
        self.queue = QueuePresenter(desk, relay, spawn)
        self.tickets = TicketListPresenter(desk, relay, spawn)
        self.ticket = TicketPagePresenter(desk, relay, timelines, spawn)
        self.library = library
        self.articles = KnowledgePresenter(relay, spawn)
        self.side_articles = KnowledgePresenter(relay, spawn)
        self._wanted = ""
        self.inbox.view.watch(self._inbox_changed)
        self.offer.accepted.watch(self.open_conversation)
        self.queue.taken.watch(self.open_conversation)
        desk.conversations.on_change(self._open_wanted)

    def open_conversation(self, conversation_id: str) -> None:
        """Show it in the inbox, as soon as it is in the list."""
        self._wanted = conversation_id
        self.frame.go("inbox")
        self._open_wanted()

    def leave(self) -> None:
        """Somebody signs out: the next one finds nothing of theirs open."""
        self._wanted = ""
        self.inbox.select("")
        self.conversation.forget()
        self.ticket.open("")
        self.library.forget()
        self.frame.go("inbox")

    def tick(self) -> None:
        """A second has passed."""
        self.offer.tick()

    def _open_wanted(self) -> None:
        if self._wanted and self._wanted in self.desk.conversations.value:
            wanted, self._wanted = self._wanted, ""
            self.inbox.select(wanted)

    def _inbox_changed(self, view: InboxView) -> None:
        self.frame.count_waiting(view.waiting)
        self.conversation.open(view.selected)
        self.context.open(view.selected)


class Pages:
    """Makes the pages of the frame when they are first opened, and tells the one in front that time went on."""

    def __init__(self, rooms: Rooms, screens: Screens, places: WindowPlaces) -> None:
        self._rooms, self._screens, self._places = rooms, screens, places
        self._ticking: list[Callable[[], None]] = []
        self._focus: dict[QWidget, Callable[[], None]] = {}

    def makers(self) -> Mapping[Page, Callable[[], QWidget]]:
        """By page."""
        return {
            "inbox": self._inbox,
            "queue": self._queue,
            "tickets": self._tickets,
            "knowledge": self._knowledge,
        }

    def tick(self) -> None:
        """A second has passed."""
        for tick in self._ticking:
            tick()

    def focus(self, page: QWidget) -> None:
        """Put the cursor where work on a page begins."""
        if page in self._focus:
            self._focus[page]()

    def _inbox(self) -> QWidget:
        from agent_app.conversation.context_column import ContextColumn
        from agent_app.conversation.page import ConversationPage
        from agent_app.inbox.list_view import InboxColumn
        from agent_app.inbox.page import InboxPage

        rooms, now = self._rooms, self._rooms.desk.now_ms
        column = InboxColumn(rooms.inbox, now)
        middle = ConversationPage(rooms.conversation, rooms.wrapup, rooms.pictures, now)
        context = ContextColumn(rooms.context, rooms.side_articles, now, rooms.desk.category_name)
        page = InboxPage(rooms.inbox, column, middle, context)
        self._places.restore_splitter(page.splitter, "inbox")
        page.splitter.splitterMoved.connect(lambda: self._places.keep_splitter(page.splitter, "inbox"))
        page.nothing.acted.connect(lambda: rooms.frame.go("queue"))
        rooms.desk.state.watch(lambda state: page.say_state(state.state == "available"))
        middle.screen_opened.connect(self._screens.show)
        middle.ticket_opened.connect(self._open_ticket)
        context.ticket_opened.connect(self._open_ticket)
        self._ticking += [column.tick, middle.tick]
        return page

    def _open_ticket(self, ticket_id: str) -> None:
        self._rooms.ticket.open(ticket_id)
        self._rooms.frame.go("tickets")

    def _queue(self) -> QWidget:
        from agent_app.queue.page import QueuePage

        page = QueuePage(self._rooms.queue, self._rooms.desk.now_ms)
        self._ticking.append(page.tick)
        self._focus[page] = page.focus_first
        return page

    def _tickets(self) -> QWidget:
        from agent_app.tickets.page import TicketsPage

        rooms = self._rooms
        page = TicketsPage(rooms.tickets, rooms.ticket, rooms.library, rooms.desk.now_ms, rooms.desk.category_name)
        page.conversation_opened.connect(rooms.open_conversation)
        rooms.tickets.reload()
        self._focus[page] = page.focus_first
        return page

    def _knowledge(self) -> QWidget:
        from agent_app.knowledge.page import KnowledgePage

        page = KnowledgePage(self._rooms.articles)
        self._focus[page] = page.focus_first
        return page


class AccountRoom:
    """The account window, one at a time, over `host`."""

    def __init__(self, presenter: AccountPresenter, now: Callable[[], int]) -> None:
        self._presenter, self._now = presenter, now
        self._window: QDialog | None = None

    def open(self, host: QWidget) -> None:
        """Bring it to the front, made anew if it was closed."""
        from agent_app.account.window import AccountWindow

        if self._window is None:
            self._presenter.show()
            window = AccountWindow(host, self._presenter, self._now)
            window.closed.connect(self._closed)
            self._window = window
        self._window.show()
        self._window.raise_()
        self._window.activateWindow()

    def close(self) -> None:
        """Nobody is signed in any more."""
        if self._window is not None:
            self._window.close()

    def _closed(self) -> None:
        window, self._window = self._window, None
        if window is not None:
            self._presenter.hide()
            window.deleteLater()
