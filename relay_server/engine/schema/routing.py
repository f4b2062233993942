"""Agents at work and what routing decided. A pending offer is in its conversation's row, so it cannot be told twice."""

from typing import Final

from sqlalchemy import Column, ForeignKey, Index, PrimaryKeyConstraint, Table, Text

from relay_server.engine.schema.base import WHOLE, metadata

agent_states: Final = Table(
    "agent_states",
    metadata,
    Column("agent_id", Text, ForeignKey("agents.id"), primary_key=True),
    Column("state", Text, nullable=False),
    Column("since_ms", WHOLE, nullable=False),
    Column("reason", Text, nullable=False),
    Column("after", Text, nullable=False),
    Column("after_reason", Text, nullable=False),
    Column("idle_since_ms", WHOLE, nullable=False),
    Column("connected", WHOLE, nullable=False),
    Column("lost_ms", WHOLE, nullable=False),
)

offer_refusals: Final = Table(
    "offer_refusals",
    metadata,
    Column("conversation_key", WHOLE, ForeignKey("conversations.key"), nullable=False),
    Column("agent_id", Text, ForeignKey("agents.id"), nullable=False),
    Column("at_ms", WHOLE, nullable=False),
    PrimaryKeyConstraint("conversation_key", "agent_id"),
)

accepts: Final = Table(
    "accepts",
    metadata,
    Column("id", WHOLE, primary_key=True),
    Column("group_id", Text, ForeignKey("groups.id"), nullable=False),
    Column("at_ms", WHOLE, nullable=False),
    Column("gap_ms", WHOLE, nullable=False),
    Index("ix_accepts_group_id_id", "group_id", "id"),
)

decisions: Final = Table(
    "decisions",
    metadata,
    Column("id", WHOLE, primary_key=True),
    Column("at_ms", WHOLE, nullable=False),
    Column("conversation_key", WHOLE, ForeignKey("conversations.key"), nullable=False, index=True),
    Column("agent_id", Text, ForeignKey("agents.id"), nullable=False),
    Column("why", Text, nullable=False),
    Column("inputs", Text, nullable=False),
)
