"""Older copies of what was overwritten: what of them a store's files still hold, and getting rid of it.

SQLite writes zeros over what it replaces (`secure_delete`), so the database file is clean once a checkpoint has carried
the pages over; the write-ahead log is clean once it was cut to nothing. PostgreSQL keeps older versions of rows until
its vacuum reuses their place, and in its own log as long as that is kept; docs/operations.md says so.
"""

import os
import sqlite3
from pathlib import Path

from relay_server.settings import Settings

_PATIENCE_MS = 500
"""Readers on old snapshots hold the log up; writers wait meanwhile, so it is tried again later rather than long."""


def clear(settings: Settings) -> bool:
    """Whether older copies are gone as far as the relay can see to it. PostgreSQL's own vacuum takes them there."""
    return bool(settings.store_url) or clear_sqlite(settings.store_file)


def clear_sqlite(path: Path) -> bool:
    """Carries everything into the database file and empties the log. False when a reader was in the way. Blocking."""
    db = sqlite3.connect(path, isolation_level=None)
    try:
        db.execute(f"PRAGMA busy_timeout = {_PATIENCE_MS}")
        busy, left, _ = db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        return not busy and left <= 0
    finally:
        db.close()


def rewrite(path: Path) -> None:
    """Writes the whole file anew, without what earlier builds left in its free places. Blocking, and takes its time."""
    db = sqlite3.connect(path, isolation_level=None)
    try:
        db.execute("VACUUM")
    finally:
        db.close()
    clear_sqlite(path)


def copy_before(path: Path, revision: str) -> Path:
    """Puts a copy beside a store that is about to be changed; in one step, so that there is never half of one."""
    copy = path.with_name(f"{path.name}.before-{revision}")
    fresh = path.with_name(f"{path.name}.copying")
    fresh.unlink(missing_ok=True)
    os.close(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    source, target = sqlite3.connect(path), sqlite3.connect(fresh)
    try:
        source.backup(target)
    finally:
        target.close()
        source.close()
    fresh.replace(copy)
    return copy


def forget_upgrade_copies(path: Path) -> None:
    """Takes away what upgrades left beside the store: a way back that would bring the erased back, too."""
    for copy in path.parent.glob(f"{path.name}.before-*"):
        copy.unlink(missing_ok=True)
