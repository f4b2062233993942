"""Opening the SQLite file: WAL, every commit on the disk before it is told (synchronous=FULL)."""

import sqlite3
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, create_engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import StaticPool

_BUSY_MS: Final = 10_000


def connect(path: Path, *, read_only: bool = False) -> sqlite3.Connection:
    """A connection in autocommit mode. Raises sqlite3.Error."""
    db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, cached_statements=512)
    try:
        db.execute(f"PRAGMA busy_timeout = {_BUSY_MS}")
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = FULL")
        db.execute("PRAGMA foreign_keys = ON")
        db.execute("PRAGMA secure_delete = ON")  # what was erased must not lie about in the file
        if read_only:
            db.execute("PRAGMA query_only = ON")
    except BaseException:
        db.close()
        raise
    return db


def core(db: sqlite3.Connection) -> Connection:
    """SQLAlchemy Core over this very connection; transactions stay with whoever opened it. Ended by `close`."""
    engine = create_engine(
        "sqlite://", creator=lambda: db, poolclass=StaticPool, isolation_level="AUTOCOMMIT", pool_reset_on_return=None
    )
    return engine.connect()


def close(sql: Connection) -> None:
    """Closes what `core` made and the connection under it."""
    engine = sql.engine
    sql.close()
    engine.dispose()


def file_fault(error: sqlite3.Error | DBAPIError) -> str | None:
    """What is wrong with the file or its disk; None for a fault of ours (a constraint, a misused connection)."""
    plain = error.orig if isinstance(error, DBAPIError) else error
    theirs = isinstance(plain, sqlite3.OperationalError) or type(plain) is sqlite3.DatabaseError
    return str(plain) if theirs else None
