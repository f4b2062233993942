"""Keys of the outside interface, and webhooks."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from relay_server.engine.schema.base import WHOLE

revision: str = "0006"
down_revision: str | None = "0005"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_KEPT = ("api_secrets", "api_keys", "webhooks")


def upgrade() -> None:
    """To this revision."""
    _api_keys()
    _api_secrets()
    _api_answers()
    _webhooks()
    _webhook_deliveries()
    _webhook_attempts()


def downgrade() -> None:
    """Back, as long as nobody has a key and no webhook is set up."""
    ones = {each: sa.select(sa.literal(1)).select_from(sa.table(each)).limit(1) for each in _KEPT}
    kept = [each for each, one in ones.items() if op.get_bind().execute(one).first()]
    if kept:
        raise RuntimeError(f"not without loss: {', '.join(kept)}")
    for table in ("webhook_attempts", "webhook_deliveries", "api_answers", *_KEPT):
        op.drop_table(table)


def _api_keys() -> None:
    op.create_table(
        "api_keys",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("created_ms", WHOLE, nullable=False),
        sa.Column("revoked_ms", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_keys")),
    )


def _api_secrets() -> None:
    op.create_table(
        "api_secrets",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("prefix", sa.Text(), nullable=False),
        sa.Column("created_ms", WHOLE, nullable=False),
        sa.Column("expires_ms", WHOLE, nullable=False),
        sa.Column("last_used_ms", WHOLE, nullable=False),
        sa.ForeignKeyConstraint(["key_id"], ["api_keys.id"], name=op.f("fk_api_secrets_key_id_api_keys")),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_api_secrets")),
    )
    op.create_index(op.f("ix_api_secrets_key_id"), "api_secrets", ["key_id"])


def _api_answers() -> None:
    op.create_table(
        "api_answers",
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("idempotency_key", sa.Text(), nullable=False),
        sa.Column("request", sa.Text(), nullable=False),
        sa.Column("status", WHOLE, nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("at_ms", WHOLE, nullable=False),
        sa.ForeignKeyConstraint(["key_id"], ["api_keys.id"], name=op.f("fk_api_answers_key_id_api_keys")),
        sa.PrimaryKeyConstraint("key_id", "idempotency_key", name=op.f("pk_api_answers")),
    )
    op.create_index(op.f("ix_api_answers_at_ms"), "api_answers", ["at_ms"])


def _webhooks() -> None:
    op.create_table(
        "webhooks",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("kinds", sa.Text(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("old_secret", sa.Text(), nullable=False),
        sa.Column("old_until_ms", WHOLE, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("created_ms", WHOLE, nullable=False),
        sa.Column("from_position", WHOLE, nullable=False),
        sa.Column("waiting", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhooks")),
    )


def _webhook_deliveries() -> None:
    op.create_table(
        "webhook_deliveries",
        sa.Column("id", WHOLE, nullable=False),
        sa.Column("webhook_id", sa.Text(), nullable=False),
        sa.Column("object", sa.Text(), nullable=False),
        sa.Column("position", WHOLE, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", WHOLE, nullable=False),
        sa.Column("due_ms", WHOLE, nullable=False),
        sa.Column("lease_ms", WHOLE, nullable=False),
        sa.Column("until_ms", WHOLE, nullable=False),
        sa.Column("created_ms", WHOLE, nullable=False),
        sa.Column("ended_ms", WHOLE, nullable=False),
        sa.ForeignKeyConstraint(
            ["webhook_id"],
            ["webhooks.id"],
            name=op.f("fk_webhook_deliveries_webhook_id_webhooks"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_deliveries")),
    )
    op.create_index(
        op.f("ix_webhook_deliveries_due"), "webhook_deliveries", ["webhook_id", "state", "due_ms"], unique=False
    )
    op.create_index(op.f("ix_webhook_deliveries_ended"), "webhook_deliveries", ["state", "ended_ms"])
    op.create_index(
        op.f("ix_webhook_deliveries_object"), "webhook_deliveries", ["webhook_id", "object", "state"], unique=False
    )


def _webhook_attempts() -> None:
    op.create_table(
        "webhook_attempts",
        sa.Column("id", WHOLE, nullable=False),
        sa.Column("delivery_id", WHOLE, nullable=False),
        sa.Column("at_ms", WHOLE, nullable=False),
        sa.Column("status", WHOLE, nullable=False),
        sa.Column("took_ms", WHOLE, nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["delivery_id"],
            ["webhook_deliveries.id"],
            name=op.f("fk_webhook_attempts_delivery_id_webhook_deliveries"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_attempts")),
    )
    op.create_index(op.f("ix_webhook_attempts_delivery_id"), "webhook_attempts", ["delivery_id"])
