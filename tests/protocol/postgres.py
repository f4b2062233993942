"""A relay's data directory whose store is in the tests' own PostgreSQL."""

from pathlib import Path

from relay_server.engine.postgres_link import PostgresAddress
from tests import pg


def store_in(data_dir: Path, database: PostgresAddress, server: pg.Server | None = None) -> None:
    """The settings say so from now on, over TCP and with a password in a file, as in production."""
    data_dir.mkdir(mode=0o700, exist_ok=True)
    address = (server or pg.shared_server()).loopback(pg.name_of(database))
    password_file = data_dir / "store.password"
    password_file.write_text(address.password + "\n")
    (data_dir / "relay.toml").write_text(f'store_url = "{address.url}"\nstore_password_file = "{password_file}"\n')
