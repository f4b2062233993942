"""Makes an empty store."""

from pathlib import Path

from relay_server.engine.schema import metadata
from relay_server.engine.sqlite_file import close, connect, core


def create_all(path: Path) -> None:
    """Every table at once, for tests and first drafts; `serve` and `init` go through the migrations."""
    sql = core(connect(path))
    try:
        metadata.create_all(sql)
    finally:
        close(sql)
