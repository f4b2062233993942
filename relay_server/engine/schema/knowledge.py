"""Articles, one row a language, and the words they are found by."""

from typing import Final

from sqlalchemy import Column, ForeignKey, PrimaryKeyConstraint, Table, Text

from relay_server.engine.schema.base import WHOLE, metadata

articles: Final = Table(
    "articles",
    metadata,
    Column("id", Text, primary_key=True),
    Column("language", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("category", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("public", WHOLE, nullable=False),
    Column("updated_ms", WHOLE, nullable=False),
)

article_words: Final = Table(
    "article_words",
    metadata,
    Column("word", Text, nullable=False),
    Column("article_id", Text, ForeignKey("articles.id"), nullable=False),
    Column("title_count", WHOLE, nullable=False),
    Column("body_count", WHOLE, nullable=False),
    PrimaryKeyConstraint("word", "article_id"),
    sqlite_with_rowid=False,
)
