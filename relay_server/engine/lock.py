"""One relay a data directory: a second one is refused instead of writing beside the first."""

import fcntl
import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from shared.common.errors import ConfigError


@contextmanager
def held(data_dir: Path) -> Generator[None]:
    """Holds `relay.lock`; the kernel lets go of it with the process, however that ends. Raises ConfigError."""
    descriptor = os.open(data_dir / "relay.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise ConfigError(f"another relay is using {data_dir}") from error
        yield
    finally:
        os.close(descriptor)
