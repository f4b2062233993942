"""Search as the person types, newest question wins; and the article that is read."""

from typing import Final

from msgspec import Struct, structs

from agent_app.desk.relay import Failed, Relay, Spawn, ask
from shared.common.shown import Shown
from shared.protocol.messages.knowledge import Article, ArticleHit, ArticleHits, OpenArticle, SearchArticles

LIMIT: Final = 20
MAX_WORDS: Final = 200


class KnowledgeView(Struct, frozen=True, kw_only=True):
    """`searched` are the words that `hits` answer; empty before the first search."""

    words: str = ""
    searched: str = ""
    hits: tuple[ArticleHit, ...] = ()
    busy: bool = False
    article: Article | None = None
    opening: str = ""
    problem: Failed | None = None


class KnowledgePresenter:
    """One search at a time; words typed meanwhile are searched next."""

    def __init__(self, relay: Relay, spawn: Spawn) -> None:
        self._relay, self._spawn = relay, spawn
        self.view = Shown(KnowledgeView())

    def search(self, words: str) -> None:
        """Look for words; empty ones clear the list."""
        words = words.strip()[:MAX_WORDS]
        self._change(words=words)
        if not words:
            self._change(searched="", hits=(), problem=None)
        elif not self.view.value.busy:
            self._change(busy=True)
            self._spawn(self._search(), "search articles")

    def read(self, article_id: str) -> None:
        """Open one."""
        self._change(opening=article_id, problem=None)
        self._spawn(self._read(article_id), "open article")

    def leave(self) -> None:
        """Back to the list."""
        self._change(article=None, opening="")

    async def _search(self) -> None:
        searched = ""
        while (words := self.view.value.words) and words != searched:
            answer = await ask(self._relay, SearchArticles(words=words, limit=LIMIT), ArticleHits)
            searched = words
            if isinstance(answer, Failed):
                self._change(problem=answer)
                break
            if self.view.value.words:
                self._change(searched=words, hits=answer.hits, problem=None)
        self._change(busy=False)

    async def _read(self, article_id: str) -> None:
        answer = await ask(self._relay, OpenArticle(article_id=article_id), Article)
        if self.view.value.opening != article_id:
            return
        failed = isinstance(answer, Failed)
        self._change(opening="", article=None if failed else answer, problem=answer if failed else None)

    def _change(self, **fields: object) -> None:
        self.view.set(structs.replace(self.view.value, **fields))
