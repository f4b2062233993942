"""Erasures, holds and cuts of the audit."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from relay_server.engine.schema.base import WHOLE

revision: str = "0004"
down_revision: str | None = "0003"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_TABLES = ("erasures", "removals", "holds", "audit_cuts")
_MOVED = "NEW.{0} IS NOT OLD.{0}"
_MOVED_POSTGRESQL = "NEW.{0} IS DISTINCT FROM OLD.{0}"
_SAME = ("position", "stream_id", "seq", "at_ms", "kind")
_ERASING = "EXISTS (SELECT 1 FROM erasures e WHERE e.stream_id = OLD.stream_id AND e.done_ms = 0)"
_KEPT = "OLD.id > (SELECT coalesce(max(row_id), 0) FROM audit_cuts)"
_GIVE_WAY = {
    "sqlite": (
        "DROP TRIGGER events_no_update",
        "DROP TRIGGER audit_no_delete",
        f"CREATE TRIGGER events_no_update BEFORE UPDATE ON events WHEN {' OR '.join(map(_MOVED.format, _SAME))}"
        f" OR NOT {_ERASING} BEGIN SELECT RAISE(ABORT, 'events is append-only'); END",
        f"CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit WHEN {_KEPT}"
        " BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END",
    ),
    "postgresql": (
        "DROP TRIGGER events_no_update ON events",
        "DROP TRIGGER audit_no_delete ON audit",
        "CREATE FUNCTION refuse_rewrite() RETURNS trigger LANGUAGE plpgsql AS"
        f" $$ BEGIN IF {' OR '.join(map(_MOVED_POSTGRESQL.format, _SAME))} OR NOT {_ERASING} THEN"
        " RAISE EXCEPTION USING MESSAGE = 'events is append-only'; END IF; RETURN NEW; END $$",
        "CREATE TRIGGER events_no_update BEFORE UPDATE ON events FOR EACH ROW EXECUTE FUNCTION refuse_rewrite()",
        "CREATE FUNCTION refuse_cut() RETURNS trigger LANGUAGE plpgsql AS"
        f" $$ BEGIN IF {_KEPT} THEN RAISE EXCEPTION USING MESSAGE = 'audit is append-only'; END IF; RETURN OLD; END $$",
        "CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit FOR EACH ROW EXECUTE FUNCTION refuse_cut()",
    ),
}
_STAND_FIRM = {
    "sqlite": (
        "DROP TRIGGER events_no_update",
        "DROP TRIGGER audit_no_delete",
        "CREATE TRIGGER events_no_update BEFORE UPDATE ON events"
        " BEGIN SELECT RAISE(ABORT, 'events is append-only'); END",
        "CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END",
    ),
    "postgresql": (
        "DROP TRIGGER events_no_update ON events",
        "DROP TRIGGER audit_no_delete ON audit",
        "DROP FUNCTION refuse_rewrite",
        "DROP FUNCTION refuse_cut",
        "CREATE TRIGGER events_no_update BEFORE UPDATE ON events FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()",
        "CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()",
    ),
}


def upgrade() -> None:
    """To this revision."""
    _erasures()
    _others()
    op.add_column("customers", sa.Column("erased_ms", WHOLE, nullable=False, server_default="0"))
    op.create_index(
        "ix_conversations_ended",
        "conversations",
        ["ended_ms"],
        sqlite_where=sa.text("ended_ms > 0"),
        postgresql_where=sa.text("ended_ms > 0"),
    )
    for statement in _GIVE_WAY[op.get_bind().dialect.name]:
        op.execute(statement)


def downgrade() -> None:
    """Back, as long as nothing would be forgotten by it."""
    ones = {each: sa.select(sa.literal(1)).select_from(sa.table(each)).limit(1) for each in _TABLES}
    kept = [each for each, one in ones.items() if op.get_bind().execute(one).first()]
    if kept:
        raise RuntimeError(f"not without loss: {', '.join(kept)}")
    for statement in _STAND_FIRM[op.get_bind().dialect.name]:
        op.execute(statement)
    op.drop_index("ix_conversations_ended", "conversations")
    op.execute("ALTER TABLE customers DROP COLUMN erased_ms")
    for table in _TABLES:
        op.drop_table(table)


def _erasures() -> None:
    op.create_table(
        "erasures",
        sa.Column("stream_id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("depth", WHOLE, nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("next_seq", WHOLE, nullable=False),
        sa.Column("until_seq", WHOLE, nullable=False),
        sa.Column("asked_ms", WHOLE, nullable=False),
        sa.Column("done_ms", WHOLE, nullable=False),
        sa.ForeignKeyConstraint(["stream_id"], ["streams.id"], name=op.f("fk_erasures_stream_id_streams")),
        sa.PrimaryKeyConstraint("stream_id", name=op.f("pk_erasures")),
    )
    op.create_index(
        "ix_erasures_open",
        "erasures",
        ["stream_id"],
        sqlite_where=sa.text("done_ms = 0"),
        postgresql_where=sa.text("done_ms = 0"),
    )


def _others() -> None:
    op.create_table(
        "removals",
        sa.Column("blob_id", sa.Text(), nullable=False),
        sa.Column("at_ms", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("blob_id", name=op.f("pk_removals")),
    )
    op.create_table(
        "holds",
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.Column("at_ms", WHOLE, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_holds_customer_id_customers")),
        sa.PrimaryKeyConstraint("customer_id", name=op.f("pk_holds")),
    )
    op.create_table(
        "audit_cuts",
        sa.Column("row_id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("at_ms", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("row_id", name=op.f("pk_audit_cuts")),
    )
