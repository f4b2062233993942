"""Which store the settings ask for: PostgreSQL when it is named, else the one file."""

from relay_server.engine.sqlite_store import SqliteStore
from relay_server.engine.store import Store
from relay_server.settings import Settings
from shared.common.errors import ConfigError


def open_store(settings: Settings) -> Store:
    """Raises ConfigError."""
    if not settings.store_url:
        return SqliteStore(settings.store_file)
    from relay_server.engine import postgres_link, postgres_store  # a relay with a file does without asyncpg

    address = postgres_link.PostgresAddress(settings.store_url, _password(settings))
    address.dsn()
    return postgres_store.PostgresStore(address)


def _password(settings: Settings) -> str:
    if settings.store_password or settings.store_password_file is None:
        return settings.store_password
    try:
        return settings.store_password_file.read_text("utf-8").strip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{settings.store_password_file}: {error}") from error
