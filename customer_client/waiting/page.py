"""In line, on screen."""

from collections.abc import Callable

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget
from typing_extensions import override

from customer_client.desk.desk import Desk
from customer_client.desk.routes import Routes
from customer_client.desk.words import name_of, tone_of
from customer_client.parts.link_strip import LinkStrip
from customer_client.parts.page import Page
from customer_client.parts.rows import ArticleRow, RowCard
from customer_client.waiting.presenter import WaitingPresenter, WaitingView, checked
from shared.protocol.messages.knowledge import ArticleHit
from shared.strings import ordinal, phrase, render
from shared.ui.icons import paint_icon
from shared.ui.theme import SPACE_L, SPACE_M, SPACE_S, theme
from shared.ui.widgets import Avatar, Button, Card, Chip, IconMark, Label, PageHeader, Rule, Strip
from shared.ui.words import Words, name_widget

_SHOWN_PEOPLE = 6
_RING_ROOM = (4, 4, 4, 4)
"""Focus rings are drawn outside their buttons, but not outside what holds them."""


class _Line(QWidget):
    """People in line as discs, the last one is you."""

    def __init__(self) -> None:
        super().__init__()
        self._place = 0
        self.setFixedHeight(24)
        theme().changed.connect(self.update)

    def set_place(self, place: int) -> None:
        """Show `place` people, at most a handful."""
        self._place = place
        self.setVisible(0 < place <= _SHOWN_PEOPLE)
        self.update()

    @override
    def sizeHint(self) -> QSize:
        return QSize(200, 24)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._place:
            return
        look, painter = theme(), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        step = min(88.0, (self.width() - 48) / max(1, self._place - 1)) if self._place > 1 else 0.0
        left = (self.width() - step * (self._place - 1)) / 2
        painter.setPen(QPen(look.colour("line"), 2))
        painter.drawLine(QPointF(left, 12), QPointF(left + step * (self._place - 1), 12))
        for index in range(self._place):
            mine = index == self._place - 1
            painter.setPen(QPen(look.colour("accent" if mine else "faint"), 1))
            painter.setBrush(look.colour("accent" if mine else "sunken"))
            middle = left + index * step
            painter.drawEllipse(QPointF(middle, 12), 11, 11)
            ink = look.tokens.on_accent if mine else look.tokens.muted
            paint_icon(painter, "user", QRectF(middle - 7, 5, 14, 14), ink)


class _Figures(Card):
    """Place and range in large type, with their age."""

    def __init__(self) -> None:
        super().__init__("plain", spacing=SPACE_M)
        self._place, self._wait = Label("", "hero", weight=600), Label("", "hero", weight=600)
        self._age = Label("", "small", tone="muted", wrap=True)
        self._age.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._line = _Line()
        row = QHBoxLayout()
        row.addLayout(_figure(phrase("waiting.place"), self._place), 2)
        row.addWidget(Rule("vertical"))
        row.addLayout(_figure(phrase("waiting.expected"), self._wait), 3)
        self.box.addLayout(row)
        self.box.addWidget(self._line)
        self.box.addWidget(self._age)

    def show_view(self, view: WaitingView) -> None:
        """Show what the relay last told."""
        place: Words = (lambda: ordinal(view.place)) if view.place else "…"
        wait: Words = view.wait or (phrase("waiting.no_estimate_short") if view.place else "…")
        self._place.set_words(place)
        self._wait.set_words(wait)
        self._line.set_place(view.place)
        self._age.set_words(checked(view))
        name_widget(self, phrase("waiting.accessible", place=render(place), wait=render(wait)), "waiting.figures")


class WaitingPage(Page):
    """Never a spinner alone: place, range, what happens next, what else can be done."""

    def __init__(
        self,
        presenter: WaitingPresenter,
        routes: Routes,
        desk: Desk,
        local_ms: Callable[[], int],
        open_chat: Callable[[], None],
        tray: bool,
    ) -> None:
        super().__init__(PageHeader("", object_name="waiting.header"), "waiting")
        self._presenter, self._desk = presenter, desk
        self._shown: tuple[ArticleHit, ...] | None = None
        self.header.back.connect(routes.home)
        self.strips.addWidget(LinkStrip(desk.link, local_ms))
        self._failed = Strip("warn", object_name="waiting.failed")
        self.strips.addWidget(self._failed)
        self._figures = _Figures()
        self._turn = _YourTurn(open_chat)
        self._longer = _Longer(presenter)
        self._no_estimate = Label("", "small", tone="muted", wrap=True)
        self._steps = _NextSteps()
        self._tray = Strip(
            "ok", phrase("waiting.may_close" if tray else "waiting.stay_open"), icon="bell", rounded=True
        )
        self._meanwhile = Label(phrase("waiting.meanwhile"), "small", tone="muted", weight=600)
        self._articles = RowCard()
        for widget in (self._turn, self._figures, self._longer, self._no_estimate, self._steps, self._tray):
            self.body.box.addWidget(widget)
        self.body.box.addWidget(self._meanwhile)
        self.body.box.addWidget(self._articles)
        self.body.box.addStretch(1)
        self._build_foot()
        presenter.view.watch(self._show)
        desk.organisation.watch(lambda organisation: self.header.set_sample(bool(organisation and organisation.sample)))

    @override
    def entered(self) -> None:
        (self._turn.button if self._turn.isVisibleTo(self) else self._leave).setFocus()

    @override
    def left(self) -> None:
        self._presenter.close()

    def _build_foot(self) -> None:
        self._leave = Button(
            phrase("waiting.leave_message"), "secondary", "medium", icon="mail", object_name="waiting.leave-message"
        )
        self._leave.clicked.connect(self._presenter.leave_message)
        self._cancel = Button(phrase("waiting.cancel"), "danger-ghost", "medium", object_name="waiting.cancel")
        self._cancel.clicked.connect(self._ask_cancel)
        row = QHBoxLayout()
        row.addWidget(self._leave, 2)
        row.addWidget(self._cancel, 1)
        self._row = QWidget()
        self._row.setLayout(row)
        row.setContentsMargins(*_RING_ROOM)
        self._question = _CancelQuestion(self._presenter)
        self.foot.box.addWidget(self._row)
        self.foot.box.addWidget(self._question)

    def _ask_cancel(self) -> None:
        self._presenter.ask_cancel(True)
        self._question.stay.setFocus(Qt.FocusReason.OtherFocusReason)

    def _show(self, view: WaitingView) -> None:
        titles = {"sending": "waiting.sending_title", "your_turn": "waiting.turn_title"}
        title = phrase(titles.get(view.state, "waiting.title"))
        both = phrase("waiting.subtitle", number=view.number, subject=view.subject)
        self.header.set_title(title, both if view.number else view.subject)
        waiting, turn = view.state in ("sending", "waiting"), view.state == "your_turn"
        came = turn and not self._turn.isVisibleTo(self)
        self._turn.setVisible(turn)
        self._turn.show_view(view)
        if came and self.isVisible():
            self._turn.button.setFocus(Qt.FocusReason.OtherFocusReason)
        for widget in (self._figures, self._steps, self._tray):
            widget.setVisible(waiting)
        self._figures.show_view(view)
        self._longer.setVisible(waiting and view.worse and view.wait is not None)
        self._longer.show_view(view)
        self._no_estimate.setVisible(waiting and view.place > 0)
        self._no_estimate.set_words(phrase("waiting.on_duty", count=view.on_duty))
        self._failed.setVisible(view.failed is not None)
        if view.failed is not None:
            self._failed.say(view.failed)
        self._show_articles(view, waiting)
        self.foot.setVisible(waiting)
        self._row.setVisible(not view.asks_cancel)
        self._question.setVisible(view.asks_cancel)
        self._question.show_view(view)
        self._cancel.set_busy(view.cancelling, phrase("waiting.cancelling"))

    def _show_articles(self, view: WaitingView, waiting: bool) -> None:
        self._meanwhile.setVisible(waiting and bool(view.articles))
        self._articles.setVisible(waiting and bool(view.articles))
        if view.articles != self._shown:
            self._shown = view.articles
            rows: list[QWidget] = []
            for hit in view.articles:
                row = ArticleRow(hit, self._desk.reading(hit))
                row.clicked.connect(lambda _=False, chosen=hit.article_id: self._presenter.read(chosen))
                rows.append(row)
            self._articles.put(rows)


class _YourTurn(Card):
    """Somebody is here."""

    def __init__(self, open_chat: Callable[[], None]) -> None:
        super().__init__("plain", spacing=SPACE_L)
        self._avatar = Avatar("", "tier1", 48)
        self._name = Label("", "lead", weight=600)
        self.button = Button(phrase("waiting.open_chat"), "primary", "large", object_name="waiting.open-chat")
        self.button.clicked.connect(open_chat)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(self._name)
        words.addWidget(Label(phrase("waiting.turn_words"), "body", tone="muted", wrap=True))
        row = QHBoxLayout()
        row.setSpacing(SPACE_M)
        row.addWidget(self._avatar)
        row.addLayout(words, 1)
        self.box.addLayout(row)
        self.box.addWidget(self.button)

    def show_view(self, view: WaitingView) -> None:
        """Show who."""
        if view.engineer is not None:
            self._avatar.set_person(view.engineer.name, tone_of(view.engineer))
            self._name.set_words(name_of(view.engineer))


class _Longer(Card):
    """The wait has grown: said at once, with a way out."""

    def __init__(self, presenter: WaitingPresenter) -> None:
        super().__init__("plain", spacing=SPACE_S)
        self._title = Label("", "lead", weight=600)
        self._words = Label("", "body", tone="muted", wrap=True)
        leave = Button(phrase("waiting.leave_message"), "secondary", "small", object_name="waiting.longer-leave")
        keep = Button(phrase("waiting.keep"), "secondary", "small", object_name="waiting.longer-keep")
        leave.clicked.connect(presenter.leave_message)
        keep.clicked.connect(presenter.keep_waiting)
        head = QHBoxLayout()
        head.setSpacing(SPACE_M)
        head.addWidget(IconMark("clock", 20, "warn"))
        head.addWidget(self._title, 1)
        buttons = QHBoxLayout()
        buttons.setSpacing(SPACE_S)
        buttons.addWidget(leave)
        buttons.addWidget(keep)
        buttons.addStretch(1)
        self.box.addLayout(head)
        self.box.addWidget(self._words)
        self.box.addLayout(buttons)

    def show_view(self, view: WaitingView) -> None:
        """Show the new range."""
        if view.wait is not None:
            self._title.set_words(phrase("waiting.longer", wait=render(view.wait)))
            self._words.set_words(phrase("waiting.longer_words", place=ordinal(view.place)))


class _NextSteps(QWidget):
    """What happens next, in three lines."""

    def __init__(self) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE_M)
        column.addWidget(Label(phrase("waiting.next"), "small", tone="muted", weight=600))
        for number in (1, 2, 3):
            row = QHBoxLayout()
            row.setSpacing(SPACE_M)
            row.addWidget(Chip(str(number), "accent", weight=600, pad_px=7), 0, Qt.AlignmentFlag.AlignTop)
            row.addWidget(Label(phrase(f"waiting.next_{number}"), "body", wrap=True), 1)
            column.addLayout(row)


class _CancelQuestion(QWidget):
    """Asked once; the safe answer has the focus."""

    def __init__(self, presenter: WaitingPresenter) -> None:
        super().__init__()
        self._presenter = presenter
        self._words = Label("", "body", tone="muted", wrap=True)
        self.stay = Button(phrase("waiting.stay"), "primary", object_name="waiting.stay")
        leave = Button(phrase("waiting.leave"), "danger-ghost", object_name="waiting.leave")
        self.stay.clicked.connect(lambda: presenter.ask_cancel(False))
        leave.clicked.connect(presenter.cancel)
        buttons = QHBoxLayout()
        buttons.setContentsMargins(*_RING_ROOM)
        buttons.addWidget(self.stay)
        buttons.addWidget(leave)
        buttons.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE_S)
        column.addWidget(Label(phrase("waiting.cancel_title"), "body", weight=600))
        column.addWidget(self._words)
        column.addLayout(buttons)

    def show_view(self, view: WaitingView) -> None:
        """Say what would be lost."""
        known = phrase("waiting.cancel_words", place=ordinal(view.place)) if view.place else None
        self._words.set_words(known or phrase("waiting.cancel_words_plain"))


def _figure(name: Words, figure: Label) -> QVBoxLayout:
    column = QVBoxLayout()
    column.setSpacing(0)
    caption = Label(name, "small", tone="muted")
    for label in (caption, figure):
        label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        column.addWidget(label)
    return column
