"""Articles as other programs keep them: listed, written, taken in from elsewhere."""

from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from relay_server.customers.rules import plain_line
from relay_server.engine import audit
from relay_server.engine.journal import Transaction
from relay_server.engine.raw import Rows
from relay_server.identity.actors import KeyActor
from relay_server.identity.permissions import refuse
from relay_server.knowledge import store
from relay_server.knowledge.store import ArticleRow
from shared.common.ids import new_id
from shared.protocol.frames import Refused
from shared.protocol.messages.organisation import Language
from shared.protocol.types import Id, Line, Millis

Title = Annotated[str, Meta(min_length=1, max_length=200)]
Body = Annotated[str, Meta(max_length=100_000)]


class ArticleDocument(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An article in one language; `body` is Markdown without HTML, `public` ones are shown to customers."""

    article_id: Id
    language: Language
    title: Title
    category: Line = ""
    body: Body = ""
    public: bool = False
    updated_ms: Millis = 0


class NewArticle(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is written; the same replaces an article whole."""

    language: Language
    title: Title
    category: Line = ""
    body: Body = ""
    public: bool = False


def document_of(row: ArticleRow) -> ArticleDocument:
    """A row as others read it."""
    return msgspec.convert(
        {
            "article_id": row.article_id,
            "language": row.language,
            "title": row.title,
            "category": row.category,
            "body": row.body,
            "public": bool(row.public),
            "updated_ms": row.updated_ms,
        },
        ArticleDocument,
    )


def listed(rows: Rows, actor: KeyActor, after: str, limit: int) -> list[ArticleDocument] | Refused:
    """By id, after one."""
    return refuse(actor, "article.read") or page(rows, after, limit)


def page(rows: Rows, after: str, limit: int) -> list[ArticleDocument]:
    """By id, after one."""
    return [document_of(each) for each in store.after(rows, after, limit)]


def read(rows: Rows, actor: KeyActor, article_id: str) -> ArticleDocument | Refused:
    """Refused: `not_allowed`, `not_found`."""
    if refused := refuse(actor, "article.read"):
        return refused
    found = store.by_id(rows, article_id)
    return document_of(found) if found else Refused(code="not_found")


def create(tx: Transaction, actor: KeyActor, new: NewArticle) -> ArticleDocument | Refused:
    """Refused: `not_allowed`, `form_incomplete`."""
    return _written(tx, actor, _document(new_id(), new, tx.now_ms), "article_created")


def rewrite(tx: Transaction, actor: KeyActor, known: ArticleDocument, new: NewArticle) -> ArticleDocument | Refused:
    """Refused: `not_allowed`, `form_incomplete`."""
    return _written(tx, actor, _document(known.article_id, new, tx.now_ms), "article_changed")


def put(tx: Transaction, document: ArticleDocument) -> str | Refused:
    """Takes one in from elsewhere: `created`, `changed` or `same`. Refused: `form_incomplete`."""
    kept = _plain(document)
    if isinstance(kept, Refused):
        return kept
    found = store.by_id(tx.rows, kept.article_id)
    if found is not None and document_of(found) == kept:
        return "same"
    store.put(tx, _row(kept))
    return "changed" if found else "created"


def _written(tx: Transaction, actor: KeyActor, document: ArticleDocument, what: str) -> ArticleDocument | Refused:
    if refused := refuse(actor, "article.write"):
        return refused
    done = put(tx, document)
    if isinstance(done, Refused):
        return done
    audit.record(tx, actor.id, what, document.article_id)
    found = store.by_id(tx.rows, document.article_id)
    return document_of(found) if found else Refused(code="not_found")


def _document(article_id: str, new: NewArticle, now_ms: int) -> ArticleDocument:
    return ArticleDocument(article_id=article_id, updated_ms=now_ms, **msgspec.structs.asdict(new))


def _plain(document: ArticleDocument) -> ArticleDocument | Refused:
    title = plain_line(document.title)
    if not title:
        return Refused(code="form_incomplete", params={"fields": "title"})
    return msgspec.structs.replace(document, title=title, category=plain_line(document.category))


def _row(document: ArticleDocument) -> ArticleRow:
    return ArticleRow(
        article_id=document.article_id,
        language=document.language,
        title=document.title,
        category=document.category,
        body=document.body,
        public=int(document.public),
        updated_ms=document.updated_ms,
    )
