"""The engine's own tables: the events in their streams, the cursors of folds, the audit chain.

`events.position` is the global order, gapless; (`stream_id`, `seq`) is the place in a stream, gapless from 1. Streams
have integer ids because long text keys cost more than twice the time in an index. `events.position` and
`audit.id` are given out by the one writer, never by a sequence, which would leave gaps.
"""

from typing import Final

from sqlalchemy import Column, ForeignKey, Table, Text, UniqueConstraint

from relay_server.engine.schema.base import WHOLE, metadata

streams: Final = Table(
    "streams",
    metadata,
    Column("id", WHOLE, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
)

events: Final = Table(
    "events",
    metadata,
    Column("position", WHOLE, primary_key=True, autoincrement=False),
    Column("stream_id", WHOLE, ForeignKey("streams.id"), nullable=False),
    Column("seq", WHOLE, nullable=False),
    Column("at_ms", WHOLE, nullable=False),
    Column("kind", Text, nullable=False),
    Column("body", Text, nullable=False),
    UniqueConstraint("stream_id", "seq"),
)

fold_cursors: Final = Table(
    "fold_cursors",
    metadata,
    Column("name", Text, primary_key=True),
    Column("position", WHOLE, nullable=False),
)

fold_failures: Final = Table(
    "fold_failures",
    metadata,
    Column("id", WHOLE, primary_key=True),
    Column("name", Text, nullable=False),
    Column("position", WHOLE, nullable=False),
    Column("at_ms", WHOLE, nullable=False),
    Column("error", Text, nullable=False),
)

audit: Final = Table(
    "audit",
    metadata,
    Column("id", WHOLE, primary_key=True, autoincrement=False),
    Column("at_ms", WHOLE, nullable=False),
    Column("actor", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("previous", Text, nullable=False),
    Column("digest", Text, nullable=False),
)
