"""The relays that serve this store, and who has a link to which of them."""

from typing import Final

from sqlalchemy import Column, ForeignKey, PrimaryKeyConstraint, Table, Text

from relay_server.engine.schema.base import WHOLE, metadata

nodes: Final = Table(
    "nodes",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False, index=True),
    Column("host", Text, nullable=False),
    Column("files", Text, nullable=False),
    Column("started_ms", WHOLE, nullable=False),
    Column("beat", WHOLE, nullable=False),
    Column("beat_ms", WHOLE, nullable=False),
    Column("dead_ms", WHOLE, nullable=False),
)
"""`id` is one run of a relay, `name` its data directory, `files` the directory of files it sees; `beat` goes up as long
as it lives; `dead_ms` is when it ended or was declared dead (0: it lives)."""

presences: Final = Table(
    "presences",
    metadata,
    Column("person_id", Text, nullable=False),
    Column("node_id", Text, ForeignKey("nodes.id"), nullable=False, index=True),
    Column("person", Text, nullable=False),
    Column("since_ms", WHOLE, nullable=False),
    PrimaryKeyConstraint("person_id", "node_id"),
)
