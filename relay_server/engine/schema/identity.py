"""Agents who sign in: token families, second factors, failures, ways in through the organisation's own sign-in; and
the lock on the first set-up."""

from typing import Final

from sqlalchemy import Column, ForeignKey, Index, PrimaryKeyConstraint, Table, Text

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
    Column("last_ms", WHOLE, nullable=False, server_default="0"),
    Column("address", Text, nullable=False, server_default=""),
    Column("way", Text, nullable=False, server_default="password"),
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

second_factors: Final = Table(
    "second_factors",
    metadata,
    Column("agent_id", Text, ForeignKey("agents.id"), primary_key=True),
    Column("secret", Text, nullable=False),
    Column("pending", Text, nullable=False),
    Column("last_step", WHOLE, nullable=False),
    Column("changed_ms", WHOLE, nullable=False),
)

recovery_codes: Final = Table(
    "recovery_codes",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("agent_id", Text, ForeignKey("agents.id"), nullable=False, index=True),
)

sign_in_failures: Final = Table(
    "sign_in_failures",
    metadata,
    Column("account", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("failures", WHOLE, nullable=False),
    Column("last_ms", WHOLE, nullable=False, index=True),
    PrimaryKeyConstraint("account", "address"),
)

subjects: Final = Table(
    "subjects",
    metadata,
    Column("id", Text, primary_key=True),
    Column("issuer", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("email", Text, nullable=False),
    Column("agent_id", Text, ForeignKey("agents.id"), nullable=False, index=True),
    Column("linked_ms", WHOLE, nullable=False),
    Index("ix_subjects_issuer_subject", "issuer", "subject"),
)

spent_states: Final = Table(
    "spent_states",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("expires_ms", WHOLE, nullable=False, index=True),
)

rights_changes: Final = Table(
    "rights_changes",
    metadata,
    Column("place", WHOLE, primary_key=True),
    Column("at_ms", WHOLE, nullable=False),
    Column("agent_id", Text, nullable=False),
)

setup: Final = Table(
    "setup",
    metadata,
    Column("id", WHOLE, primary_key=True),
    Column("done_ms", WHOLE, nullable=False),
    Column("administrator_id", Text, ForeignKey("agents.id"), nullable=False),
)
