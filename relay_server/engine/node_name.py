"""What this relay is called among others: a random name in its data directory, and one in the directory of files."""

import os
import platform
from pathlib import Path

from relay_server.engine.leases import ThisNode
from shared.common.errors import ConfigError
from shared.common.ids import new_id


def this_node(data_dir: Path, files_dir: Path) -> ThisNode:
    """A new run of the relay in `data_dir`. Two relays see the same files when both find the same name there.

    Raises ConfigError.
    """
    return ThisNode(_name_in(data_dir / "node.id"), platform.node()[:80], _name_in(files_dir / "files.id"))


def _name_in(path: Path) -> str:
    """What stands in the file, which is made with a new name when it is not there."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = path.with_name(f"{path.name}.{new_id()}")
        fresh.write_text(new_id(), "ascii")
        try:
            os.link(fresh, path)  # in one step, and never over another's
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
        return path.read_text("ascii").strip()[:40]
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: {error}") from error
