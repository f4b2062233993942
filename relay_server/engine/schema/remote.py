"""Remote sessions on record: what was asked, granted and signed."""

from typing import Final

from sqlalchemy import Column, ForeignKey, Index, PrimaryKeyConstraint, Table, Text

from relay_server.engine.schema.base import WHOLE, metadata

remote_sessions: Final = Table(
    "remote_sessions",
    metadata,
    Column("id", Text, primary_key=True),
    Column("conversation_key", WHOLE, ForeignKey("conversations.key"), nullable=False, index=True),
    Column("state", Text, nullable=False, index=True),
    Column("agent", Text, nullable=False),
    Column("asked_ms", WHOLE, nullable=False),
    Column("ended_ms", WHOLE, nullable=False),
)

remote_asks: Final = Table(
    "remote_asks",
    metadata,
    Column("id", Text, primary_key=True),
    Column("session_id", Text, ForeignKey("remote_sessions.id"), nullable=False, index=True),
    Column("conversation_key", WHOLE, ForeignKey("conversations.key"), nullable=False),
    Column("agent", Text, nullable=False),
    Column("capabilities", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("expires_ms", WHOLE, nullable=False),
)

remote_grants: Final = Table(
    "remote_grants",
    metadata,
    Column("session_id", Text, ForeignKey("remote_sessions.id"), nullable=False),
    Column("agent_id", Text, nullable=False),
    Column("capability", Text, nullable=False),
    Column("until_ms", WHOLE, nullable=False),
    Column("ended_ms", WHOLE, nullable=False),
    PrimaryKeyConstraint("session_id", "agent_id", "capability"),
)

receipts: Final = Table(
    "receipts",
    metadata,
    Column("session_id", Text, ForeignKey("remote_sessions.id"), primary_key=True),
    Column("conversation_key", WHOLE, ForeignKey("conversations.key"), nullable=False),
    Column("at_ms", WHOLE, nullable=False),
    Column("digest", Text, nullable=False),
    Column("receipt", Text, nullable=False),
    Index("ix_receipts_conversation_key_at_ms", "conversation_key", "at_ms"),
)
