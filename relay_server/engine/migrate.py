"""Brings a store to the schema of this build."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, event
from sqlalchemy.pool import NullPool

from relay_server.engine.sqlite_file import connect

_MIGRATIONS = Path(__file__).parent / "migrations"


def upgrade(path: Path) -> None:
    """Makes the file if it is not there and runs what is missing; all of it or, on a fault, nothing."""
    engine = create_engine("sqlite://", creator=lambda: connect(path), poolclass=NullPool)
    event.listen(engine, "begin", _begin)
    try:
        with engine.begin() as connection:
            command.upgrade(_config(connection), "head")
    finally:
        engine.dispose()


def revision_of(sql: Connection) -> str | None:
    """The revision of an open store; None for an empty one."""
    return MigrationContext.configure(sql).get_current_revision()


def newest() -> str | None:
    """The revision this build is made for."""
    return ScriptDirectory.from_config(_config(None)).get_current_head()


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _config(connection: Connection | None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.attributes["connection"] = connection
    return config
