"""The disk at either end of a transfer. Everything here blocks: call it from a thread, one call at a time for a file.

What is not whole yet lies in a private folder beside where it will land, so that the last step is a rename; no file
that was there before is ever written over, and nothing is made executable, opened or run.
"""

import errno
import hashlib
import os
import shutil
import stat
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Final, Literal, Protocol

import msgspec
from msgspec import Meta, Struct

from shared.common.errors import UNDECODABLE
from shared.control.files.wire import MAX_NAME, MAX_SIZE, Fault, TransferId
from shared.rules.file_names import numbered

PRIVATE: Final = ".partial"
READ_BYTES: Final = 256 * 1024
KEEP_MS: Final = 7 * 24 * 3600 * 1000
"""How long an unfinished transfer can be gone on with."""
MAX_KEPT: Final = 200
_RESERVE: Final = 64 * 1024 * 1024
_HASH_BYTES: Final = 1024 * 1024
_MAX_NOTE: Final = 16 * 1024
_SAME_NAME: Final = 1000
_NO_FOLLOW: Final = getattr(os, "O_NOFOLLOW", 0)
_BINARY: Final = getattr(os, "O_BINARY", 0)
_FULL: Final = frozenset({errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)})
_DENIED: Final = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})


class DiskFault(Exception):
    """`why` says which."""

    def __init__(self, why: Fault) -> None:
        super().__init__(why)
        self.why: Fault = why


class Note(Struct, frozen=True, kw_only=True):
    """What is remembered of a transfer beyond this run. `path` and `changed_ns` are the sender's."""

    id: TransferId
    way: Literal["in", "out"]
    peer: Annotated[str, Meta(max_length=64)]
    name: Annotated[str, Meta(max_length=MAX_NAME)]
    size: Annotated[int, Meta(ge=0, le=MAX_SIZE)]
    at_ms: int
    path: Annotated[str, Meta(max_length=4096)] = ""
    changed_ns: int = 0


_note: Final = msgspec.json.Decoder(Note)


class Notes:
    """Unfinished transfers, a small file each; `landing` is where their parts are."""

    def __init__(self, folder: Path, landing: Path) -> None:
        self._folder = folder
        self._parts = landing / PRIVATE

    def keep(self, note: Note) -> None:
        """Remember it. Raises OSError."""
        private_folder(self._folder)
        fresh = self._folder / f"{note.id}.new"
        fresh.write_bytes(msgspec.json.encode(note))
        os.replace(fresh, self._path(note.id))

    def forget(self, transfer_id: str) -> None:
        """It is over."""
        self._path(transfer_id).unlink(missing_ok=True)

    def load(self, now_ms: int) -> list[Note]:
        """Those that can be gone on with, oldest first; what is too old goes, with what there was of the file."""
        found: list[Note] = []
        for path in sorted(self._folder.glob("*.json"))[:MAX_KEPT]:
            note = _read(path)
            if note is None or note.id != path.stem or not 0 <= now_ms - note.at_ms < KEEP_MS:
                path.unlink(missing_ok=True)
            else:
                found.append(note)
        for part in self._parts.glob("*.part"):
            if now_ms - part.stat().st_mtime_ns // 1_000_000 >= KEEP_MS:
                part.unlink(missing_ok=True)
        return found

    def _path(self, transfer_id: str) -> Path:
        return self._folder / f"{transfer_id}.json"


def _read(path: Path) -> Note | None:
    try:
        with path.open("rb") as file:
            return _note.decode(file.read(_MAX_NOTE))
    except (OSError, *UNDECODABLE):
        return None


def private_folder(folder: Path) -> None:
    """Makes it, for this user alone. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    if os.name == "posix":
        folder.chmod(0o700)


class PartFile:
    """What there is of a file that comes. Raises DiskFault."""

    def __init__(self, landing: Path, transfer_id: str, size: int) -> None:
        self._landing = landing
        self._size = size
        self._path = landing / PRIVATE / f"{transfer_id}.part"
        self._file = -1
        self._hash = hashlib.sha256()
        self.offset = 0

    @property
    def digest(self) -> bytes:
        """SHA-256 of everything before `offset`."""
        return self._hash.copy().digest()

    def open(self) -> None:
        """Looks at what is there from before, and whether the rest has room."""
        try:
            self.close()
            private_folder(self._path.parent)
            flags = os.O_RDWR | os.O_CREAT | _NO_FOLLOW | _BINARY
            self._file = os.open(self._path, flags, 0o600)
            facts = os.fstat(self._file)
            if not stat.S_ISREG(facts.st_mode) or facts.st_nlink != 1:
                raise DiskFault("disk_failed")
            if facts.st_size > self._size:
                os.ftruncate(self._file, 0)
            self._hash = hashlib.sha256()
            self.offset = _hash_into(self._hash, self._file, self._size)
            if shutil.disk_usage(self._path.parent).free < self._size - self.offset + _RESERVE:
                raise DiskFault("disk_full")
        except OSError as error:
            raise DiskFault(_disk(error)) from error

    def restart(self) -> None:
        """What is there is not the beginning of what comes."""
        try:
            os.ftruncate(self._file, 0)
            os.lseek(self._file, 0, os.SEEK_SET)
        except OSError as error:
            raise DiskFault(_disk(error)) from error
        self._hash, self.offset = hashlib.sha256(), 0

    def write(self, pieces: Sequence[bytes]) -> None:
        """Appends them."""
        try:
            for piece in pieces:
                _write_all(self._file, piece)
                self._hash.update(piece)
                self.offset += len(piece)
        except OSError as error:
            raise DiskFault(_disk(error)) from error

    def land(self, name: str) -> Path:
        """Gives it its name, or the next free one like it."""
        try:
            os.fsync(self._file)
            self.close()
            place = _reserve(self._landing, name)
            os.replace(self._path, place)
        except OSError as error:
            raise DiskFault(_disk(error)) from error
        return place

    def discard(self) -> None:
        """Nothing is left of it."""
        self.close()
        self._path.unlink(missing_ok=True)

    def close(self) -> None:
        """Lets go of the file, which stays. Idempotent."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1


def _write_all(file: int, data: bytes) -> None:
    left = memoryview(data)
    while left:
        left = left[os.write(file, left) :]


def _reserve(landing: Path, name: str) -> Path:
    """Makes an empty file under the first free name: whoever else wants it now gets the next one."""
    for number in range(1, _SAME_NAME):
        place = landing / numbered(name, number)
        try:
            os.close(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _NO_FOLLOW, 0o600))
        except FileExistsError:
            continue
        return place
    raise OSError(errno.EEXIST, "too many files of that name")


class Source:
    """A file that goes. Raises DiskFault; a file that is not what was offered any more is `source_changed`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.size = 0
        self.changed_ns = 0
        self._file = -1
        self._hash = hashlib.sha256()

    def look(self) -> None:
        """What it is now; also whether it can be read."""
        self._open()
        try:
            facts = os.fstat(self._file)
        finally:
            self.close()
        if facts.st_size > MAX_SIZE:
            raise DiskFault("too_large")
        self.size, self.changed_ns = facts.st_size, facts.st_mtime_ns

    def start(self, offset: int, digest: bytes) -> int:
        """Where to begin: at `offset` if the file is the same up to there, else at 0."""
        self._open()
        try:
            self.check()
            begun = hashlib.sha256()
            same = _hash_into(begun, self._file, offset) == offset and begun.digest() == digest
            os.lseek(self._file, offset if same else 0, os.SEEK_SET)
        except OSError as error:
            raise DiskFault("source_failed") from error
        self._hash = begun if same else hashlib.sha256()
        return offset if same else 0

    def read(self) -> bytes:
        """The next piece, up to READ_BYTES; empty at the end."""
        try:
            data = os.read(self._file, READ_BYTES)
        except OSError as error:
            raise DiskFault("source_failed") from error
        self._hash.update(data)
        return data

    def finish(self) -> bytes:
        """SHA-256 of all that was read, from the beginning on."""
        self.check()
        self.close()
        return self._hash.digest()

    def check(self) -> None:
        """That it is still what was offered."""
        facts = os.fstat(self._file)
        if (facts.st_size, facts.st_mtime_ns) != (self.size, self.changed_ns):
            raise DiskFault("source_changed")

    def close(self) -> None:
        """Lets go of it. Idempotent."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def _open(self) -> None:
        self.close()
        try:
            # a pipe or a device would hold up the open, or never end
            self._file = os.open(self.path, os.O_RDONLY | _BINARY | getattr(os, "O_NONBLOCK", 0))
            kind = os.fstat(self._file).st_mode
        except FileNotFoundError as error:
            raise DiskFault("source_gone") from error
        except PermissionError as error:
            raise DiskFault("is_folder" if self.path.is_dir() else "source_denied") from error
        except OSError as error:
            raise DiskFault("source_failed") from error
        if not stat.S_ISREG(kind):
            self.close()
            raise DiskFault("is_folder" if stat.S_ISDIR(kind) else "source_denied")


class _Hash(Protocol):
    def update(self, data: bytes, /) -> None: ...


def _hash_into(into: _Hash, file: int, limit: int) -> int:
    """Hashes from the beginning up to `limit` bytes; leaves the position there."""
    os.lseek(file, 0, os.SEEK_SET)
    done = 0
    while done < limit and (data := os.read(file, min(_HASH_BYTES, limit - done))):
        into.update(data)
        done += len(data)
    return done


def _disk(error: OSError) -> Fault:
    if error.errno in _FULL:
        return "disk_full"
    return "disk_denied" if error.errno in _DENIED else "disk_failed"
