"""Blobs: what is known of each file in the blob directory, and the conversations that show it."""

from typing import Final

from sqlalchemy import Column, ForeignKey, PrimaryKeyConstraint, Table, Text

from relay_server.engine.schema.base import WHOLE, metadata

blobs: Final = Table(
    "blobs",
    metadata,
    Column("id", Text, primary_key=True),
    Column("uploader_id", Text, nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("size_bytes", WHOLE, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("width_px", WHOLE, nullable=False),
    Column("height_px", WHOLE, nullable=False),
    Column("stored_ms", WHOLE, nullable=False),
)

blob_uses: Final = Table(
    "blob_uses",
    metadata,
    Column("blob_id", Text, ForeignKey("blobs.id"), nullable=False),
    Column("conversation_key", WHOLE, ForeignKey("conversations.key"), nullable=False),
    PrimaryKeyConstraint("blob_id", "conversation_key"),
)
