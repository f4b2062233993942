"""Routes of articles."""

from typing import Final

from msgspec import Struct

from relay_server.api.routes import Call, Nothing, Pages, Route, after_id, cursor_of
from relay_server.engine.journal import Transaction
from relay_server.engine.raw import Rows
from relay_server.knowledge import records
from relay_server.knowledge.records import ArticleDocument, NewArticle
from shared.protocol.frames import Refused


class ArticlePage(Struct, frozen=True, kw_only=True):
    """By id; `next_cursor` is empty on the last page."""

    items: tuple[ArticleDocument, ...]
    next_cursor: str


def _list(rows: Rows, call: Call[Pages, None]) -> ArticlePage | Refused:
    after = after_id(call.query.cursor)
    if isinstance(after, Refused):
        return after
    found = records.listed(rows, call.actor, after, call.query.limit)
    if isinstance(found, Refused):
        return found
    full = len(found) == call.query.limit
    return ArticlePage(items=tuple(found), next_cursor=cursor_of(found[-1].article_id) if full else "")


def _read(rows: Rows, call: Call[Nothing, None]) -> ArticleDocument | Refused:
    return records.read(rows, call.actor, call.path["article_id"])


def _create(tx: Transaction, call: Call[Nothing, NewArticle]) -> ArticleDocument | Refused:
    return records.create(tx, call.actor, call.body)


def _rewrite(tx: Transaction, call: Call[Nothing, NewArticle]) -> ArticleDocument | Refused:
    known = records.read(tx.rows, call.actor, call.path["article_id"])
    if isinstance(known, Refused):
        return known
    return call.current(known) or records.rewrite(tx, call.actor, known, call.body)


ROUTES: Final = (
    Route(
        method="GET",
        path="/articles",
        name="list_articles",
        summary="Articles by id, public and internal",
        scope="read:articles",
        query=Pages,
        answer=ArticlePage,
        read=_list,
    ),
    Route(
        method="POST",
        path="/articles",
        name="create_article",
        summary="A new article in one language",
        scope="write:articles",
        body=NewArticle,
        answer=ArticleDocument,
        status=201,
        etag=True,
        repeats=True,
        write=_create,
    ),
    Route(
        method="GET",
        path="/articles/{article_id}",
        name="read_article",
        summary="One article",
        scope="read:articles",
        answer=ArticleDocument,
        etag=True,
        read=_read,
    ),
    Route(
        method="PUT",
        path="/articles/{article_id}",
        name="rewrite_article",
        summary="Puts an article in the place of the one that is there",
        scope="write:articles",
        body=NewArticle,
        answer=ArticleDocument,
        etag=True,
        matches=True,
        write=_rewrite,
    ),
)
