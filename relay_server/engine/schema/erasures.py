"""What was taken out of the record and what must not be: erasures under way and done, files to take away, holds, and
where the audit was cut at its old end.

An event's body may be replaced only while its stream has an erasure that is not done; triggers hold that.
"""

from typing import Final

from sqlalchemy import Column, ForeignKey, Table, Text, text

from relay_server.engine.schema.base import WHOLE, metadata, partial

erasures: Final = Table(
    "erasures",
    metadata,
    Column("stream_id", WHOLE, ForeignKey("streams.id"), primary_key=True, autoincrement=False),
    Column("depth", WHOLE, nullable=False),
    Column("why", Text, nullable=False),
    Column("next_seq", WHOLE, nullable=False),
    Column("until_seq", WHOLE, nullable=False),
    Column("asked_ms", WHOLE, nullable=False),
    Column("done_ms", WHOLE, nullable=False),
    partial("ix_erasures_open", "stream_id", text("done_ms = 0")),
)
"""One row a stream: the deepest erasure so far, and how far its bodies are (`next_seq`) while `done_ms` is 0."""

removals: Final = Table(
    "removals",
    metadata,
    Column("blob_id", Text, primary_key=True),
    Column("at_ms", WHOLE, nullable=False),
)
"""Files of blobs whose rows are gone and that must leave the disk; a row goes once the file has."""

holds: Final = Table(
    "holds",
    metadata,
    Column("customer_id", Text, ForeignKey("customers.id"), primary_key=True),
    Column("at_ms", WHOLE, nullable=False),
    Column("reason", Text, nullable=False),
)
"""Customers of whom nothing is erased, by whatever rule."""

audit_cuts: Final = Table(
    "audit_cuts",
    metadata,
    Column("row_id", WHOLE, primary_key=True, autoincrement=False),
    Column("digest", Text, nullable=False),
    Column("at_ms", WHOLE, nullable=False),
)
"""Audit rows up to `row_id`, whose digest this was, were taken away when their time was over."""
