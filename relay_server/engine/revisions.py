"""Runs Alembic's revisions in one transaction."""

import logging
from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, event
from sqlalchemy.pool import NullPool

from relay_server.engine.sqlite_file import connect

_MIGRATIONS: Final = Path(__file__).parent / "migrations"


def run(path: Path, to: str = "head") -> None:
    """Everything that is missing up to a revision, the newest unless said otherwise."""
    engine = create_engine("sqlite://", creator=lambda: connect(path), poolclass=NullPool)
    event.listen(engine, "begin", _begin)
    try:
        with engine.begin() as connection:
            run_on(connection, to)
    finally:
        engine.dispose()


def run_on(connection: Connection, to: str = "head") -> None:
    """The same in the transaction that is open on this connection."""
    logging.getLogger("alembic").setLevel(logging.WARNING)
    command.upgrade(_config(connection), to)


def take_back(path: Path, to: str) -> None:
    """Back to an earlier revision, as far as revisions know how to without loss; else nothing, and it raises."""
    engine = create_engine("sqlite://", creator=lambda: connect(path), poolclass=NullPool)
    event.listen(engine, "begin", _begin)
    try:
        with engine.begin() as connection:
            logging.getLogger("alembic").setLevel(logging.WARNING)
            command.downgrade(_config(connection), to)
    finally:
        engine.dispose()


def newest() -> str | None:
    """The last revision there is a file for."""
    return ScriptDirectory.from_config(_config(None)).get_current_head()


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _config(connection: Connection | None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.attributes["connection"] = connection
    return config
