"""A recording on its way to the relay: a file of encrypted chunks, written by a thread of its own.

Nothing plain is ever on the disk: the content key is in this process alone and dies with it.
"""

import logging
import os
import queue
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

from shared.common.sealed.container import Sealer
from shared.common.sealed.heads import About
from shared.media.recording import records
from shared.media.recording.recorder import Batch

_log = logging.getLogger(__name__)

SUFFIX: Final = ".tlr"
MAX_WAITING: Final = 256
_JOIN_S: Final = 2.0


class Spool:
    """`on_written(bytes in the file, ms recorded)` and `on_failed(code)` are called in the thread.

    Codes: `recording.fault_disk` (cannot be written), `recording.fault_no_room` (`room_bytes` are used up),
    `recording.fault_slow`.
    """

    def __init__(
        self,
        path: Path,
        about: About,
        public: bytes,
        *,
        room_bytes: int,
        on_written: Callable[[int, int], None],
        on_failed: Callable[[str], None],
    ) -> None:
        self._path = path
        self._sealer = Sealer(about, public)
        self._room = room_bytes
        self._on_written, self._on_failed = on_written, on_failed
        self._batches: queue.SimpleQueue[Batch | None] = queue.SimpleQueue()
        self._failed = False
        self._thread = threading.Thread(target=self._run, name="recording-spool", daemon=True)
        self._thread.start()

    def put(self, batches: Iterable[Batch]) -> None:
        """Queues chunks; more than can wait fails the recording."""
        for batch in batches:
            if self._batches.qsize() >= MAX_WAITING:
                self._fail("recording.fault_slow")
                return
            self._batches.put(batch)

    def close(self) -> None:
        """Writes what waits, then ends; waits for that, but not for a disk that hangs."""
        self._batches.put(None)
        self._thread.join(_JOIN_S)

    def _fail(self, code: str) -> None:
        if not self._failed:
            self._failed = True
            self._on_failed(code)

    def _run(self) -> None:
        try:
            descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except OSError as error:
            _log.error("a recording cannot be kept: %s", type(error).__name__)
            self._fail("recording.fault_disk")
            return
        try:
            self._write_all(descriptor)
        except OSError as error:
            _log.error("a recording cannot be written any longer: %s", type(error).__name__)
            self._fail("recording.fault_disk")
        finally:
            os.close(descriptor)

    def _write_all(self, descriptor: int) -> None:
        size = self._write(descriptor, self._sealer.opening, 0, 0)
        while (batch := self._batches.get()) is not None and not self._failed:
            body = records.encode(batch.records)
            chunk = self._sealer.seal(body, from_ms=batch.from_ms, until_ms=batch.until_ms, flags=batch.flags)
            if size + len(chunk) > self._room:
                self._fail("recording.fault_no_room")
                return
            size = self._write(descriptor, chunk, size, batch.until_ms)

    def _write(self, descriptor: int, chunk: bytes, size: int, until_ms: int) -> int:
        rest = memoryview(chunk)
        while rest:
            rest = rest[os.write(descriptor, rest) :]
        os.fsync(descriptor)
        self._on_written(size + len(chunk), until_ms)
        return size + len(chunk)
