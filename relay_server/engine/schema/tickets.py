"""Tickets as they stand. The step log is in the stream `t/<id>`; these rows are projections of it."""

from typing import Final

from sqlalchemy import Column, ForeignKey, Index, Table, Text

from relay_server.engine.schema.base import WHOLE, metadata

ticket_numbers: Final = Table(
    "ticket_numbers",
    metadata,
    Column("year", WHOLE, primary_key=True),
    Column("last", WHOLE, nullable=False),
)

tickets: Final = Table(
    "tickets",
    metadata,
    Column("id", Text, primary_key=True),
    Column("number", Text, nullable=False, unique=True),
    Column("conversation_key", WHOLE, ForeignKey("conversations.key"), unique=True),
    Column("conversation_id", Text, nullable=False),
    Column("customer", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("category", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("priority", WHOLE, nullable=False),
    Column("group_id", Text, ForeignKey("groups.id"), nullable=False),
    Column("owner_id", Text, nullable=False),
    Column("owner", Text, nullable=False),
    Column("opened_ms", WHOLE, nullable=False),
    Column("updated_ms", WHOLE, nullable=False),
    Index("ix_tickets_group_id_updated_ms", "group_id", "updated_ms"),
    Index("ix_tickets_owner_id_updated_ms", "owner_id", "updated_ms"),
)
