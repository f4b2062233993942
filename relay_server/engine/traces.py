"""Older copies of what was overwritten: what of them a store's files still hold, and getting rid of it.

SQLite writes zeros over what it replaces (`secure_delete`), so the database file is clean once a checkpoint has carried
the pages over; the write-ahead log is clean once it was cut to nothing.
"""

import sqlite3
from pathlib import Path

_PATIENCE_MS = 500
"""Readers on old snapshots hold the log up; writers wait meanwhile, so it is tried again later rather than long."""


def clear_sqlite(path: Path) -> bool:
    """Carries everything into the database file and empties the log. False when a reader was in the way. Blocking."""
    db = sqlite3.connect(path, isolation_level=None)
    try:
        db.execute(f"PRAGMA busy_timeout = {_PATIENCE_MS}")
        busy, left, _ = db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        return not busy and left <= 0
    finally:
        db.close()


def forget_upgrade_copies(path: Path) -> None:
    """Takes away what upgrades left beside the store: a way back that would bring the erased back, too."""
    for copy in path.parent.glob(f"{path.name}.before-*"):
        copy.unlink(missing_ok=True)
