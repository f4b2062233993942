"""Recordings of remote sessions: the keys they are sealed to, what is known of each, and who opened it."""

from typing import Final

from sqlalchemy import Column, ForeignKey, Integer, Table, Text

from relay_server.engine.schema.base import metadata

recording_keys: Final = Table(
    "recording_keys",
    metadata,
    Column("id", Text, primary_key=True),
    Column("public", Text, nullable=False),
    Column("signature", Text, nullable=False),
    Column("added_ms", Integer, nullable=False),
)

recordings: Final = Table(
    "recordings",
    metadata,
    Column("id", Text, primary_key=True),
    Column("conversation_key", Integer, ForeignKey("conversations.key"), nullable=False, index=True),
    Column("session_id", Text, ForeignKey("remote_sessions.id"), nullable=False),
    Column("request_id", Text, ForeignKey("remote_asks.id"), nullable=False),
    Column("agent", Text, nullable=False),
    Column("key_id", Text, ForeignKey("recording_keys.id"), nullable=False),
    Column("started_ms", Integer, nullable=False),
    Column("updated_ms", Integer, nullable=False),
    Column("length_ms", Integer, nullable=False),
    Column("size_bytes", Integer, nullable=False),
    Column("chunks", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("keep_days", Integer, nullable=False),
    Column("held", Integer, nullable=False),
    Column("deleted_ms", Integer, nullable=False, index=True),
)

recording_openings: Final = Table(
    "recording_openings",
    metadata,
    Column("id", Text, primary_key=True),
    Column("recording_id", Text, ForeignKey("recordings.id"), nullable=False, index=True),
    Column("agent_id", Text, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("at_ms", Integer, nullable=False),
)
