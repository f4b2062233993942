"""Files that only their owner can read, from their first byte on."""

import os
from pathlib import Path


def write_new(path: Path, data: bytes) -> None:
    """Writes the file whole, in place of one that is there. Raises OSError."""
    fresh = path.with_name(path.name + ".new")
    fresh.unlink(missing_ok=True)
    with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(data)
    fresh.replace(path)
