"""What customers answered after a conversation."""

from typing import Final

from sqlalchemy import Column, ForeignKey, Table, Text

from relay_server.engine.schema.base import WHOLE, metadata

ratings: Final = Table(
    "ratings",
    metadata,
    Column("conversation_key", WHOLE, ForeignKey("conversations.key"), primary_key=True),
    Column("at_ms", WHOLE, nullable=False),
    Column("group_id", Text, nullable=False),
    Column("agent_id", Text, nullable=False),
    Column("solved", Text, nullable=False),
    Column("easy", WHOLE, nullable=False),
    Column("in_control", WHOLE, nullable=False),
    Column("comment", Text, nullable=False),
)
