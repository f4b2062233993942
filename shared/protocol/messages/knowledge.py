"""Articles that answer before a person must."""

from typing import Annotated

from msgspec import Meta

from shared.protocol.messages.base import Command, Result
from shared.protocol.types import Id, Line, Millis, Value


class SearchArticles(Command, frozen=True, kw_only=True):
    """Words in Chinese or English; the best answers first."""

    words: Line
    limit: Annotated[int, Meta(ge=1, le=20)] = 5


class ArticleHit(Value, frozen=True, kw_only=True):
    """An answer in a list; `minutes` is how long reading takes."""

    article_id: Id
    title: Line
    category: Line
    minutes: int = 1
    snippet: Line = ""


class ArticleHits(Result, frozen=True, kw_only=True):
    """Possibly none."""

    words: Line
    hits: tuple[ArticleHit, ...]


class OpenArticle(Command, frozen=True, kw_only=True):
    """One article whole."""

    article_id: Id


class Article(Result, frozen=True, kw_only=True):
    """`body` is Markdown without HTML."""

    article_id: Id
    title: Line
    category: Line
    body: Annotated[str, Meta(max_length=100_000)]
    updated_ms: Millis
    minutes: int = 1
