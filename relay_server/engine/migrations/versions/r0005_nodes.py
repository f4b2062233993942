"""Several relays on one store: their leases, and who is connected to which."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from relay_server.engine.schema.base import WHOLE

revision: str = "0005"
down_revision: str | None = "0004"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """To this revision."""
    op.create_table(
        "nodes",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("files", sa.Text(), nullable=False),
        sa.Column("started_ms", WHOLE, nullable=False),
        sa.Column("beat", WHOLE, nullable=False),
        sa.Column("beat_ms", WHOLE, nullable=False),
        sa.Column("dead_ms", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_nodes")),
    )
    op.create_index(op.f("ix_nodes_name"), "nodes", ["name"], unique=False)
    op.create_table(
        "presences",
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("node_id", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("since_ms", WHOLE, nullable=False),
        sa.ForeignKeyConstraint(["node_id"], ["nodes.id"], name=op.f("fk_presences_node_id_nodes")),
        sa.PrimaryKeyConstraint("person_id", "node_id", name=op.f("pk_presences")),
    )
    op.create_index(op.f("ix_presences_node_id"), "presences", ["node_id"], unique=False)


def downgrade() -> None:
    """Back: what was in these tables is true only while relays run."""
    op.drop_table("presences")
    op.drop_table("nodes")
