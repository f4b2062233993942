"""Agents who sign in, their token families, and the lock on the first set-up."""

from typing import Final

from sqlalchemy import Column, ForeignKey, Index, Table, Text

from relay_server.engine.schema.base import WHOLE, metadata

agents: Final = Table(
    "agents",
    metadata,
    Column("id", Text, primary_key=True),
    Column("username", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("password_hash", Text, nullable=False),
    Column("roles", Text, nullable=False),
    Column("tier", WHOLE, nullable=False),
    Column("max_units", WHOLE, nullable=False),
    Column("disabled_ms", WHOLE),
    Column("created_ms", WHOLE, nullable=False),
)

token_families: Final = Table(
    "token_families",
    metadata,
    Column("id", Text, primary_key=True),
    Column("agent_id", Text, ForeignKey("agents.id"), nullable=False, index=True),
    Column("device", Text, nullable=False),
    Column("created_ms", WHOLE, nullable=False),
    Column("confirmed", WHOLE, nullable=False),
    Column("revoked_ms", WHOLE),
    Column("revoked_why", Text, nullable=False),
)

tokens: Final = Table(
    "tokens",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("family_id", Text, ForeignKey("token_families.id"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("generation", WHOLE, nullable=False),
    Column("expires_ms", WHOLE, nullable=False),
    Index("ix_tokens_expires_ms", "expires_ms"),
)

setup: Final = Table(
    "setup",
    metadata,
    Column("id", WHOLE, primary_key=True),
    Column("done_ms", WHOLE, nullable=False),
    Column("administrator_id", Text, ForeignKey("agents.id"), nullable=False),
)
