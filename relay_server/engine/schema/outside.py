"""Programs of other people's: their keys, what they asked for once, whom to tell about what happens."""

from typing import Final

from sqlalchemy import Column, ForeignKey, Index, PrimaryKeyConstraint, Table, Text

from relay_server.engine.schema.base import WHOLE, metadata

api_keys: Final = Table(
    "api_keys",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("scopes", Text, nullable=False),
    Column("created_ms", WHOLE, nullable=False),
    Column("revoked_ms", WHOLE, nullable=False),
)

api_secrets: Final = Table(
    "api_secrets",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("key_id", Text, ForeignKey("api_keys.id"), nullable=False, index=True),
    Column("prefix", Text, nullable=False),
    Column("created_ms", WHOLE, nullable=False),
    Column("expires_ms", WHOLE, nullable=False),
    Column("last_used_ms", WHOLE, nullable=False),
)
"""SHA-256 of each secret; while a key is rotated it has two."""

api_answers: Final = Table(
    "api_answers",
    metadata,
    Column("key_id", Text, ForeignKey("api_keys.id"), nullable=False),
    Column("idempotency_key", Text, nullable=False),
    Column("request", Text, nullable=False),
    Column("status", WHOLE, nullable=False),
    Column("body", Text, nullable=False),
    Column("at_ms", WHOLE, nullable=False),
    PrimaryKeyConstraint("key_id", "idempotency_key"),
    Index("ix_api_answers_at_ms", "at_ms"),
)
"""What a creation answered, so that a resend answers the same. `request` is a SHA-256."""

webhooks: Final = Table(
    "webhooks",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("kinds", Text, nullable=False),
    Column("secret", Text, nullable=False),
    Column("old_secret", Text, nullable=False),
    Column("old_until_ms", WHOLE, nullable=False),
    Column("state", Text, nullable=False),
    Column("made_by", Text, nullable=False),
    Column("created_ms", WHOLE, nullable=False),
    Column("from_position", WHOLE, nullable=False),
    Column("waiting", WHOLE, nullable=False),
)
"""`state`: `on`, `paused`, `removed`. Secrets are sealed.
Events up to `from_position` are not told; `waiting` counts what is not told yet."""

webhook_deliveries: Final = Table(
    "webhook_deliveries",
    metadata,
    Column("id", WHOLE, primary_key=True),
    Column("webhook_id", Text, ForeignKey("webhooks.id"), nullable=False),
    Column("object", Text, nullable=False),
    Column("position", WHOLE, nullable=False),
    Column("kind", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("attempts", WHOLE, nullable=False),
    Column("due_ms", WHOLE, nullable=False),
    Column("lease_ms", WHOLE, nullable=False),
    Column("until_ms", WHOLE, nullable=False),
    Column("created_ms", WHOLE, nullable=False),
    Column("ended_ms", WHOLE, nullable=False),
    Index("ix_webhook_deliveries_due", "webhook_id", "state", "due_ms"),
    Index("ix_webhook_deliveries_object", "webhook_id", "object", "state"),
    Index("ix_webhook_deliveries_ended", "state", "ended_ms"),
)
"""`state`: `ready` (the oldest of its object), `behind` it, `done`, `dead`. A lease that has run out is nobody's."""

webhook_attempts: Final = Table(
    "webhook_attempts",
    metadata,
    Column("id", WHOLE, primary_key=True),
    Column("delivery_id", WHOLE, ForeignKey("webhook_deliveries.id"), nullable=False, index=True),
    Column("at_ms", WHOLE, nullable=False),
    Column("status", WHOLE, nullable=False),
    Column("took_ms", WHOLE, nullable=False),
    Column("error", Text, nullable=False),
)
"""The log: `status` is 0 when there was no answer, `error` says why."""
