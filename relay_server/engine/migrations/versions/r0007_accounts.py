"""Second factors, devices, failures, single sign-on, changes of rights."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from relay_server.engine.schema.base import WHOLE

revision: str = "0007"
down_revision: str | None = "0006"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_KEPT = ("recovery_codes", "second_factors", "subjects")
_PASSING = ("spent_states", "sign_in_failures", "rights_changes")


def upgrade() -> None:
    """To this revision."""
    op.add_column("token_families", sa.Column("last_ms", WHOLE, nullable=False, server_default="0"))
    op.add_column("token_families", sa.Column("address", sa.Text(), nullable=False, server_default=""))
    op.add_column("token_families", sa.Column("way", sa.Text(), nullable=False, server_default="password"))
    _second_factors()
    _single_sign_on()
    op.create_table(
        "sign_in_failures",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("failures", WHOLE, nullable=False),
        sa.Column("last_ms", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("account", "address", name=op.f("pk_sign_in_failures")),
    )
    op.create_index(op.f("ix_sign_in_failures_last_ms"), "sign_in_failures", ["last_ms"], unique=False)
    op.create_table(
        "rights_changes",
        sa.Column("place", WHOLE, nullable=False),
        sa.Column("at_ms", WHOLE, nullable=False),
        sa.Column("agent_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("place", name=op.f("pk_rights_changes")),
    )


def downgrade() -> None:
    """Back, as long as nobody has a second factor or a sign-in elsewhere; the rest is true for a while only."""
    ones = {each: sa.select(sa.literal(1)).select_from(sa.table(each)).limit(1) for each in _KEPT}
    kept = [each for each, one in ones.items() if op.get_bind().execute(one).first()]
    if kept:
        raise RuntimeError(f"not without loss: {', '.join(kept)}")
    for table in (*_KEPT, *_PASSING):
        op.drop_table(table)
    for column in ("last_ms", "address", "way"):
        op.drop_column("token_families", column)


def _second_factors() -> None:
    op.create_table(
        "second_factors",
        sa.Column("agent_id", sa.Text(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("pending", sa.Text(), nullable=False),
        sa.Column("last_step", WHOLE, nullable=False),
        sa.Column("changed_ms", WHOLE, nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name=op.f("fk_second_factors_agent_id_agents")),
        sa.PrimaryKeyConstraint("agent_id", name=op.f("pk_second_factors")),
    )
    op.create_table(
        "recovery_codes",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("agent_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name=op.f("fk_recovery_codes_agent_id_agents")),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_recovery_codes")),
    )
    op.create_index(op.f("ix_recovery_codes_agent_id"), "recovery_codes", ["agent_id"], unique=False)


def _single_sign_on() -> None:
    op.create_table(
        "subjects",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("agent_id", sa.Text(), nullable=False),
        sa.Column("linked_ms", WHOLE, nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name=op.f("fk_subjects_agent_id_agents")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subjects")),
    )
    op.create_index(op.f("ix_subjects_agent_id"), "subjects", ["agent_id"], unique=False)
    op.create_index("ix_subjects_issuer_subject", "subjects", ["issuer", "subject"], unique=False)
    op.create_table(
        "spent_states",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("expires_ms", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_spent_states")),
    )
    op.create_index(op.f("ix_spent_states_expires_ms"), "spent_states", ["expires_ms"], unique=False)
