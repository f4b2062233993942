"""Which store the settings ask for: PostgreSQL when it is named, else the one file."""

from relay_server.engine.sqlite_store import SqliteStore
from relay_server.engine.store import Store
from relay_server.settings import Settings


def open_store(settings: Settings) -> Store:
    """Raises ConfigError."""
    if not settings.store_url:
        return SqliteStore(settings.store_file)
    from relay_server.engine import postgres_link, postgres_store  # a relay with a file does without asyncpg

    address = postgres_link.PostgresAddress(settings.store_url, settings.store_secret())
    address.dsn()
    return postgres_store.PostgresStore(address)
