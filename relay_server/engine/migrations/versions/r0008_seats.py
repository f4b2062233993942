"""What each agent holds is counted where it changes, and who is free stands in the order in which they are asked."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from relay_server.engine.schema.base import WHOLE

revision: str = "0008"
down_revision: str | None = "0007"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_COUNT = (
    "UPDATE agent_states SET used = (SELECT count(*) FROM conversations c WHERE c.owner_id = agent_states.agent_id"
    " AND c.owner_id <> '') + (SELECT count(*) FROM conversations c WHERE c.offered_to = agent_states.agent_id"
    " AND c.offered_to <> '')"
)
_SEAT = (
    "INSERT INTO seats (group_id, load, idle_since_ms, agent_id, used, maximum)"
    " SELECT m.group_id, s.used * 1000000 / a.max_units, s.idle_since_ms, s.agent_id, s.used, a.max_units"
    " FROM agent_states s JOIN agents a ON a.id = s.agent_id JOIN group_members m ON m.agent_id = s.agent_id"
    " WHERE s.connected = 1 AND s.state = 'available' AND s.after = '' AND a.disabled_ms IS NULL"
    " AND s.used < a.max_units"
)
_PARTIAL = (
    ("ix_conversations_deadline", "conversations", "deadline_ms", "offered_to <> ''"),
    ("ix_agent_states_after", "agent_states", "agent_id", "after <> ''"),
    ("ix_agent_states_away", "agent_states", "agent_id", "state = 'offline' AND used > 0"),
    ("ix_agent_states_lost", "agent_states", "lost_ms", "connected = 0 AND (state <> 'offline' OR used > 0)"),
)


def upgrade() -> None:
    """To this revision."""
    op.add_column("agent_states", sa.Column("used", WHOLE, nullable=False, server_default="0"))
    op.create_table(
        "seats",
        sa.Column("group_id", sa.Text(), nullable=False),
        sa.Column("load", WHOLE, nullable=False),
        sa.Column("idle_since_ms", WHOLE, nullable=False),
        sa.Column("agent_id", sa.Text(), nullable=False),
        sa.Column("used", WHOLE, nullable=False),
        sa.Column("maximum", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("group_id", "load", "idle_since_ms", "agent_id", name=op.f("pk_seats")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_seats_agent_id"), "seats", ["agent_id"], unique=False)
    op.create_table(
        "due_groups",
        sa.Column("group_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("group_id", name=op.f("pk_due_groups")),
    )
    op.create_index(op.f("ix_offer_refusals_at_ms"), "offer_refusals", ["at_ms"], unique=False)
    for name, table, column, where in _PARTIAL:
        op.create_index(name, table, [column], sqlite_where=sa.text(where), postgresql_where=sa.text(where))
    op.execute(_COUNT)
    op.execute(_SEAT)
    op.execute("INSERT INTO due_groups (group_id) SELECT id FROM groups")


def downgrade() -> None:
    """Back: all of it is made from other rows."""
    for name, table, _, _ in _PARTIAL:
        op.drop_index(name, table)
    op.drop_index(op.f("ix_offer_refusals_at_ms"), "offer_refusals")
    op.drop_table("due_groups")
    op.drop_table("seats")
    op.drop_column("agent_states", "used")
