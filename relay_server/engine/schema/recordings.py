"""Recordings of remote sessions: the keys they are sealed to, what is known of each, and who opened it."""

from typing import Final

from sqlalchemy import Column, ForeignKey, Table, Text

from relay_server.engine.schema.base import WHOLE, metadata

recording_keys: Final = Table(
    "recording_keys",
    metadata,
    Column("id", Text, primary_key=True),
    Column("public", Text, nullable=False),
    Column("signature", Text, nullable=False),
    Column("added_ms", WHOLE, nullable=False),
)

recordings: Final = Table(
    "recordings",
    metadata,
    Column("id", Text, primary_key=True),
    Column("conversation_key", WHOLE, ForeignKey("conversations.key"), nullable=False, index=True),
    Column("session_id", Text, ForeignKey("remote_sessions.id"), nullable=False),
    Column("request_id", Text, ForeignKey("remote_asks.id"), nullable=False),
    Column("agent", Text, nullable=False),
    Column("key_id", Text, ForeignKey("recording_keys.id"), nullable=False),
    Column("started_ms", WHOLE, nullable=False),
    Column("updated_ms", WHOLE, nullable=False),
    Column("length_ms", WHOLE, nullable=False),
    Column("size_bytes", WHOLE, nullable=False),
    Column("chunks", WHOLE, nullable=False),
    Column("state", Text, nullable=False),
    Column("keep_days", WHOLE, nullable=False),
    Column("held", WHOLE, nullable=False),
    Column("deleted_ms", WHOLE, nullable=False, index=True),
)

recording_openings: Final = Table(
    "recording_openings",
    metadata,
    Column("id", Text, primary_key=True),
    Column("recording_id", Text, ForeignKey("recordings.id"), nullable=False, index=True),
    Column("agent_id", Text, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("at_ms", WHOLE, nullable=False),
)
