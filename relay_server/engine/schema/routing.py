"""Agents at work and what routing decided. A pending offer is in its conversation's row, so it cannot be told twice."""

from typing import Final

from sqlalchemy import Column, ForeignKey, Index, PrimaryKeyConstraint, Table, Text, text

from relay_server.engine.schema.base import WHOLE, metadata, partial

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
    Column("used", WHOLE, nullable=False, server_default="0"),
    partial("ix_agent_states_after", "agent_id", text("after <> ''")),
    partial("ix_agent_states_away", "agent_id", text("state = 'offline' AND used > 0")),
    partial("ix_agent_states_lost", "lost_ms", text("connected = 0 AND (state <> 'offline' OR used > 0)")),
)

seats: Final = Table(
    "seats",
    metadata,
    Column("group_id", Text, nullable=False),
    Column("load", WHOLE, nullable=False),
    Column("idle_since_ms", WHOLE, nullable=False),
    Column("agent_id", Text, nullable=False, index=True),
    Column("used", WHOLE, nullable=False),
    Column("maximum", WHOLE, nullable=False),
    PrimaryKeyConstraint("group_id", "load", "idle_since_ms", "agent_id"),
    sqlite_with_rowid=False,
)
"""Who can take something, group by group in the order in which they are asked. Made only from `agent_states`, `agents`
and `group_members`, so it refers to none of them again."""

due_groups: Final = Table("due_groups", metadata, Column("group_id", Text, primary_key=True))
"""Groups in which somebody waits and somebody is free, and which no pass of routing has looked at since."""

offer_refusals: Final = Table(
    "offer_refusals",
    metadata,
    Column("conversation_key", WHOLE, ForeignKey("conversations.key"), nullable=False),
    Column("agent_id", Text, ForeignKey("agents.id"), nullable=False),
    Column("at_ms", WHOLE, nullable=False, index=True),
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
