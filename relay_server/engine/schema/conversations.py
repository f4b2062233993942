"""Conversations as they stand: projections of the events in their two streams, written in the same transaction.

`key` is a small integer because the hot path joins on it; `id` is the client's own.
"""

from typing import Final

from sqlalchemy import Column, ForeignKey, Index, Integer, PrimaryKeyConstraint, Table, Text, text

from relay_server.engine.schema.base import metadata

conversations: Final = Table(
    "conversations",
    metadata,
    Column("key", Integer, primary_key=True),
    Column("id", Text, nullable=False, unique=True),
    Column("customer_id", Text, ForeignKey("customers.id"), nullable=False, index=True),
    Column("customer_name", Text, nullable=False),
    Column("vip_level", Integer, nullable=False),
    Column("subject", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("group_id", Text, ForeignKey("groups.id"), nullable=False),
    Column("owner_id", Text, nullable=False),
    Column("owner", Text, nullable=False),
    Column("opened_ms", Integer, nullable=False),
    Column("since_ms", Integer, nullable=False),
    Column("rank_ms", Integer, nullable=False),
    Column("offered_to", Text, nullable=False),
    Column("offered", Text, nullable=False),
    Column("offer_ms", Integer, nullable=False),
    Column("deadline_ms", Integer, nullable=False),
    Column("last_text", Text, nullable=False),
    Column("last_at_ms", Integer, nullable=False),
    Column("last_by", Text, nullable=False),
    Column("last_chat_seq", Integer, nullable=False),
    Column("unread", Integer, nullable=False),
    Column("ended_ms", Integer, nullable=False),
    Column("reopen_until_ms", Integer, nullable=False),
    Column("rated", Integer, nullable=False),
    Column("updated_ms", Integer, nullable=False),
    Column("ticket_id", Text, nullable=False),
    Column("ticket_number", Text, nullable=False),
    Column("ticket_state", Text, nullable=False),
    Index("ix_conversations_waiting", "state", "group_id", "rank_ms"),
    Index("ix_conversations_owner", "owner_id", sqlite_where=text("owner_id <> ''")),
    Index("ix_conversations_offered", "offered_to", sqlite_where=text("offered_to <> ''")),
)

intakes: Final = Table(
    "intakes",
    metadata,
    Column("conversation_key", Integer, ForeignKey("conversations.key"), primary_key=True),
    Column("answers", Text, nullable=False),
    Column("system", Text, nullable=False),
)

participants: Final = Table(
    "participants",
    metadata,
    Column("conversation_key", Integer, ForeignKey("conversations.key"), nullable=False),
    Column("person_id", Text, nullable=False, index=True),
    Column("person", Text, nullable=False),
    Column("mode", Text, nullable=False),
    Column("joined_ms", Integer, nullable=False),
    Column("left_ms", Integer, nullable=False),
    PrimaryKeyConstraint("conversation_key", "person_id"),
)

chats: Final = Table(
    "chats",
    metadata,
    Column("conversation_key", Integer, ForeignKey("conversations.key"), nullable=False),
    Column("author_id", Text, nullable=False),
    Column("client_id", Text, nullable=False),
    Column("internal", Integer, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("at_ms", Integer, nullable=False),
    PrimaryKeyConstraint("conversation_key", "author_id", "client_id"),
    sqlite_with_rowid=False,
)

marks: Final = Table(
    "marks",
    metadata,
    Column("conversation_key", Integer, ForeignKey("conversations.key"), nullable=False),
    Column("person_id", Text, nullable=False),
    Column("delivered", Integer, nullable=False),
    Column("read", Integer, nullable=False),
    PrimaryKeyConstraint("conversation_key", "person_id"),
)
