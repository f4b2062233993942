"""One widget a kind of route, built when it is first shown."""

from collections.abc import Callable
from typing import Literal, Protocol, assert_never

from PySide6.QtWidgets import QStackedWidget, QWidget

from customer_client.app.rooms import Rooms
from customer_client.desk import routes as r
from customer_client.home.page import HomePage
from customer_client.platform.version import program_version
from shared.rules.timeline import Timeline

Name = Literal[
    "home",
    "article",
    "intake",
    "waiting",
    "chat",
    "after",
    "requests",
    "request",
    "notices",
    "settings",
]
_IN_LINE = frozenset({"new", "queued", "offered"})
_OVER = frozenset({"closed"})


class Shown(Protocol):
    """What every page is told."""

    def entered(self) -> None:
        """It has just come up."""
        ...

    def left(self) -> None:
        """It is no longer shown."""
        ...


class Pages(QStackedWidget):
    """Shows the page of the route on top. `tray` says whether closing the window keeps the program."""

    def __init__(self, rooms: Rooms, local_ms: Callable[[], int], tray: bool) -> None:
        super().__init__()
        self._rooms, self._local_ms, self._tray = rooms, local_ms, tray
        self._made: dict[Name, tuple[QWidget, Shown]] = {}
        self._top: r.Route | None = None
        self._in_chat: set[str] = set()
        self._states: dict[str, str] = {}
        rooms.timelines.changed.watch(self._conversation_changed)
        rooms.routes.stack.watch(lambda _: self.follow())

    def open_chat(self) -> None:
        """From the waiting page into the conversation."""
        route = self._rooms.routes.top
        if isinstance(route, r.Talk):
            self._in_chat.add(route.conversation_id)
            self.follow()

    def enter(self) -> None:
        """The window has come up: the focus goes where the page begins."""
        self._made[self._name(self._rooms.routes.top)][1].entered()

    def follow(self) -> None:
        """Show what is on top now; a page that stays is not told again."""
        route = self._rooms.routes.top
        name = self._name(route)
        page, shown = self._page(name)
        if self.currentWidget() is page and route == self._top:
            return
        before = next((each for widget, each in self._made.values() if widget is self.currentWidget()), None)
        self._top = route
        self._prepare(route, name)
        if before is not None and before is not shown:
            before.left()
        self.setCurrentWidget(page)
        shown.entered()

    def _name(self, route: r.Route) -> Name:
        match route:
            case r.Home():
                return "home"
            case r.ReadArticle():
                return "article"
            case r.Ask():
                return "intake"
            case r.Talk():
                return "waiting" if self._waits(route.conversation_id) else "chat"
            case r.Result():
                return "after"
            case r.Requests():
                return "requests"
            case r.OneRequest():
                return "request"
            case r.Notices():
                return "notices"
            case r.Settings():
                return "settings"
            case _:
                assert_never(route)

    def _waits(self, conversation_id: str) -> bool:
        """In line; or somebody has come and the person has not gone in yet."""
        state = self._rooms.timelines.open(conversation_id).value.state
        if state in _IN_LINE:
            self._in_chat.discard(conversation_id)
            request = self._rooms.desk.request(conversation_id)
            return state != "new" or request is None or request.conversation_state in ("", *_IN_LINE)
        shows_waiting = self._made.get("waiting", (None,))[0] is self.currentWidget() and self._top == r.Talk(
            conversation_id
        )
        return state in ("active", "held") and shows_waiting and conversation_id not in self._in_chat

    def _prepare(self, route: r.Route, name: Name) -> None:
        rooms = self._rooms
        match route:
            case r.ReadArticle():
                rooms.article.open(route.article_id)
            case r.Ask():
                rooms.intake.open(route)
            case r.Talk():
                (rooms.waiting.open if name == "waiting" else rooms.chat.open)(route.conversation_id)
            case r.Result():
                rooms.after.open(route.conversation_id)
            case r.OneRequest():
                rooms.requests.open(route.conversation_id)
            case _:
                pass

    def _page(self, name: Name) -> tuple[QWidget, Shown]:
        if name not in self._made:
            page = self._make(name)
            self._made[name] = page
            self.addWidget(page[0])
        return self._made[name]

    def _make(self, name: Name) -> tuple[QWidget, Shown]:
        """Builds a page; its module is imported only now, so that the first page comes up fast."""
        rooms, desk = self._rooms, self._rooms.desk
        made: QWidget
        match name:
            case "home":
                made = HomePage(rooms.home, desk, self._local_ms)
            case "article":
                from customer_client.home.article_page import ArticlePage

                made = ArticlePage(rooms.article, rooms.routes, desk)
            case "intake":
                from customer_client.intake.page import IntakePage

                made = IntakePage(rooms.intake, rooms.routes, desk, self._local_ms)
            case "waiting":
                from customer_client.waiting.page import WaitingPage

                made = WaitingPage(rooms.waiting, rooms.routes, desk, self._local_ms, self.open_chat, self._tray)
            case "chat":
                from customer_client.chat.page import ChatPage

                made = ChatPage(rooms.chat, rooms.routes, desk, rooms.sharing, self._local_ms)
            case "after":
                from customer_client.after.page import AfterPage

                made = AfterPage(rooms.after, rooms.routes, desk)
            case "requests":
                from customer_client.requests.page import RequestsPage

                made = RequestsPage(rooms.requests, rooms.routes, desk)
            case "request":
                from customer_client.requests.page import RequestPage

                made = RequestPage(rooms.requests, rooms.routes, desk)
            case "notices":
                from customer_client.home.notices_page import NoticesPage

                made = NoticesPage(desk, rooms.routes)
            case "settings":
                from customer_client.settings.page import SettingsPage

                made = SettingsPage(rooms.settings, rooms.routes, program_version(), self._tray)
            case _:
                assert_never(name)
        return made, made

    def _conversation_changed(self, timeline: Timeline) -> None:
        before = self._states.get(timeline.conversation_id)
        self._states[timeline.conversation_id] = timeline.state
        top = self._rooms.routes.top
        if isinstance(top, r.Talk) and top.conversation_id == timeline.conversation_id:
            if timeline.state in _OVER and before not in (None, *_OVER):
                self._rooms.routes.go(r.Result(timeline.conversation_id))
            else:
                self._top = None if self._name(top) != self._name_shown() else self._top
                self.follow()

    def _name_shown(self) -> Name | None:
        return next((name for name, made in self._made.items() if made[0] is self.currentWidget()), None)
