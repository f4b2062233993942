"""A copy of everything, made while the relay serves, sealed to a key whose private half is somewhere else.

A tar stream: `head.json`, the store's rows from one snapshot (`rows/<table>/<number>`, the same from either engine),
the files that those rows name and the relay's own (`files/...`), and `manifest.json` with what all of it adds up to.
While it is written no file is taken away, so every file that the snapshot names is there.
"""

import hashlib
import io
import os
import stat
import sys
import tarfile
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final

import msgspec
from msgspec import Struct
from sqlalchemy import Connection

from relay_server.app import Adapters
from relay_server.commands.store import CommandRefused, opened, settled
from relay_server.engine import audit, dump, lock, migrate
from relay_server.engine.dump import Shape, Sum
from relay_server.settings import Settings
from shared.common.clock import now_ms
from shared.common.sealed import keys
from shared.common.sealed.archive import SealedWriter

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer, WriteableBuffer

VERSION: Final = 1
HEAD, MANIFEST, ROWS, FILES = "head.json", "manifest.json", "rows", "files"
PUBLIC_KEY: Final = "backup-key.pub"
NOT_CARRIED: Final = frozenset({"relay.lock", "files.lock", "recording-key.json", "keys.json"})
"""Locks; and the private half of the recording key, while `init` has left it there, belongs into no backup."""
_STORE: Final = "relay.sqlite3"
_PART: Final = 1024 * 1024
_NAMED_AT_MOST: Final = 1000


class Head(Struct, frozen=True, kw_only=True):
    """What a backup begins with: which schema, and the tables as they were."""

    version: int = VERSION
    made_ms: int
    revision: str
    shapes: tuple[Shape, ...]


class Manifest(Struct, frozen=True, kw_only=True):
    """What a backup adds up to. `files_digest` is over `name size sha256` of each file in its order."""

    tables: dict[str, Sum]
    audit_row: int
    audit_digest: str
    files: int
    files_digest: str
    missing: tuple[str, ...] = ()
    """Files that the store names and that were not there any more when the backup was made."""


class Made(Struct, frozen=True):
    """The SHA-256 (hex) of the whole archive, and what could not be copied."""

    digest: str
    missing: tuple[str, ...]


async def run(settings: Settings, adapters: Adapters, target: Path | None, public: bytes | None) -> Made:
    """Writes the archive to a new file, 0600, or to standard output; not sealed without `public`.

    Raises CommandRefused (`file_exists`).
    """
    async with opened(settings, adapters) as journal:
        settled(await journal.write(lambda tx: audit.record(tx, "cli", "backup_begun")))
        with _opened(target) as raw, lock.files_kept(settings.data_dir):
            hashing = _Hashing(raw)
            sink = io.BufferedWriter(hashing, _PART)
            made = await journal.read(lambda sql: _write(sql, settings, sink, public))
            sink.flush()
            raw.flush()
            if target is not None:
                os.fsync(raw.fileno())
        settled(await journal.write(lambda tx: audit.record(tx, "cli", "backup_made", hashing.hexdigest())))
    return Made(hashing.hexdigest(), made.missing)


def key_of(settings: Settings, given: Path | None) -> bytes:
    """The public half that is named, or that `backup-key use` left. Raises CommandRefused."""
    path = given or settings.data_dir / PUBLIC_KEY
    try:
        with path.open("rb") as file:
            public = keys.from_text(file.read(200).decode("ascii", "replace").strip())
    except FileNotFoundError as error:
        raise CommandRefused("no_backup_key", path=str(path)) from error
    if public is None:
        raise CommandRefused("no_backup_key", path=str(path))
    return public


async def use_key(settings: Settings, adapters: Adapters, public: bytes) -> None:
    """Backups are sealed to this key from now on. Raises CommandRefused."""
    async with opened(settings, adapters) as journal:
        settled(await journal.write(lambda tx: audit.record(tx, "cli", "backup_key_set", keys.key_id(public))))
    fresh = settings.data_dir / f"{PUBLIC_KEY}.new"
    fresh.write_text(keys.in_text(public) + "\n", "ascii")
    fresh.replace(settings.data_dir / PUBLIC_KEY)


def _write(sql: Connection, settings: Settings, sink: BinaryIO, public: bytes | None) -> Manifest:
    if public is None:
        return _write_plain(sql, settings, sink)
    sealed = SealedWriter(sink, public)
    with io.BufferedWriter(sealed, _PART) as buffered:
        manifest = _write_plain(sql, settings, buffered)
        buffered.flush()
        sealed.finish()
    return manifest


def _write_plain(sql: Connection, settings: Settings, sink: BinaryIO) -> Manifest:
    with tarfile.open(fileobj=sink, mode="w|", format=tarfile.PAX_FORMAT) as archive:
        return _Writing(archive, settings).all(sql)


class _Writing:
    """One archive on its way."""

    def __init__(self, archive: tarfile.TarFile, settings: Settings) -> None:
        self._archive = archive
        self._settings = settings
        self._files = 0
        self._adding = hashlib.sha256()
        self._missing: list[str] = []

    def all(self, sql: Connection) -> Manifest:
        """Rows, files, manifest."""
        shapes = dump.shapes(sql)
        self._put(HEAD, _json(Head(made_ms=now_ms(), revision=migrate.revision_of(sql) or "", shapes=shapes)))
        tables = {shape.name: self._table(sql, shape) for shape in shapes}
        for name, size in _named(sql):
            self._file(self._settings.data_dir / name, name, size)
        for path in _own(self._settings.data_dir):
            self._file(path, str(path.relative_to(self._settings.data_dir)), path.stat().st_size)
        held = audit.examine(sql)
        head = held.head if isinstance(held, audit.Held) else audit.Anchor(0, "")
        manifest = Manifest(
            tables=tables,
            audit_row=head.row_id,
            audit_digest=head.digest,
            files=self._files,
            files_digest=self._adding.hexdigest(),
            missing=tuple(self._missing),
        )
        self._put(MANIFEST, _json(manifest))
        return manifest

    def _table(self, sql: Connection, shape: Shape) -> Sum:
        adding = dump.Summing()
        for number, page in enumerate(dump.pages(sql, shape)):
            adding.add(page)
            self._put(f"{ROWS}/{shape.name}/{number}", msgspec.msgpack.encode(page))
        return adding.result()

    def _file(self, path: Path, name: str, size: int) -> None:
        try:
            file = path.open("rb")
        except FileNotFoundError:
            self._missing += [name] if len(self._missing) < _NAMED_AT_MOST else []
            return
        with file:
            if os.fstat(file.fileno()).st_size < size:
                self._missing += [name] if len(self._missing) < _NAMED_AT_MOST else []
                return
            reading = _Reading(file, size)
            self._archive.addfile(_entry(f"{FILES}/{name}", size), io.BufferedReader(reading, _PART))
        self._files += 1
        self._adding.update(line_of(name, size, reading.hexdigest()))

    def _put(self, name: str, data: bytes) -> None:
        self._archive.addfile(_entry(name, len(data)), io.BytesIO(data))


def line_of(name: str, size: int, digest: str) -> bytes:
    """What `files_digest` is over."""
    return f"{name} {size} {digest}\n".encode()


def _named(sql: Connection) -> Iterator[tuple[str, int]]:
    """The files that the snapshot's rows name, as long as the rows say."""
    for shape in dump.shapes(sql):
        if shape.name == "blobs":
            at, size = shape.columns.index("id"), shape.columns.index("size_bytes")
            for page in dump.pages(sql, shape):
                yield from ((f"blobs/{row[at]}", row[size]) for row in page)
        elif shape.name == "recordings":
            at, size, gone = (shape.columns.index(each) for each in ("id", "size_bytes", "deleted_ms"))
            for page in dump.pages(sql, shape):
                yield from ((f"recordings/{row[at]}.tlr", row[size]) for row in page if not row[gone])


def _own(data_dir: Path) -> Iterator[Path]:
    """Settings, keys and certificates: whatever lies in the data directory and is not the store, a lock or a copy."""
    for path in sorted(data_dir.iterdir()):
        if path.name == "tls":
            yield from sorted(each for each in path.rglob("*") if _is_plain(each))
        elif _is_plain(path) and path.name not in NOT_CARRIED and not path.name.startswith(_STORE):
            yield path


def _is_plain(path: Path) -> bool:
    return stat.S_ISREG(path.lstat().st_mode)


class _Reading(io.RawIOBase):
    """The first `size` bytes of a file, added up as they are read."""

    def __init__(self, file: BinaryIO, size: int) -> None:
        super().__init__()
        self._file = file
        self._left = size
        self._digest = hashlib.sha256()

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: "WriteableBuffer", /) -> int:
        """As much as there is and fits."""
        room = memoryview(buffer).cast("B")
        data = self._file.read(min(self._left, len(room)))
        room[: len(data)] = data
        self._left -= len(data)
        self._digest.update(data)
        return len(data)

    def hexdigest(self) -> str:
        """Of what was read."""
        return self._digest.hexdigest()


class _Hashing(io.RawIOBase):
    """Passes bytes on and adds them up."""

    def __init__(self, sink: BinaryIO) -> None:
        super().__init__()
        self._sink = sink
        self._digest = hashlib.sha256()

    def writable(self) -> bool:
        """It is."""
        return True

    def write(self, data: "ReadableBuffer", /) -> int:
        """Writes all of it."""
        self._digest.update(data)
        return self._sink.write(data)

    def hexdigest(self) -> str:
        """Of what was written."""
        return self._digest.hexdigest()


@contextmanager
def _opened(target: Path | None) -> Generator[BinaryIO]:
    if target is None:
        yield sys.stdout.buffer
        return
    try:
        descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise CommandRefused("file_exists", path=str(target)) from error
    try:
        with open(descriptor, "wb") as file:
            yield file
    except BaseException:
        target.unlink(missing_ok=True)
        raise


def _entry(name: str, size: int) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.size = size
    entry.mode = 0o600
    return entry


def _json(value: Struct) -> bytes:
    return msgspec.json.encode(value)
