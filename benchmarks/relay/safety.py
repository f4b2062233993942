"""How a store keeps what it acknowledges, as it says itself over a connection like the relay's own."""

from pathlib import Path
from typing import Final

from sqlalchemy import Connection
from sqlalchemy import text as statement

from relay_server.engine.sqlite_file import close, connect, core
from relay_server.engine.store import Store

_SYNCHRONOUS: Final = {0: "OFF", 1: "NORMAL", 2: "FULL", 3: "EXTRA"}
_POSTGRES: Final = ("server_version", "fsync", "full_page_writes", "synchronous_commit")


def of_sqlite(path: Path) -> str:
    """Of the file as the relay opens it."""
    sql = core(connect(path))
    try:
        mode = sql.execute(statement("PRAGMA journal_mode")).scalar_one()
        level: int = sql.execute(statement("PRAGMA synchronous")).scalar_one()
    finally:
        close(sql)
    return f"SQLite, journal_mode={mode}, synchronous={_SYNCHRONOUS[level]}"


async def of_postgres(store: Store) -> str:
    """Of the database as the relay connects to it."""
    return await store.look(_settings)


def _settings(sql: Connection) -> str:
    ask = statement("SELECT current_setting(:name)")
    found = {name: str(sql.execute(ask, {"name": name}).scalar_one()) for name in _POSTGRES}
    version = found.pop("server_version").split()[0]
    return f"PostgreSQL {version}, " + ", ".join(f"{name}={value}" for name, value in found.items())
