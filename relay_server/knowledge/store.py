"""The rows of articles and of the words they are found by."""

from dataclasses import dataclass

from relay_server.engine.journal import Transaction
from relay_server.engine.portable import in_list
from relay_server.engine.raw import Rows
from relay_server.knowledge.rules import Posting, counts_of


@dataclass(frozen=True, slots=True)
class ArticleRow:
    """An article in one language."""

    article_id: str
    language: str
    title: str
    category: str
    body: str
    public: int
    updated_ms: int


_SELECT = "SELECT a.id, a.language, a.title, a.category, a.body, a.public, a.updated_ms FROM articles a "


def by_id(rows: Rows, article_id: str) -> ArticleRow | None:
    """The article of that id."""
    found = rows(_SELECT + "WHERE a.id = ?", (article_id,))
    return ArticleRow(*found[0]) if found else None


def after(rows: Rows, article_id: str, limit: int) -> list[ArticleRow]:
    """Articles by id, after one."""
    return [ArticleRow(*row) for row in rows(_SELECT + "WHERE a.id > ? ORDER BY a.id LIMIT ?", (article_id, limit))]


def put(tx: Transaction, article: ArticleRow) -> None:
    """Adds an article or puts it in the place of the one of that id."""
    tx.run("DELETE FROM article_words WHERE article_id = ?", (article.article_id,))
    tx.run("DELETE FROM articles WHERE id = ?", (article.article_id,))
    insert(tx, article)


def insert(tx: Transaction, article: ArticleRow) -> None:
    """Adds an article with its words."""
    tx.run(
        "INSERT INTO articles (id, language, title, category, body, public, updated_ms) VALUES (?,?,?,?,?,?,?)",
        (
            article.article_id,
            article.language,
            article.title,
            article.category,
            article.body,
            article.public,
            article.updated_ms,
        ),
    )
    for word, (title_count, body_count) in counts_of(article.title, article.body).items():
        tx.run(
            "INSERT INTO article_words (word, article_id, title_count, body_count) VALUES (?,?,?,?)",
            (word, article.article_id, title_count, body_count),
        )


def count(rows: Rows) -> int:
    """How many articles there are."""
    return rows("SELECT count(*) FROM articles", ())[0][0]


def postings(rows: Rows, words: list[str], *, public_only: bool) -> dict[str, list[Posting]]:
    """Where each word is."""
    statement, parameters = in_list(
        "SELECT w.word, w.article_id, w.title_count, w.body_count FROM article_words w"
        " JOIN articles a ON a.id = w.article_id WHERE w.word IN ? AND a.public >= ?",
        tuple(words),
        int(public_only),
    )
    by_word: dict[str, list[Posting]] = {}
    for word, *rest in rows(statement, parameters):
        by_word.setdefault(word, []).append(Posting(*rest))
    return by_word
