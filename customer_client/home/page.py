"""The first page."""

from collections.abc import Callable

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QKeySequence, QPainter, QPaintEvent, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget
from typing_extensions import override

from customer_client.desk.desk import Desk, LinkView
from customer_client.home.presenter import Door, Found, HomePresenter, HomeView
from customer_client.parts.link_strip import LinkStrip
from customer_client.parts.page import Page
from customer_client.parts.rows import RequestRow, RowCard
from shared.common.shown import Shown
from shared.protocol.messages.knowledge import ArticleHit
from shared.strings import phrase
from shared.ui.icons import paint_icon
from shared.ui.theme import RADIUS, SPACE_M, theme
from shared.ui.widgets import Answer, Button, IconButton, IconMark, Label, PageHeader, SearchField, Strip

_NEVER_OPEN = "closed_off"


class _Mark(QWidget):
    """The company's square with a compass."""

    def __init__(self) -> None:
        super().__init__()
        self.setFixedSize(self.sizeHint())
        theme().changed.connect(self.update)

    @override
    def sizeHint(self) -> QSize:
        return QSize(32, 32)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        look, painter = theme(), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(look.colour("accent"))
        painter.drawRoundedRect(self.rect(), RADIUS, RADIUS)
        paint_icon(painter, "compass", QRectF(6, 6, 20, 20), look.tokens.on_accent)


class HomePage(Page):
    """Search has the focus; the last button never scrolls away."""

    def __init__(self, presenter: HomePresenter, desk: Desk, now_ms: Callable[[], int]) -> None:
        header = PageHeader("", phrase("home.support"), back=False, object_name="home.header")
        super().__init__(header, "home")
        self._presenter, self._desk = presenter, desk
        self._last = HomeView()
        header.lead.addWidget(_Mark())
        self._bell = IconButton("bell", phrase("home.notices"), object_name="home.notices")
        self._bell.clicked.connect(presenter.notices)
        settings = IconButton("settings", phrase("home.settings"), object_name="home.settings")
        settings.clicked.connect(presenter.settings)
        header.tail.addWidget(self._bell)
        header.tail.addWidget(settings)
        self._build_strips(desk.link, now_ms)
        self._build_body()
        self._build_foot()
        shortcut = QShortcut(QKeySequence("Ctrl+Return"), self)
        shortcut.activated.connect(self._ask)
        presenter.view.watch(self._show)

    @override
    def entered(self) -> None:
        self.search.line.setFocus(Qt.FocusReason.OtherFocusReason)

    def _build_strips(self, link: Shown[LinkView], now_ms: Callable[[], int]) -> None:
        self._link = LinkStrip(link, now_ms)
        self._link.strip.acted.connect(self._presenter.try_now)
        self._notice = Strip("notice", closable=True, object_name="home.notice")
        self._notice.dismissed.connect(self._dismiss)
        self._notice.hide()
        self.strips.addWidget(self._link)
        self.strips.addWidget(self._notice)

    def _build_body(self) -> None:
        self._greeting = Label("", "hero", weight=600, wrap=True)
        how = Label(phrase("home.how"), "lead", tone="muted")
        top = QVBoxLayout()
        top.setSpacing(0)
        top.addWidget(self._greeting)
        top.addWidget(how)
        self.search = SearchField(phrase("home.search"), phrase("home.answers"), object_name="home.search")
        self.search.asked.connect(self._presenter.search)
        self.search.opened.connect(self._presenter.open_article)
        self._nothing = _Nothing()
        self._head = QWidget()
        head = QHBoxLayout(self._head)
        head.setContentsMargins(0, 0, 0, 0)
        head.addWidget(Label(phrase("home.my_requests"), "small", tone="muted", weight=600), 1)
        self._all = Button("", "link", "small", object_name="home.all-requests")
        self._all.clicked.connect(self._presenter.all_requests)
        head.addWidget(self._all)
        self._requests = RowCard()
        self.body.box.setSpacing(SPACE_M)
        self.body.box.addLayout(top)
        for widget in (self.search, self._nothing, self._head, self._requests):
            self.body.box.addWidget(widget)
        self.body.box.addStretch(1)

    def _build_foot(self) -> None:
        self._vip = Strip("vip", phrase("home.vip"), lead=phrase("home.vip_lead"), rounded=True)
        self._door = Button(phrase("home.talk"), "primary", "large", icon="headset", object_name="home.talk")
        self._door.clicked.connect(self._ask)
        self._caption = Label("", "small", tone="muted", wrap=True)
        self._caption.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        for widget in (self._vip, self._door, self._caption):
            self.foot.box.addWidget(widget)

    def _ask(self) -> None:
        self._presenter.ask_person(self.search.value())

    def _dismiss(self) -> None:
        if self._last.notice is not None:
            self._presenter.dismiss_notice(self._last.notice[0])

    def _show(self, view: HomeView) -> None:
        before, self._last = self._last, view
        self.header.set_title(view.company or phrase("home.support"), phrase("home.support") if view.company else "")
        self.header.set_sample(view.sample)
        self._greeting.set_words(view.greeting)
        self._bell.setVisible(view.notice_count > 0)
        self._bell.set_dot(view.notice is not None)
        self._bell.set_words(phrase("home.notices_count", count=view.notice_count))
        self._notice.setVisible(view.notice is not None)
        if view.notice is not None:
            self._notice.say(view.notice[1])
        self._vip.setVisible(view.vip and view.door.kind == "talk")
        if view.found != before.found:
            self._show_found(view.found)
        self._show_door(view.door)
        self._head.setVisible(view.request_count > 0)
        self._all.setVisible(view.request_count > len(view.requests))
        self._all.set_words(phrase("home.see_all", count=view.request_count))
        if view.requests != before.requests or not view.requests:
            self._requests.put([self._row(line.conversation_id, RequestRow(line)) for line in view.requests])

    def _row(self, conversation_id: str, row: RequestRow) -> QWidget:
        row.clicked.connect(lambda: self._presenter.open_request(conversation_id))
        return row

    def _show_found(self, found: Found) -> None:
        self.search.set_answers([self._answer(hit, found.words) for hit in found.hits])
        self._nothing.show_found(found)

    def _answer(self, hit: ArticleHit, words: str) -> Answer:
        return Answer(hit.article_id, hit.title, self._desk.reading(hit), matches=_matches(hit.title, words))

    def _show_door(self, door: Door) -> None:
        message = door.kind == "message"
        self._door.set_words(phrase("home.leave" if message else "home.talk"))
        self._door.set_icon("mail" if message else "headset")
        self._door.set_kind("secondary" if door.kind == "offline" else "primary")
        self._door.setEnabled(door.kind != _NEVER_OPEN)
        self._caption.set_words(door.caption)


class _Nothing(QWidget):
    """What is said when a search brought nothing, or did not work."""

    def __init__(self) -> None:
        super().__init__()
        self._title = Label("", "body", weight=500)
        self._next = Label("", "small", tone="muted", wrap=True)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self._title)
        words.addWidget(self._next)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACE_M)
        row.addWidget(IconMark("book", 20, "muted"), 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)
        self.hide()

    def show_found(self, found: Found) -> None:
        """Say why there is no answer, if there is none."""
        if found.state == "failed":
            self._title.set_words(phrase("home.search_failed"))
            self._next.set_words(found.failed or "")
        else:
            self._title.set_words(phrase("home.no_match"))
            self._next.set_words(phrase("home.no_match_next"))
        self.setVisible(found.state == "failed" or (found.state == "done" and not found.hits))


def _matches(title: str, words: str) -> tuple[tuple[int, int], ...]:
    """Where the words typed occur in a title; words that touch are one match."""
    low, marked = title.lower(), [False] * len(title)
    for part in words.lower().split():
        start = low.find(part)
        while start >= 0 and len(low) == len(title):
            marked[start : start + len(part)] = [True] * len(part)
            start = low.find(part, start + 1)
    starts = [at for at, on in enumerate(marked) if on and not (at and marked[at - 1])]
    return tuple((at, next((n for n in range(at, len(marked)) if not marked[n]), len(marked)) - at) for at in starts)
