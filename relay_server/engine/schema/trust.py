"""What the organisation's key has signed, as it came: the relay keeps it and can make none of it."""

from typing import Final

from sqlalchemy import Column, ForeignKey, Table, Text

from relay_server.engine.schema.base import WHOLE, metadata

organisation_keys: Final = Table(
    "organisation_keys",
    metadata,
    Column("place", WHOLE, primary_key=True),
    Column("key", Text, nullable=False, unique=True),
    Column("organisation", Text, nullable=False),
    Column("rotation", Text, nullable=False),
    Column("added_ms", WHOLE, nullable=False),
)
"""The newest has the highest place; `rotation` (JSON) is how it took over, empty for the first."""

agent_keys: Final = Table(
    "agent_keys",
    metadata,
    Column("key", Text, primary_key=True),
    Column("agent_id", Text, ForeignKey("agents.id"), nullable=False, index=True),
    Column("device", Text, nullable=False),
    Column("asked_ms", WHOLE, nullable=False),
    Column("signature", Text, nullable=False),
    Column("certificate", Text, nullable=False),
)

revocations: Final = Table(
    "revocations",
    metadata,
    Column("id", WHOLE, primary_key=True),
    Column("number", WHOLE, nullable=False),
    Column("list", Text, nullable=False),
)
"""At most one row."""
