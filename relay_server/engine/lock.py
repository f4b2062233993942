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


@contextmanager
def files_kept(data_dir: Path) -> Generator[None]:
    """While a backup reads files that its snapshot names, none of them is taken away. Several may hold it."""
    descriptor = os.open(data_dir / "files.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _locks(descriptor, fcntl.LOCK_SH)
        yield
    finally:
        os.close(descriptor)


@contextmanager
def may_remove(data_dir: Path) -> Generator[bool]:
    """Whether files may be taken away now; False while somebody reads them for a backup."""
    descriptor = os.open(data_dir / "files.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        yield _locks(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    finally:
        os.close(descriptor)


def _locks(descriptor: int, how: int) -> bool:
    try:
        fcntl.flock(descriptor, how)
    except BlockingIOError:
        return False
    return True
