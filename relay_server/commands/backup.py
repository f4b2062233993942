"""A copy of everything, made while the relay serves: store first, then the files it may refer to.

The order matters: a file is on the disk before the store names it, so every file that the copied store names is there.
To restore, unpack the archive into an empty directory and run `check` on it.
"""

import io
import os
import sqlite3
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from relay_server.commands.store import CommandRefused, require_set_up
from relay_server.engine.sqlite_file import connect
from relay_server.settings import FILE_NAME, Settings

_UNFINISHED: Final = ".part"


def run(settings: Settings, target: Path) -> None:
    """Writes a tar archive, 0600. Raises CommandRefused when `target` is there or nothing is set up."""
    require_set_up(settings.store_file, settings.data_dir)
    try:
        descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise CommandRefused("file_exists", path=str(target)) from error
    try:
        with open(descriptor, "wb") as file:
            _fill(file, settings)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        target.unlink(missing_ok=True)
        raise


def _fill(file: io.BufferedWriter, settings: Settings) -> None:
    with tempfile.TemporaryDirectory(dir=settings.data_dir, prefix="backup-") as scratch:
        copy = Path(scratch) / settings.store_file.name
        _copy_store(settings.store_file, copy)
        with tarfile.open(fileobj=file, mode="w|") as archive:
            archive.add(copy, settings.store_file.name, filter=_private)
            for path in _beside(settings):
                archive.add(path, str(path.relative_to(settings.data_dir)), recursive=False, filter=_private)


def _copy_store(source: Path, target: Path) -> None:
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    os.close(descriptor)
    from_db, to_db = connect(source, read_only=True), sqlite3.connect(target)
    try:
        from_db.backup(to_db)  # in one step: in parts it would start again with every commit of the serving relay
    finally:
        to_db.close()
        from_db.close()


def _beside(settings: Settings) -> Iterator[Path]:
    for path in (settings.data_dir / FILE_NAME, settings.pass_key_file, settings.turn_secret_file, *_keys(settings)):
        if path.is_file():
            yield path
    for directory in (settings.tls_dir, settings.blob_dir, settings.recording_dir):
        yield from sorted(path for path in directory.rglob("*") if path.is_file() and path.suffix != _UNFINISHED)


def _keys(settings: Settings) -> tuple[Path, ...]:
    """The organisation's key, sealed, while it lies here."""
    return (settings.organisation_key_file, settings.sample_passphrase_file, settings.profile_file)


def _private(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = ""
    entry.mode = 0o600
    return entry
