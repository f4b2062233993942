"""The first schema."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from relay_server.engine.schema.base import WHOLE

revision: str = "0001"
down_revision: str | None = None
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_BESIDE_THE_TABLES = {
    "sqlite": tuple(
        f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table}"
        f" BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        for table in ("events", "audit")
        for verb in ("UPDATE", "DELETE")
    ),
    "postgresql": (
        "CREATE FUNCTION json_extract(document text, path text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS"
        " $$ SELECT nullif(document, '')::json ->> substr(path, 3) $$",
        "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION USING MESSAGE = TG_TABLE_NAME || ' is append-only'; END $$",
        *(
            f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
            for table in ("events", "audit")
            for verb in ("UPDATE", "DELETE", "TRUNCATE")
        ),
    ),
}


def upgrade() -> None:
    """To this revision."""
    _agents()
    _articles()
    _audit()
    _blobs()
    _branches()
    _categories()
    _customers()
    _fold_cursors()
    _fold_failures()
    _notices()
    _organisation()
    _streams()
    _ticket_numbers()
    _agent_states()
    _article_words()
    _device_keys()
    _events()
    _groups()
    _setup()
    _token_families()
    _accepts()
    _conversations()
    _group_members()
    _tokens()
    _blob_uses()
    _chats()
    _decisions()
    _intakes()
    _marks()
    _offer_refusals()
    _participants()
    _ratings()
    _remote_sessions()
    _tickets()
    _receipts()
    _remote_asks()
    _remote_grants()
    for statement in _BESIDE_THE_TABLES[op.get_bind().dialect.name]:
        op.execute(statement)


def _agents() -> None:
    op.create_table(
        "agents",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("username", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("roles", sa.Text(), nullable=False),
        sa.Column("tier", WHOLE, nullable=False),
        sa.Column("max_units", WHOLE, nullable=False),
        sa.Column("disabled_ms", WHOLE, nullable=True),
        sa.Column("created_ms", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agents")),
        sa.UniqueConstraint("username", name=op.f("uq_agents_username")),
    )


def _articles() -> None:
    op.create_table(
        "articles",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("public", WHOLE, nullable=False),
        sa.Column("updated_ms", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_articles")),
    )


def _audit() -> None:
    op.create_table(
        "audit",
        sa.Column("id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("at_ms", WHOLE, nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("previous", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )


def _blobs() -> None:
    op.create_table(
        "blobs",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("uploader_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("size_bytes", WHOLE, nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("width_px", WHOLE, nullable=False),
        sa.Column("height_px", WHOLE, nullable=False),
        sa.Column("stored_ms", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_blobs")),
    )
    op.create_index(op.f("ix_blobs_uploader_id"), "blobs", ["uploader_id"], unique=False)


def _branches() -> None:
    op.create_table(
        "branches",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("parent_id", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["parent_id"], ["branches.id"], name=op.f("fk_branches_parent_id_branches")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_branches")),
    )


def _categories() -> None:
    op.create_table(
        "categories",
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("place", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("value", name=op.f("pk_categories")),
    )


def _customers() -> None:
    op.create_table(
        "customers",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("organisation", sa.Text(), nullable=False),
        sa.Column("vip_level", WHOLE, nullable=False),
        sa.Column("first_seen_ms", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customers")),
    )


def _fold_cursors() -> None:
    op.create_table(
        "fold_cursors",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("position", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_fold_cursors")),
    )


def _fold_failures() -> None:
    op.create_table(
        "fold_failures",
        sa.Column("id", WHOLE, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("position", WHOLE, nullable=False),
        sa.Column("at_ms", WHOLE, nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fold_failures")),
    )


def _notices() -> None:
    op.create_table(
        "notices",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("place", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices")),
    )


def _organisation() -> None:
    op.create_table(
        "organisation",
        sa.Column("id", WHOLE, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sample", WHOLE, nullable=False),
        sa.Column("accent", sa.Text(), nullable=False),
        sa.Column("policy", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation")),
    )


def _streams() -> None:
    op.create_table(
        "streams",
        sa.Column("id", WHOLE, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_streams")),
        sa.UniqueConstraint("name", name=op.f("uq_streams_name")),
    )


def _ticket_numbers() -> None:
    op.create_table(
        "ticket_numbers",
        sa.Column("year", WHOLE, nullable=False),
        sa.Column("last", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("year", name=op.f("pk_ticket_numbers")),
    )


def _agent_states() -> None:
    op.create_table(
        "agent_states",
        sa.Column("agent_id", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("since_ms", WHOLE, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("after", sa.Text(), nullable=False),
        sa.Column("after_reason", sa.Text(), nullable=False),
        sa.Column("idle_since_ms", WHOLE, nullable=False),
        sa.Column("connected", WHOLE, nullable=False),
        sa.Column("lost_ms", WHOLE, nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name=op.f("fk_agent_states_agent_id_agents")),
        sa.PrimaryKeyConstraint("agent_id", name=op.f("pk_agent_states")),
    )


def _article_words() -> None:
    op.create_table(
        "article_words",
        sa.Column("word", sa.Text(), nullable=False),
        sa.Column("article_id", sa.Text(), nullable=False),
        sa.Column("title_count", WHOLE, nullable=False),
        sa.Column("body_count", WHOLE, nullable=False),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name=op.f("fk_article_words_article_id_articles")),
        sa.PrimaryKeyConstraint("word", "article_id", name=op.f("pk_article_words")),
        sqlite_with_rowid=False,
    )


def _device_keys() -> None:
    op.create_table(
        "device_keys",
        sa.Column("device_key", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.Column("added_ms", WHOLE, nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_device_keys_customer_id_customers")),
        sa.PrimaryKeyConstraint("device_key", name=op.f("pk_device_keys")),
    )
    op.create_index(op.f("ix_device_keys_customer_id"), "device_keys", ["customer_id"], unique=False)


def _events() -> None:
    op.create_table(
        "events",
        sa.Column("position", WHOLE, autoincrement=False, nullable=False),
        sa.Column("stream_id", WHOLE, nullable=False),
        sa.Column("seq", WHOLE, nullable=False),
        sa.Column("at_ms", WHOLE, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["stream_id"], ["streams.id"], name=op.f("fk_events_stream_id_streams")),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_events")),
        sa.UniqueConstraint("stream_id", "seq", name=op.f("uq_events_stream_id_seq")),
    )


def _groups() -> None:
    op.create_table(
        "groups",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("branch_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("tier", WHOLE, nullable=False),
        sa.Column("public", WHOLE, nullable=False),
        sa.Column("priority", WHOLE, nullable=False),
        sa.Column("overflow_id", sa.Text(), nullable=True),
        sa.Column("hours", sa.Text(), nullable=False),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("place", WHOLE, nullable=False),
        sa.ForeignKeyConstraint(["branch_id"], ["branches.id"], name=op.f("fk_groups_branch_id_branches")),
        sa.ForeignKeyConstraint(["overflow_id"], ["groups.id"], name=op.f("fk_groups_overflow_id_groups")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_groups")),
    )


def _setup() -> None:
    op.create_table(
        "setup",
        sa.Column("id", WHOLE, nullable=False),
        sa.Column("done_ms", WHOLE, nullable=False),
        sa.Column("administrator_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["administrator_id"], ["agents.id"], name=op.f("fk_setup_administrator_id_agents")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_setup")),
    )


def _token_families() -> None:
    op.create_table(
        "token_families",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("agent_id", sa.Text(), nullable=False),
        sa.Column("device", sa.Text(), nullable=False),
        sa.Column("created_ms", WHOLE, nullable=False),
        sa.Column("confirmed", WHOLE, nullable=False),
        sa.Column("revoked_ms", WHOLE, nullable=True),
        sa.Column("revoked_why", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name=op.f("fk_token_families_agent_id_agents")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_token_families")),
    )
    op.create_index(op.f("ix_token_families_agent_id"), "token_families", ["agent_id"], unique=False)


def _accepts() -> None:
    op.create_table(
        "accepts",
        sa.Column("id", WHOLE, nullable=False),
        sa.Column("group_id", sa.Text(), nullable=False),
        sa.Column("at_ms", WHOLE, nullable=False),
        sa.Column("gap_ms", WHOLE, nullable=False),
        sa.ForeignKeyConstraint(["group_id"], ["groups.id"], name=op.f("fk_accepts_group_id_groups")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accepts")),
    )
    op.create_index("ix_accepts_group_id_id", "accepts", ["group_id", "id"], unique=False)


def _conversations() -> None:
    op.create_table(
        "conversations",
        sa.Column("key", WHOLE, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.Column("customer_name", sa.Text(), nullable=False),
        sa.Column("vip_level", WHOLE, nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("group_id", sa.Text(), nullable=False),
        sa.Column("owner_id", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("opened_ms", WHOLE, nullable=False),
        sa.Column("since_ms", WHOLE, nullable=False),
        sa.Column("rank_ms", WHOLE, nullable=False),
        sa.Column("offered_to", sa.Text(), nullable=False),
        sa.Column("offered", sa.Text(), nullable=False),
        sa.Column("offer_ms", WHOLE, nullable=False),
        sa.Column("deadline_ms", WHOLE, nullable=False),
        sa.Column("last_text", sa.Text(), nullable=False),
        sa.Column("last_at_ms", WHOLE, nullable=False),
        sa.Column("last_by", sa.Text(), nullable=False),
        sa.Column("last_chat_seq", WHOLE, nullable=False),
        sa.Column("unread", WHOLE, nullable=False),
        sa.Column("ended_ms", WHOLE, nullable=False),
        sa.Column("reopen_until_ms", WHOLE, nullable=False),
        sa.Column("rated", WHOLE, nullable=False),
        sa.Column("updated_ms", WHOLE, nullable=False),
        sa.Column("ticket_id", sa.Text(), nullable=False),
        sa.Column("ticket_number", sa.Text(), nullable=False),
        sa.Column("ticket_state", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_conversations_customer_id_customers")),
        sa.ForeignKeyConstraint(["group_id"], ["groups.id"], name=op.f("fk_conversations_group_id_groups")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_conversations")),
        sa.UniqueConstraint("id", name=op.f("uq_conversations_id")),
    )
    op.create_index(op.f("ix_conversations_customer_id"), "conversations", ["customer_id"], unique=False)
    op.create_index(
        "ix_conversations_offered",
        "conversations",
        ["offered_to"],
        unique=False,
        sqlite_where=sa.text("offered_to <> ''"),
        postgresql_where=sa.text("offered_to <> ''"),
    )
    op.create_index(
        "ix_conversations_owner",
        "conversations",
        ["owner_id"],
        unique=False,
        sqlite_where=sa.text("owner_id <> ''"),
        postgresql_where=sa.text("owner_id <> ''"),
    )
    op.create_index("ix_conversations_waiting", "conversations", ["state", "group_id", "rank_ms"], unique=False)


def _group_members() -> None:
    op.create_table(
        "group_members",
        sa.Column("group_id", sa.Text(), nullable=False),
        sa.Column("agent_id", sa.Text(), nullable=False),
        sa.Column("place", WHOLE, nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name=op.f("fk_group_members_agent_id_agents")),
        sa.ForeignKeyConstraint(["group_id"], ["groups.id"], name=op.f("fk_group_members_group_id_groups")),
        sa.PrimaryKeyConstraint("group_id", "agent_id", name=op.f("pk_group_members")),
    )
    op.create_index(op.f("ix_group_members_agent_id"), "group_members", ["agent_id"], unique=False)


def _tokens() -> None:
    op.create_table(
        "tokens",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("family_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("generation", WHOLE, nullable=False),
        sa.Column("expires_ms", WHOLE, nullable=False),
        sa.ForeignKeyConstraint(["family_id"], ["token_families.id"], name=op.f("fk_tokens_family_id_token_families")),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_tokens")),
    )
    op.create_index("ix_tokens_expires_ms", "tokens", ["expires_ms"], unique=False)


def _blob_uses() -> None:
    op.create_table(
        "blob_uses",
        sa.Column("blob_id", sa.Text(), nullable=False),
        sa.Column("conversation_key", WHOLE, nullable=False),
        sa.ForeignKeyConstraint(["blob_id"], ["blobs.id"], name=op.f("fk_blob_uses_blob_id_blobs")),
        sa.ForeignKeyConstraint(
            ["conversation_key"], ["conversations.key"], name=op.f("fk_blob_uses_conversation_key_conversations")
        ),
        sa.PrimaryKeyConstraint("blob_id", "conversation_key", name=op.f("pk_blob_uses")),
    )


def _chats() -> None:
    op.create_table(
        "chats",
        sa.Column("conversation_key", WHOLE, nullable=False),
        sa.Column("author_id", sa.Text(), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("internal", WHOLE, nullable=False),
        sa.Column("seq", WHOLE, nullable=False),
        sa.Column("at_ms", WHOLE, nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_key"], ["conversations.key"], name=op.f("fk_chats_conversation_key_conversations")
        ),
        sa.PrimaryKeyConstraint("conversation_key", "author_id", "client_id", name=op.f("pk_chats")),
        sqlite_with_rowid=False,
    )


def _decisions() -> None:
    op.create_table(
        "decisions",
        sa.Column("id", WHOLE, nullable=False),
        sa.Column("at_ms", WHOLE, nullable=False),
        sa.Column("conversation_key", WHOLE, nullable=False),
        sa.Column("agent_id", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("inputs", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name=op.f("fk_decisions_agent_id_agents")),
        sa.ForeignKeyConstraint(
            ["conversation_key"], ["conversations.key"], name=op.f("fk_decisions_conversation_key_conversations")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decisions")),
    )
    op.create_index(op.f("ix_decisions_conversation_key"), "decisions", ["conversation_key"], unique=False)


def _intakes() -> None:
    op.create_table(
        "intakes",
        sa.Column("conversation_key", WHOLE, nullable=False),
        sa.Column("answers", sa.Text(), nullable=False),
        sa.Column("system", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_key"], ["conversations.key"], name=op.f("fk_intakes_conversation_key_conversations")
        ),
        sa.PrimaryKeyConstraint("conversation_key", name=op.f("pk_intakes")),
    )


def _marks() -> None:
    op.create_table(
        "marks",
        sa.Column("conversation_key", WHOLE, nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("delivered", WHOLE, nullable=False),
        sa.Column("read", WHOLE, nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_key"], ["conversations.key"], name=op.f("fk_marks_conversation_key_conversations")
        ),
        sa.PrimaryKeyConstraint("conversation_key", "person_id", name=op.f("pk_marks")),
    )


def _offer_refusals() -> None:
    op.create_table(
        "offer_refusals",
        sa.Column("conversation_key", WHOLE, nullable=False),
        sa.Column("agent_id", sa.Text(), nullable=False),
        sa.Column("at_ms", WHOLE, nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name=op.f("fk_offer_refusals_agent_id_agents")),
        sa.ForeignKeyConstraint(
            ["conversation_key"], ["conversations.key"], name=op.f("fk_offer_refusals_conversation_key_conversations")
        ),
        sa.PrimaryKeyConstraint("conversation_key", "agent_id", name=op.f("pk_offer_refusals")),
    )


def _participants() -> None:
    op.create_table(
        "participants",
        sa.Column("conversation_key", WHOLE, nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("joined_ms", WHOLE, nullable=False),
        sa.Column("left_ms", WHOLE, nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_key"], ["conversations.key"], name=op.f("fk_participants_conversation_key_conversations")
        ),
        sa.PrimaryKeyConstraint("conversation_key", "person_id", name=op.f("pk_participants")),
    )
    op.create_index(op.f("ix_participants_person_id"), "participants", ["person_id"], unique=False)


def _ratings() -> None:
    op.create_table(
        "ratings",
        sa.Column("conversation_key", WHOLE, nullable=False),
        sa.Column("at_ms", WHOLE, nullable=False),
        sa.Column("group_id", sa.Text(), nullable=False),
        sa.Column("agent_id", sa.Text(), nullable=False),
        sa.Column("solved", sa.Text(), nullable=False),
        sa.Column("easy", WHOLE, nullable=False),
        sa.Column("in_control", WHOLE, nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_key"], ["conversations.key"], name=op.f("fk_ratings_conversation_key_conversations")
        ),
        sa.PrimaryKeyConstraint("conversation_key", name=op.f("pk_ratings")),
    )


def _remote_sessions() -> None:
    op.create_table(
        "remote_sessions",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("conversation_key", WHOLE, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("agent", sa.Text(), nullable=False),
        sa.Column("asked_ms", WHOLE, nullable=False),
        sa.Column("ended_ms", WHOLE, nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_key"], ["conversations.key"], name=op.f("fk_remote_sessions_conversation_key_conversations")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_remote_sessions")),
    )
    op.create_index(op.f("ix_remote_sessions_conversation_key"), "remote_sessions", ["conversation_key"], unique=False)
    op.create_index(op.f("ix_remote_sessions_state"), "remote_sessions", ["state"], unique=False)


def _tickets() -> None:
    op.create_table(
        "tickets",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("conversation_key", WHOLE, nullable=True),
        sa.Column("conversation_id", sa.Text(), nullable=False),
        sa.Column("customer", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("priority", WHOLE, nullable=False),
        sa.Column("group_id", sa.Text(), nullable=False),
        sa.Column("owner_id", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("opened_ms", WHOLE, nullable=False),
        sa.Column("updated_ms", WHOLE, nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_key"], ["conversations.key"], name=op.f("fk_tickets_conversation_key_conversations")
        ),
        sa.ForeignKeyConstraint(["group_id"], ["groups.id"], name=op.f("fk_tickets_group_id_groups")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tickets")),
        sa.UniqueConstraint("conversation_key", name=op.f("uq_tickets_conversation_key")),
        sa.UniqueConstraint("number", name=op.f("uq_tickets_number")),
    )
    op.create_index("ix_tickets_group_id_updated_ms", "tickets", ["group_id", "updated_ms"], unique=False)
    op.create_index("ix_tickets_owner_id_updated_ms", "tickets", ["owner_id", "updated_ms"], unique=False)


def _receipts() -> None:
    op.create_table(
        "receipts",
        sa.Column("session_id", sa.Text(), nullable=False),
        sa.Column("conversation_key", WHOLE, nullable=False),
        sa.Column("at_ms", WHOLE, nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("receipt", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_key"], ["conversations.key"], name=op.f("fk_receipts_conversation_key_conversations")
        ),
        sa.ForeignKeyConstraint(
            ["session_id"], ["remote_sessions.id"], name=op.f("fk_receipts_session_id_remote_sessions")
        ),
        sa.PrimaryKeyConstraint("session_id", name=op.f("pk_receipts")),
    )
    op.create_index("ix_receipts_conversation_key_at_ms", "receipts", ["conversation_key", "at_ms"], unique=False)


def _remote_asks() -> None:
    op.create_table(
        "remote_asks",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("session_id", sa.Text(), nullable=False),
        sa.Column("conversation_key", WHOLE, nullable=False),
        sa.Column("agent", sa.Text(), nullable=False),
        sa.Column("capabilities", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("expires_ms", WHOLE, nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_key"], ["conversations.key"], name=op.f("fk_remote_asks_conversation_key_conversations")
        ),
        sa.ForeignKeyConstraint(
            ["session_id"], ["remote_sessions.id"], name=op.f("fk_remote_asks_session_id_remote_sessions")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_remote_asks")),
    )
    op.create_index(op.f("ix_remote_asks_session_id"), "remote_asks", ["session_id"], unique=False)


def _remote_grants() -> None:
    op.create_table(
        "remote_grants",
        sa.Column("session_id", sa.Text(), nullable=False),
        sa.Column("agent_id", sa.Text(), nullable=False),
        sa.Column("capability", sa.Text(), nullable=False),
        sa.Column("until_ms", WHOLE, nullable=False),
        sa.Column("ended_ms", WHOLE, nullable=False),
        sa.ForeignKeyConstraint(
            ["session_id"], ["remote_sessions.id"], name=op.f("fk_remote_grants_session_id_remote_sessions")
        ),
        sa.PrimaryKeyConstraint("session_id", "agent_id", "capability", name=op.f("pk_remote_grants")),
    )
