"""The organisation and its parts. Forms, words in two languages and hours are JSON: they are read whole."""

from typing import Final

from sqlalchemy import Column, ForeignKey, PrimaryKeyConstraint, Table, Text

from relay_server.engine.schema.base import WHOLE, metadata

organisation: Final = Table(
    "organisation",
    metadata,
    Column("id", WHOLE, primary_key=True),
    Column("name", Text, nullable=False),
    Column("sample", WHOLE, nullable=False),
    Column("accent", Text, nullable=False),
    Column("policy", Text, nullable=False),
)

branches: Final = Table(
    "branches",
    metadata,
    Column("id", Text, primary_key=True),
    Column("parent_id", Text, ForeignKey("branches.id")),
    Column("name", Text, nullable=False),
)

groups: Final = Table(
    "groups",
    metadata,
    Column("id", Text, primary_key=True),
    Column("branch_id", Text, ForeignKey("branches.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("tier", WHOLE, nullable=False),
    Column("public", WHOLE, nullable=False),
    Column("priority", WHOLE, nullable=False),
    Column("overflow_id", Text, ForeignKey("groups.id")),
    Column("hours", Text, nullable=False),
    Column("form", Text, nullable=False),
    Column("place", WHOLE, nullable=False),
)

group_members: Final = Table(
    "group_members",
    metadata,
    Column("group_id", Text, ForeignKey("groups.id"), nullable=False),
    Column("agent_id", Text, ForeignKey("agents.id"), nullable=False, index=True),
    Column("place", WHOLE, nullable=False),
    PrimaryKeyConstraint("group_id", "agent_id"),
)

categories: Final = Table(
    "categories",
    metadata,
    Column("value", Text, primary_key=True),
    Column("label", Text, nullable=False),
    Column("place", WHOLE, nullable=False),
)

notices: Final = Table(
    "notices",
    metadata,
    Column("id", Text, primary_key=True),
    Column("words", Text, nullable=False),
    Column("place", WHOLE, nullable=False),
)
