"""What customers answered after a conversation."""

from typing import Final

from sqlalchemy import Column, ForeignKey, Integer, Table, Text

from relay_server.engine.schema.base import metadata

ratings: Final = Table(
    "ratings",
    metadata,
    Column("conversation_key", Integer, ForeignKey("conversations.key"), primary_key=True),
    Column("at_ms", Integer, nullable=False),
    Column("group_id", Text, nullable=False),
    Column("agent_id", Text, nullable=False),
    Column("solved", Text, nullable=False),
    Column("easy", Integer, nullable=False),
    Column("in_control", Integer, nullable=False),
    Column("comment", Text, nullable=False),
)
