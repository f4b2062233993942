"""One article: fetched when opened, kept while its page is in the stack."""

from typing import Literal

from msgspec import Struct

from customer_client.desk.relay import Failed, Relay, Spawn, ask
from customer_client.desk.routes import Ask, Routes
from shared.common.shown import Shown
from shared.protocol.messages.knowledge import Article, OpenArticle


class ArticleView(Struct, frozen=True):
    """One article, on its way, here, or why not."""

    state: Literal["busy", "here", "failed"] = "busy"
    article: Article | None = None
    failed: Failed | None = None


class ArticlePresenter:
    """Shows one article at a time."""

    def __init__(self, relay: Relay, routes: Routes, spawn: Spawn) -> None:
        self._relay, self._routes, self._spawn = relay, routes, spawn
        self._article_id = ""
        self.view = Shown(ArticleView())

    def open(self, article_id: str) -> None:
        """Fetch an article; one that is shown stays."""
        if article_id != self._article_id or self.view.value.state == "failed":
            self._article_id = article_id
            self.view.set(ArticleView())
            self._spawn(self._fetch(article_id), "article")

    def retry(self) -> None:
        """Fetch it again."""
        self.open(self._article_id)

    def ask_person(self) -> None:
        """It did not help: to the form, with the article's title as words."""
        article = self.view.value.article
        self._routes.go(Ask(article.title if article else ""))

    async def _fetch(self, article_id: str) -> None:
        answer = await ask(self._relay, OpenArticle(article_id=article_id), Article)
        if article_id != self._article_id:
            return
        if isinstance(answer, Failed):
            self.view.set(ArticleView("failed", failed=answer))
        else:
            self.view.set(ArticleView("here", answer))
