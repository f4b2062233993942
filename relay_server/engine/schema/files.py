"""Blobs: what is known of each file in the blob directory, and the conversations that show it."""

from typing import Final

from sqlalchemy import Column, ForeignKey, Integer, PrimaryKeyConstraint, Table, Text

from relay_server.engine.schema.base import metadata

blobs: Final = Table(
    "blobs",
    metadata,
    Column("id", Text, primary_key=True),
    Column("uploader_id", Text, nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("size_bytes", Integer, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("width_px", Integer, nullable=False),
    Column("height_px", Integer, nullable=False),
    Column("stored_ms", Integer, nullable=False),
)

blob_uses: Final = Table(
    "blob_uses",
    metadata,
    Column("blob_id", Text, ForeignKey("blobs.id"), nullable=False),
    Column("conversation_key", Integer, ForeignKey("conversations.key"), nullable=False),
    PrimaryKeyConstraint("blob_id", "conversation_key"),
)
