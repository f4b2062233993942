"""The list of requests, and one of them."""

from PySide6.QtWidgets import QVBoxLayout, QWidget

from customer_client.desk.desk import Desk
from customer_client.desk.routes import Routes
from customer_client.desk.steps import STEP_KEYS, RequestLine
from customer_client.desk.words import At, Until
from customer_client.parts.page import Page
from customer_client.parts.rows import RequestRow, RowCard
from customer_client.requests.presenter import OneView, RequestsPresenter, RequestsView
from shared.strings import phrase
from shared.ui.theme import SPACE_M, SPACE_S
from shared.ui.widgets import Button, Card, Chip, EmptyState, Label, PageHeader, Strip, ThinSteps


class RequestsPage(Page):
    """Newest change first."""

    def __init__(self, presenter: RequestsPresenter, routes: Routes, desk: Desk) -> None:
        super().__init__(PageHeader(phrase("requests.title"), object_name="requests.header"), "requests")
        self.header.back.connect(routes.back)
        self.without_foot()
        self._presenter = presenter
        self._lines: tuple[RequestLine, ...] | None = None
        self._rows = RowCard()
        self._none = EmptyState("inbox", phrase("requests.none"), phrase("requests.none_next"))
        self.body.box.addWidget(self._rows)
        self.body.box.addWidget(self._none)
        self.body.box.addStretch(1)
        presenter.view.watch(self._show)
        desk.organisation.watch(lambda organisation: self.header.set_sample(bool(organisation and organisation.sample)))

    def _show(self, view: RequestsView) -> None:
        self._none.setVisible(not view.lines)
        if view.lines != self._lines:
            self._lines = view.lines
            self._rows.put([self._row(line) for line in view.lines])

    def _row(self, line: RequestLine) -> QWidget:
        row = RequestRow(line)
        row.clicked.connect(lambda: self._presenter.choose(line.conversation_id))
        return row


class RequestPage(Page):
    """Steps in words, who has it, and what may still be done."""

    def __init__(self, presenter: RequestsPresenter, routes: Routes, desk: Desk) -> None:
        super().__init__(PageHeader("", object_name="request.header"), "request")
        self.header.back.connect(routes.back)
        self._desk = desk
        self._failed = Strip("warn", object_name="request.failed")
        self.strips.addWidget(self._failed)
        self._steps = _Steps()
        self._who = Label("", "body", wrap=True)
        self._changed = Label("", "small", tone="muted")
        self._result = Button(phrase("requests.result"), "secondary", icon="shield-check", object_name="request.result")
        self._result.clicked.connect(presenter.result)
        self._again = Button(phrase("after.ask_again"), "secondary", icon="plus", object_name="request.ask-again")
        self._again.clicked.connect(presenter.ask_again)
        self._reopen = Button(phrase("after.reopen"), "secondary", icon="undo", object_name="request.reopen")
        self._reopen.clicked.connect(presenter.reopen)
        self._until = Label("", "small", tone="muted")
        self._talk = Button("", "primary", "large", icon="chat", object_name="request.talk")
        self._talk.clicked.connect(presenter.talk)
        for widget in (self._steps, self._who, self._changed, self._result, self._reopen, self._until, self._again):
            self.body.box.addWidget(widget)
        self.body.box.setSpacing(SPACE_M)
        self.body.box.addStretch(1)
        self.foot.box.addWidget(self._talk)
        presenter.view.watch(self._show)
        desk.organisation.watch(lambda organisation: self.header.set_sample(bool(organisation and organisation.sample)))

    def _show(self, view: RequestsView) -> None:
        self._failed.setVisible(view.failed is not None)
        if view.failed is not None:
            self._failed.say(view.failed)
        one = view.one
        if one is None:
            return
        self.header.set_title(one.line.subject, one.line.number)
        self._steps.show_line(one.line)
        self._who.set_words(one.line.who)
        self._changed.set_words(At(one.updated_ms, self._desk.now_ms(), "requests.changed"))
        self._result.setVisible(one.has_result)
        self._reopen.setVisible(one.reopen_until_ms > 0)
        self._reopen.set_busy(view.reopening, phrase("after.reopening"))
        self._until.setVisible(one.reopen_until_ms > 0)
        self._until.set_words(Until(one.reopen_until_ms, "after.reopen_until"))
        self._again.setVisible(one.too_late)
        self._talk.set_words(phrase(_talk_key(one)))


def _talk_key(one: OneView) -> str:
    if not one.live:
        return "requests.read_chat"
    return "requests.open_chat" if one.line.reached > 1 else "requests.to_line"


class _Steps(Card):
    """The four steps by name, the present one in bold."""

    def __init__(self) -> None:
        super().__init__("plain", spacing=SPACE_S)
        self._bar = ThinSteps()
        self._needed = Chip(phrase("requests.answer_needed"), "warn")
        self._labels = [Label(phrase(key), "small", tone="muted") for key in STEP_KEYS]
        self.box.addWidget(self._bar)
        column = QVBoxLayout()
        column.setSpacing(4)
        for label in self._labels:
            column.addWidget(label)
        self.box.addLayout(column)
        self.box.addWidget(self._needed)

    def show_line(self, line: RequestLine) -> None:
        """Show where it stands."""
        self._bar.set_step(line.reached, 4, line.step, waiting_for_you=line.waiting_for_you)
        self._needed.setVisible(line.waiting_for_you)
        for index, label in enumerate(self._labels):
            now = index == line.reached - 1
            label.set_weight(600 if now else 400)
            label.set_tone("text" if index < line.reached else "muted")
