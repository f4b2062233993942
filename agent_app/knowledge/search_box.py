"""Searching articles and reading one: the same in the knowledge page and beside a conversation."""

from datetime import date

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QStackedWidget, QTextBrowser, QVBoxLayout, QWidget

from agent_app.desk.moments import local
from agent_app.knowledge.presenter import KnowledgePresenter, KnowledgeView
from shared.strings import phrase, short_date, text
from shared.ui.theme import SPACE_M, SPACE_S, theme
from shared.ui.widgets import Answer, Button, EmptyState, Label, SearchField, Strip
from shared.ui.words import Words, name_widget


class ArticleSearch(QWidget):
    """`dense` for the narrow column. Articles are Markdown without HTML and load nothing."""

    def __init__(self, presenter: KnowledgePresenter, placeholder: Words, *, dense: bool, object_name: str) -> None:
        super().__init__()
        self._presenter = presenter
        self._article_id = ""
        self._field = SearchField(
            placeholder, phrase("knowledge.hits"), height_px=32 if dense else 48, object_name=object_name
        )
        self._field.asked.connect(presenter.search)
        self._field.opened.connect(presenter.read)
        self._empty = EmptyState("book", phrase("knowledge.start_title"), phrase("knowledge.start_text"))
        self._problem = Strip("danger", rounded=True, object_name=f"{object_name}.problem")
        self._stack = QStackedWidget()
        self._stack.addWidget(self._list_page())
        self._stack.addWidget(self._article_page(object_name))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._stack)
        presenter.view.watch(self._show)
        theme().changed.connect(self._restyle)
        self._restyle()

    def focus_search(self) -> None:
        """Put the cursor into the search field."""
        self._field.setFocus()

    def _list_page(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE_S)
        column.addWidget(self._field, 0, Qt.AlignmentFlag.AlignTop)
        column.addWidget(self._problem)
        column.addWidget(self._empty, 1)
        return page

    def _article_page(self, object_name: str) -> QWidget:
        page = QWidget()
        back = Button(
            phrase("knowledge.back"), "ghost", "small", icon="chevron-left", object_name=f"{object_name}.back"
        )
        back.clicked.connect(self._presenter.leave)
        self._title = Label("", "lead", weight=600, wrap=True, selectable=True)
        self._meta = Label("", "small", tone="muted", wrap=True)
        self._body = QTextBrowser()
        self._body.setOpenLinks(False)
        self._body.setProperty("bare", "true")
        name_widget(self._body, phrase("knowledge.article"), f"{object_name}.article")
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE_S)
        column.addWidget(back, 0, Qt.AlignmentFlag.AlignLeft)
        for widget in (self._title, self._meta):
            column.addWidget(widget)
        column.addSpacing(SPACE_M)
        column.addWidget(self._body, 1)
        return page

    def _show(self, view: KnowledgeView) -> None:
        self._field.set_answers(
            [
                Answer(
                    hit.article_id,
                    hit.title,
                    text("knowledge.hit", category=hit.category, count=hit.minutes),
                    "document",
                )
                for hit in view.hits
            ]
        )
        nothing = not view.hits
        self._empty.setVisible(nothing)
        state = "none" if view.searched else "start"
        self._empty.say(phrase(f"knowledge.{state}_title"), phrase(f"knowledge.{state}_text"))
        self._problem.setVisible(view.problem is not None)
        if view.problem is not None:
            self._problem.say(view.problem)
        self._stack.setCurrentIndex(0 if view.article is None else 1)
        if view.article is not None and view.article.article_id != self._article_id:
            article = view.article
            self._title.set_words(article.title)
            self._meta.set_words(
                lambda: text("knowledge.updated", category=article.category, date=_day(article.updated_ms))
            )
            self._body.setMarkdown(article.body)
        self._article_id = view.article.article_id if view.article else ""

    def _restyle(self) -> None:
        self._body.setFont(theme().font("body"))
        self._body.document().setDefaultFont(theme().font("body"))


def _day(at_ms: int) -> str:
    day: date = local(at_ms).date()
    return short_date(day)
