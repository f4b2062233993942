"""The files of recordings: one each, only added to, on the disk before the store says so. Blocking; for threads."""

import os
from pathlib import Path

from relay_server.engine import lock

_SUFFIX = ".tlr"


class Shelf:
    """The directory of recordings. Raises OSError when the disk is full or fails."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def put(self, recording_id: str, at: int, chunk: bytes) -> None:
        """Writes `chunk` at byte `at`, in place of whatever an interrupted write left there. Nothing is cut off:
        another relay may have gone on, and a recording is as long as its row says."""
        self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(self._path(recording_id), os.O_WRONLY | os.O_CREAT, 0o600)
        try:
            os.lseek(descriptor, at, os.SEEK_SET)
            rest = memoryview(chunk)
            while rest:
                rest = rest[os.write(descriptor, rest) :]
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        if at == 0:
            self._settle()

    def get(self, recording_id: str, at: int, limit: int) -> bytes:
        """At most `limit` bytes from `at` on; fewer at the end. Raises FileNotFoundError."""
        with self._path(recording_id).open("rb") as file:
            file.seek(at)
            return file.read(limit)

    def remove(self, recording_id: str) -> None:
        """Takes a file away, if it is there and no backup reads; else the next sweep does."""
        with lock.may_remove(self._directory.parent) as free:
            if free:
                self._path(recording_id).unlink(missing_ok=True)

    def ids(self) -> set[str]:
        """Whose files are there."""
        return {path.stem for path in self._directory.glob(f"*{_SUFFIX}")}

    def _path(self, recording_id: str) -> Path:
        return self._directory / f"{recording_id}{_SUFFIX}"

    def _settle(self) -> None:
        directory = os.open(self._directory, os.O_RDONLY)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)
