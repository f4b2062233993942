"""The column beside a conversation: customer, request, ticket, articles."""

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QTabBar, QVBoxLayout, QWidget
from typing_extensions import override

from agent_app.conversation.context import ContextPresenter, ContextView
from agent_app.desk.moments import moment
from agent_app.desk.words import Fact, Words
from agent_app.knowledge.presenter import KnowledgePresenter
from agent_app.knowledge.search_box import ArticleSearch
from agent_app.parts.facts import FactsGrid
from agent_app.parts.section import Section
from shared.protocol.messages.organisation import CustomerCard, RequestView
from shared.strings import phrase
from shared.ui.theme import SPACE_M, SPACE_S, theme
from shared.ui.widgets import Avatar, Button, Chip, ElidedLabel, Label, PageBody, Rule, Strip, vip_chip
from shared.ui.words import name_widget

_TABS = ("customer", "form", "ticket", "articles")
_MAX_REQUESTS = 6


class ContextColumn(QWidget):
    """`ticket_opened(ticket_id)`."""

    ticket_opened = Signal(str)

    def __init__(
        self,
        presenter: ContextPresenter,
        articles: KnowledgePresenter,
        now: Callable[[], int],
        category_name: Callable[[str], Words],
    ) -> None:
        super().__init__()
        self._now, self._category_name = now, category_name
        self._ticket_id = ""
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setProperty("fill", "surface")
        self._tabs = QTabBar()
        self._tabs.setDrawBase(False)
        self._tabs.setExpanding(False)
        self._tabs.setUsesScrollButtons(False)
        name_widget(self._tabs, phrase("conversation.context"), "context.tabs")
        for name in _TABS:
            self._tabs.addTab(phrase(f"conversation.tab_{name}")())
        self._pages = QStackedWidget()
        self._problem = Strip("danger", rounded=True, action=phrase("desk.try_again"), object_name="context.problem")
        self._problem.acted.connect(presenter.reload)
        for page in (self._customer_page(), self._form_page(), self._ticket_page(), self._articles_page(articles)):
            self._pages.addWidget(page)
        self._tabs.currentChanged.connect(self._pages.setCurrentIndex)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._tabs)
        column.addWidget(Rule())
        column.addWidget(self._problem)
        column.addWidget(self._pages, 1)
        theme().language_changed.connect(self._relabel)
        theme().changed.connect(self._restyle)
        self._restyle()
        presenter.view.watch(self._show)

    @override
    def sizeHint(self) -> QSize:
        return QSize(theme().px(280), 400)

    def _customer_page(self) -> QWidget:
        self._avatar = Avatar(" ", "customer", 48)
        self._name = ElidedLabel("", "lead", weight=600)
        self._company = ElidedLabel("", "small", tone="muted")
        self._vip = vip_chip("")
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(self._name)
        words.addWidget(self._company)
        head = QHBoxLayout()
        head.setSpacing(SPACE_M)
        head.addWidget(self._avatar)
        head.addLayout(words, 1)
        self._facts = FactsGrid()
        self._requests = Section(phrase("conversation.last_requests"))
        body = _body()
        body.box.addLayout(head)
        body.box.addWidget(self._vip, 0, Qt.AlignmentFlag.AlignLeft)
        for widget in (self._facts, Rule(), self._requests):
            body.box.addWidget(widget)
        body.box.addStretch(1)
        return body

    def _form_page(self) -> QWidget:
        self._answers, self._system = FactsGrid(), FactsGrid()
        self._no_answers = Label(phrase("conversation.no_answers"), "small", tone="muted", wrap=True)
        self._no_system = Label(phrase("conversation.no_system"), "small", tone="muted", wrap=True)
        answers, system = Section(phrase("conversation.answers")), Section(phrase("conversation.system"))
        for section, widgets in (
            (answers, (self._answers, self._no_answers)),
            (system, (self._system, self._no_system)),
        ):
            for widget in widgets:
                section.box.addWidget(widget)
        body = _body()
        for widget in (answers, Rule(), system):
            body.box.addWidget(widget)
        body.box.addStretch(1)
        return body

    def _ticket_page(self) -> QWidget:
        self._number = Label("", "lead", weight=600, selectable=True)
        self._state = Chip(" ", "info")
        self._ticket_facts = FactsGrid()
        self._open_ticket = Button(
            phrase("conversation.open_ticket"), "secondary", "small", icon="ticket", object_name="context.open-ticket"
        )
        self._open_ticket.clicked.connect(lambda: self.ticket_opened.emit(self._ticket_id))
        head = QHBoxLayout()
        head.addWidget(self._number, 1)
        head.addWidget(self._state)
        body = _body()
        body.box.addLayout(head)
        body.box.addWidget(self._ticket_facts)
        body.box.addWidget(self._open_ticket, 0, Qt.AlignmentFlag.AlignLeft)
        body.box.addStretch(1)
        return body

    def _articles_page(self, articles: KnowledgePresenter) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(SPACE_M, SPACE_M, SPACE_M, SPACE_M)
        column.addWidget(
            ArticleSearch(articles, phrase("conversation.search_articles"), dense=True, object_name="context.search")
        )
        return page

    def _show(self, view: ContextView) -> None:
        problem = view.customer_problem or view.ticket_problem
        self._problem.setVisible(problem is not None)
        if problem is not None:
            self._problem.say(problem, action=phrase("desk.try_again"))
        if view.customer is not None:
            self._show_customer(view.customer)
        self._answers.set_facts(view.answers)
        self._no_answers.setVisible(not view.answers)
        self._system.set_facts(view.system)
        self._no_system.setVisible(not view.system)
        self._show_ticket(view)

    def _show_customer(self, card: CustomerCard) -> None:
        vip = card.vip_level > 0
        self._avatar.set_person(card.customer.name, "vip" if vip else "customer")
        self._name.set_words(card.customer.name)
        self._company.set_words(card.organisation)
        self._vip.setVisible(vip)
        seen = moment(card.first_seen_ms, self._now()) if card.first_seen_ms else ""
        values = (("email", card.email), ("phone", card.phone), ("first_seen", seen))
        self._facts.set_facts([Fact(phrase(f"conversation.{key}"), value) for key, value in values if value])
        _clear(self._requests.box)
        if not card.requests:
            self._requests.box.addWidget(Label(phrase("conversation.no_requests"), "small", tone="muted"))
        for request in card.requests[:_MAX_REQUESTS]:
            self._requests.box.addWidget(self._request(request))

    def _request(self, request: RequestView) -> QWidget:
        line = QWidget()
        row = QHBoxLayout(line)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACE_S)
        number = Button(request.number or "-", "link", "tiny")
        number.setEnabled(bool(request.ticket_id))
        number.clicked.connect(lambda: self.ticket_opened.emit(request.ticket_id))
        row.addWidget(number)
        row.addWidget(ElidedLabel(request.subject, "small"), 1)
        row.addWidget(Label(moment(request.updated_ms, self._now()), "small", tone="muted"))
        return line

    def _show_ticket(self, view: ContextView) -> None:
        row = view.ticket
        self._ticket_id = row.ticket_id if row else ""
        for widget in (self._state, self._ticket_facts, self._open_ticket):
            widget.setVisible(row is not None)
        if row is None:
            self._number.set_words(phrase("conversation.no_ticket"))
            return
        self._number.set_words(row.number)
        self._state.set_words(phrase(f"tickets.state_{row.state}"))
        self._ticket_facts.set_facts(
            (
                Fact(phrase("tickets.col_subject"), row.subject),
                Fact(phrase("tickets.priority"), phrase(f"tickets.priority_{row.priority}")),
                Fact(
                    phrase("tickets.category"),
                    self._category_name(row.category) if row.category else phrase("tickets.no_category"),
                ),
                Fact(phrase("tickets.owner"), row.owner.name if row.owner else phrase("tickets.nobody")),
            )
        )

    def _relabel(self) -> None:
        for place, name in enumerate(_TABS):
            self._tabs.setTabText(place, phrase(f"conversation.tab_{name}")())

    def _restyle(self) -> None:
        self._tabs.setFont(theme().font("small", 500))


def _body() -> PageBody:
    body = PageBody(edge=SPACE_M, spacing=SPACE_M)
    if (inside := body.widget()) is not None:
        inside.setProperty("fill", "surface")
    return body


def _clear(box: QVBoxLayout) -> None:
    while (item := box.takeAt(0)) is not None:
        if widget := item.widget():
            widget.hide()
            widget.deleteLater()
