"""Recordings."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from relay_server.engine.schema.base import WHOLE

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """To this revision."""
    _keys()
    _recordings()
    _openings()


def _keys() -> None:
    op.create_table(
        "recording_keys",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("public", sa.Text(), nullable=False),
        sa.Column("signature", sa.Text(), nullable=False),
        sa.Column("added_ms", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recording_keys")),
    )


def _recordings() -> None:
    op.create_table(
        "recordings",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("conversation_key", WHOLE, nullable=False),
        sa.Column("session_id", sa.Text(), nullable=False),
        sa.Column("request_id", sa.Text(), nullable=False),
        sa.Column("agent", sa.Text(), nullable=False),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("started_ms", WHOLE, nullable=False),
        sa.Column("updated_ms", WHOLE, nullable=False),
        sa.Column("length_ms", WHOLE, nullable=False),
        sa.Column("size_bytes", WHOLE, nullable=False),
        sa.Column("chunks", WHOLE, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("keep_days", WHOLE, nullable=False),
        sa.Column("held", WHOLE, nullable=False),
        sa.Column("deleted_ms", WHOLE, nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_key"], ["conversations.key"], name=op.f("fk_recordings_conversation_key_conversations")
        ),
        sa.ForeignKeyConstraint(
            ["session_id"], ["remote_sessions.id"], name=op.f("fk_recordings_session_id_remote_sessions")
        ),
        sa.ForeignKeyConstraint(["request_id"], ["remote_asks.id"], name=op.f("fk_recordings_request_id_remote_asks")),
        sa.ForeignKeyConstraint(["key_id"], ["recording_keys.id"], name=op.f("fk_recordings_key_id_recording_keys")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recordings")),
    )
    op.create_index(op.f("ix_recordings_conversation_key"), "recordings", ["conversation_key"], unique=False)
    op.create_index(op.f("ix_recordings_deleted_ms"), "recordings", ["deleted_ms"], unique=False)


def _openings() -> None:
    op.create_table(
        "recording_openings",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("recording_id", sa.Text(), nullable=False),
        sa.Column("agent_id", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("at_ms", WHOLE, nullable=False),
        sa.ForeignKeyConstraint(
            ["recording_id"], ["recordings.id"], name=op.f("fk_recording_openings_recording_id_recordings")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recording_openings")),
    )
    op.create_index(op.f("ix_recording_openings_recording_id"), "recording_openings", ["recording_id"], unique=False)
