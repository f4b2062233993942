"""Conversations as they stand: projections of the events in their two streams, written in the same transaction.

`key` is a small integer because the hot path joins on it; `id` is the client's own.
"""

from typing import Final

from sqlalchemy import Column, ForeignKey, Index, PrimaryKeyConstraint, Table, Text, text

from relay_server.engine.schema.base import WHOLE, metadata, partial

conversations: Final = Table(
    "conversations",
    metadata,
    Column("key", WHOLE, primary_key=True),
    Column("id", Text, nullable=False, unique=True),
    Column("customer_id", Text, ForeignKey("customers.id"), nullable=False, index=True),
    Column("customer_name", Text, nullable=False),
    Column("vip_level", WHOLE, nullable=False),
    Column("subject", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("group_id", Text, ForeignKey("groups.id"), nullable=False),
    Column("owner_id", Text, nullable=False),
    Column("owner", Text, nullable=False),
    Column("opened_ms", WHOLE, nullable=False),
    Column("since_ms", WHOLE, nullable=False),
    Column("rank_ms", WHOLE, nullable=False),
    Column("offered_to", Text, nullable=False),
    Column("offered", Text, nullable=False),
    Column("offer_ms", WHOLE, nullable=False),
    Column("deadline_ms", WHOLE, nullable=False),
    Column("last_text", Text, nullable=False),
    Column("last_at_ms", WHOLE, nullable=False),
    Column("last_by", Text, nullable=False),
    Column("last_chat_seq", WHOLE, nullable=False),
    Column("unread", WHOLE, nullable=False),
    Column("ended_ms", WHOLE, nullable=False),
    Column("reopen_until_ms", WHOLE, nullable=False),
    Column("rated", WHOLE, nullable=False),
    Column("updated_ms", WHOLE, nullable=False),
    Column("ticket_id", Text, nullable=False),
    Column("ticket_number", Text, nullable=False),
    Column("ticket_state", Text, nullable=False),
    Index("ix_conversations_waiting", "state", "group_id", "rank_ms"),
    partial("ix_conversations_owner", "owner_id", text("owner_id <> ''")),
    partial("ix_conversations_offered", "offered_to", text("offered_to <> ''")),
    partial("ix_conversations_deadline", "deadline_ms", text("offered_to <> ''")),
    partial("ix_conversations_ended", "ended_ms", text("ended_ms > 0")),
)

intakes: Final = Table(
    "intakes",
    metadata,
    Column("conversation_key", WHOLE, ForeignKey("conversations.key"), primary_key=True),
    Column("answers", Text, nullable=False),
    Column("system", Text, nullable=False),
)

participants: Final = Table(
    "participants",
    metadata,
    Column("conversation_key", WHOLE, ForeignKey("conversations.key"), nullable=False),
    Column("person_id", Text, nullable=False, index=True),
    Column("person", Text, nullable=False),
    Column("mode", Text, nullable=False),
    Column("joined_ms", WHOLE, nullable=False),
    Column("left_ms", WHOLE, nullable=False),
    PrimaryKeyConstraint("conversation_key", "person_id"),
)

chats: Final = Table(
    "chats",
    metadata,
    Column("conversation_key", WHOLE, ForeignKey("conversations.key"), nullable=False),
    Column("author_id", Text, nullable=False),
    Column("client_id", Text, nullable=False),
    Column("internal", WHOLE, nullable=False),
    Column("seq", WHOLE, nullable=False),
    Column("at_ms", WHOLE, nullable=False),
    PrimaryKeyConstraint("conversation_key", "author_id", "client_id"),
    sqlite_with_rowid=False,
)

marks: Final = Table(
    "marks",
    metadata,
    Column("conversation_key", WHOLE, ForeignKey("conversations.key"), nullable=False),
    Column("person_id", Text, nullable=False),
    Column("delivered", WHOLE, nullable=False),
    Column("read", WHOLE, nullable=False),
    PrimaryKeyConstraint("conversation_key", "person_id"),
)
