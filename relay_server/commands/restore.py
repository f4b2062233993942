"""Bringing a backup back, into a directory that is not there or empty: everything is checked before anything is there.

The archive is unpacked beside the target, its rows are loaded, and only a copy that adds up to its manifest, whose
references lead somewhere, whose audit chain holds and whose files are all there takes the target's name.
"""

import hashlib
import io
import os
import re
import shutil
import tarfile
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Final

import msgspec
from msgspec import Struct
from sqlalchemy import Connection

from relay_server.commands.backup import FILES, HEAD, MANIFEST, ROWS, VERSION, Head, Manifest, line_of
from relay_server.commands.store import CommandRefused
from relay_server.engine import audit, migrate
from relay_server.engine.load import LoadError, SqliteLoader, open_sqlite_loader
from relay_server.engine.sqlite_file import close, connect, core
from shared.common.sealed.archive import MAGIC, SealedReader
from shared.common.sealed.heads import Damaged
from shared.common.sealed.keys import KeyPair

MAX_MEMBER: Final = 64 * 1024 * 1024
"""Of rows and heads; files may be as large as the disk takes."""
_PART: Final = 1024 * 1024
_NAME: Final = re.compile(r"(?:(?:blobs|recordings|tls)/)?[0-9A-Za-z_][0-9A-Za-z_.\-]{0,199}")
_PRIVATE: Final = 0o700


class Restored(Struct, frozen=True):
    """What came back."""

    made_ms: int
    rows: int
    files: int
    missing: tuple[str, ...]


def run(archive: Path, target: Path, pair: KeyPair | None) -> Restored:
    """Restores to `target`. Raises CommandRefused: `not_empty`, `backup_damaged`, `backup_newer`, `backup_sealed`."""
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise CommandRefused("not_empty", path=str(target))
    target.parent.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(dir=target.parent, prefix=".restore-"))
    try:
        with archive.open("rb") as raw, _damage_told(archive):
            restored = _Unpacking(scratch).all(_plain(raw, pair))
        _settle(scratch, target)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return restored


def is_sealed(archive: Path) -> bool:
    """Whether a key is needed."""
    with archive.open("rb") as file:
        return file.read(len(MAGIC)) == MAGIC


def _plain(raw: BinaryIO, pair: KeyPair | None) -> BinaryIO:
    sealed = raw.read(len(MAGIC)) == MAGIC
    raw.seek(0)
    if not sealed:
        return raw
    if pair is None:
        raise CommandRefused("backup_sealed")
    return io.BufferedReader(SealedReader(raw, pair), _PART)


@contextmanager
def _damage_told(archive: Path) -> Generator[None]:
    try:
        yield
    except (Damaged, LoadError, tarfile.TarError, msgspec.DecodeError, EOFError) as error:
        raise CommandRefused("backup_damaged", path=str(archive), detail=str(error)) from error


class _Unpacking:
    """One archive on its way into an empty directory."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._store = directory / "relay.sqlite3"
        self._files = 0
        self._adding = hashlib.sha256()

    def all(self, source: BinaryIO) -> Restored:
        """Unpacks, loads, checks. Raises Damaged, LoadError and what reading a tar stream raises."""
        with tarfile.open(fileobj=source, mode="r|") as archive:
            head = self._head(archive)
            with open_sqlite_loader(self._store) as loader:
                manifest = self._members(archive, head, loader)
                loader.prove(manifest.tables)
        while source.read(_PART):  # to the end, so that nothing hangs on behind
            pass
        if (self._files, self._adding.hexdigest()) != (manifest.files, manifest.files_digest):
            raise Damaged("files differ from the manifest")
        _look(self._store, manifest)
        rows = sum(each.rows for each in manifest.tables.values())
        return Restored(head.made_ms, rows, self._files, manifest.missing)

    def _head(self, archive: tarfile.TarFile) -> Head:
        first = archive.next()
        if first is None or first.name != HEAD:
            raise Damaged("no backup of this program")
        head = msgspec.json.decode(_bytes(archive, first), type=Head)
        if head.version > VERSION or migrate.is_newer(head.revision):
            raise CommandRefused("backup_newer", found=head.revision, wanted=migrate.NEWEST)
        from relay_server.engine import revisions

        revisions.run(self._store, head.revision)
        self._store.chmod(0o600)
        return head

    def _members(self, archive: tarfile.TarFile, head: Head, loader: SqliteLoader) -> Manifest:
        shapes = {shape.name: shape for shape in head.shapes}
        while (member := archive.next()) is not None:
            kind, _, rest = member.name.partition("/")
            if member.name == MANIFEST:
                return self._last(archive, member)
            if not member.isreg():
                raise Damaged(f"{member.name} is no file")
            if kind == ROWS and (shape := shapes.get(rest.partition("/")[0])) is not None:
                loader.add(shape, msgspec.msgpack.decode(_bytes(archive, member), type=list[list[int | str | None]]))
            elif kind == FILES:
                self._file(archive, member, rest)
            else:
                raise Damaged(f"{member.name} does not belong here")
        raise Damaged("no manifest: cut off")

    def _last(self, archive: tarfile.TarFile, member: tarfile.TarInfo) -> Manifest:
        manifest = msgspec.json.decode(_bytes(archive, member), type=Manifest)
        if archive.next() is not None:
            raise Damaged("something follows the manifest")
        return manifest

    def _file(self, archive: tarfile.TarFile, member: tarfile.TarInfo, name: str) -> None:
        if not _NAME.fullmatch(name) or name.startswith(self._store.name):
            raise Damaged(f"{name!r} is no name for a file here")
        path = self._directory / PurePosixPath(name)
        path.parent.mkdir(mode=_PRIVATE, exist_ok=True)
        source = archive.extractfile(member)
        if source is None:
            raise Damaged(f"{name} is no file")
        digest = hashlib.sha256()
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as target:
            while part := source.read(_PART):
                target.write(part)
                digest.update(part)
            target.flush()
            os.fsync(target.fileno())
        self._files += 1
        self._adding.update(line_of(name, member.size, digest.hexdigest()))


def _bytes(archive: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    source = archive.extractfile(member)
    if source is None or member.size > MAX_MEMBER:
        raise Damaged(f"{member.name} is too large")
    return source.read()


def _look(store: Path, manifest: Manifest) -> None:
    sql = core(connect(store, read_only=True))
    try:
        _audit(sql, manifest)
    finally:
        close(sql)


def _audit(sql: Connection, manifest: Manifest) -> None:
    """The chain holds and ends where the manifest says. Raises Damaged."""
    held = audit.examine(sql)
    if isinstance(held, audit.Broken):
        raise Damaged(f"the audit chain is broken at row {held.row_id}")
    if (held.head.row_id, held.head.digest) != (manifest.audit_row, manifest.audit_digest):
        raise Damaged("the audit ends elsewhere than in the manifest")


def _settle(scratch: Path, target: Path) -> None:
    scratch.chmod(_PRIVATE)
    (scratch / "blobs").mkdir(mode=_PRIVATE, exist_ok=True)
    scratch.rename(target)
    directory = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
