"""One article, from Markdown without HTML; nothing in it is fetched from anywhere."""

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices, QPalette, QTextBlockFormat, QTextCursor, QTextDocument
from PySide6.QtWidgets import QFrame, QTextBrowser
from typing_extensions import override

from customer_client.desk.desk import Desk
from customer_client.desk.routes import Routes
from customer_client.home.article import ArticlePresenter, ArticleView
from customer_client.parts.page import Page
from shared.strings import Words, phrase
from shared.ui.theme import SPACE_L, SPACE_M, SPACE_XS, theme
from shared.ui.widgets import Button, Label, PageHeader, Strip
from shared.ui.words import name_widget

_LINE_PERCENT = 125
_SCHEMES = frozenset({"https", "http", "mailto"})


class ArticleText(QTextBrowser):
    """Shows Markdown. Pictures and other resources are never loaded; web links open in the browser."""

    def __init__(self) -> None:
        super().__init__()
        self._markdown = ""
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setOpenLinks(False)
        self.anchorClicked.connect(_open)
        self.document().setDocumentMargin(SPACE_L)
        name_widget(self, phrase("home.article"), "article.text")
        theme().changed.connect(self._restyle)

    @override
    def loadResource(self, type_: int, name: QUrl | str) -> object:
        return None

    def show_markdown(self, markdown: str) -> None:
        """Show another text, from its top."""
        self._markdown = markdown
        self._restyle()

    def _restyle(self) -> None:
        look = theme()
        self.setStyleSheet("QTextBrowser { background: transparent; border: none; padding: 0; }")
        palette = self.palette()
        palette.setColor(QPalette.ColorRole.Link, look.colour("accent"))
        palette.setColor(QPalette.ColorRole.Text, look.colour("text"))
        self.setPalette(palette)
        self.document().setDefaultFont(look.font("body"))
        self.document().setMarkdown(self._markdown, QTextDocument.MarkdownFeature.MarkdownNoHTML)
        self.document().setDocumentMargin(SPACE_L)
        self._air()

    def _air(self) -> None:
        """Room between paragraphs and lines, which Markdown itself does not ask for."""
        block = self.document().begin()
        while block.isValid():
            shape = block.blockFormat()
            shape.setBottomMargin(SPACE_XS if block.textList() else SPACE_M)
            shape.setLineHeight(_LINE_PERCENT, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)
            QTextCursor(block).setBlockFormat(shape)
            block = block.next()


class ArticlePage(Page):
    """Title, text, and a person if it did not help."""

    def __init__(self, presenter: ArticlePresenter, routes: Routes, desk: Desk) -> None:
        super().__init__(PageHeader("", object_name="article.header"), "article")
        self._desk = desk
        self.header.back.connect(routes.back)
        self._failed = Strip("warn", action=phrase("home.article_retry"), object_name="article.failed")
        self._failed.acted.connect(presenter.retry)
        self.strips.addWidget(self._failed)
        self._text = ArticleText()
        self._busy = Label(phrase("home.article_loading"), "body", tone="muted")
        self._busy.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.body.box.setContentsMargins(0, 0, 0, 0)
        self.body.box.addWidget(self._busy)
        self.body.box.addWidget(self._text, 1)
        helps = Label(phrase("home.article_helps"), "small", tone="muted")
        helps.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        ask = Button(phrase("home.talk"), "secondary", "medium", icon="headset", object_name="article.talk")
        ask.clicked.connect(presenter.ask_person)
        self.foot.box.addWidget(helps)
        self.foot.box.addWidget(ask)
        presenter.view.watch(self._show)

    @override
    def entered(self) -> None:
        self._text.setFocus(Qt.FocusReason.OtherFocusReason)

    def _show(self, view: ArticleView) -> None:
        self._busy.setVisible(view.state == "busy")
        self._failed.setVisible(view.state == "failed")
        self._text.setVisible(view.state == "here")
        if view.failed is not None:
            self._failed.say(view.failed, lead=phrase("home.article_failed"), action=phrase("home.article_retry"))
        article = view.article
        self.header.set_title(article.title if article else phrase("home.article"), self._detail(view))
        if article is not None:
            self._text.show_markdown(article.body)

    def _detail(self, view: ArticleView) -> Words:
        return self._desk.reading(view.article) if view.article else ""


def _open(url: QUrl) -> None:
    if url.scheme() in _SCHEMES:
        QDesktopServices.openUrl(url)
