"""Finding and reading articles. Customers find public ones only."""

from relay_server.engine.journal import Journal
from relay_server.engine.raw import Rows, rows_of
from relay_server.identity.actors import Actor, AgentActor
from relay_server.identity.permissions import refuse
from relay_server.knowledge import rules, store
from shared.protocol.frames import Refused
from shared.protocol.messages.knowledge import Article, ArticleHit, ArticleHits, OpenArticle, SearchArticles


class Knowledge:
    """Answers before a person must."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    async def search_articles(self, actor: Actor, command: SearchArticles) -> ArticleHits | Refused:
        """The best answers first; none for no words."""
        if refused := refuse(actor, "article.read"):
            return refused
        public_only = not isinstance(actor, AgentActor)
        hits = await self._journal.read(lambda sql: _search(rows_of(sql), command, public_only=public_only))
        return ArticleHits(words=command.words, hits=hits)

    async def open_article(self, actor: Actor, command: OpenArticle) -> Article | Refused:
        """Refused: `not_found`."""
        if refused := refuse(actor, "article.read"):
            return refused
        found = await self._journal.read(lambda sql: store.by_id(rows_of(sql), command.article_id))
        if found is None or not (found.public or isinstance(actor, AgentActor)):
            return Refused(code="not_found")
        return Article(
            article_id=found.article_id,
            title=found.title,
            category=found.category,
            body=found.body,
            updated_ms=found.updated_ms,
            minutes=rules.minutes_to_read(found.body),
        )


def _search(rows: Rows, command: SearchArticles, *, public_only: bool) -> tuple[ArticleHit, ...]:
    asked = rules.question_words(command.words)
    if not asked:
        return ()
    best = rules.ranked(asked, store.postings(rows, asked, public_only=public_only), store.count(rows))
    found = (store.by_id(rows, article_id) for article_id, _ in best[: command.limit])
    return tuple(_hit(article, asked) for article in found if article)


def _hit(article: store.ArticleRow, asked: list[str]) -> ArticleHit:
    return ArticleHit(
        article_id=article.article_id,
        title=article.title,
        category=article.category,
        minutes=rules.minutes_to_read(article.body),
        snippet=rules.snippet(article.body, asked),
    )
