"""Pictures from the session process to the window, through a private memory-mapped file.

One file holds a header and at least three slots; the writer fills slot ``number % slots`` and then names it as the
newest. A slot carries its frame number before and after its pixels, so a reader that was overtaken can tell (a
seqlock). A new picture size means a new file: the reader never sees a file change its shape.

Layout, little-endian. Header (``_HEADER``): magic, version, generation, slot count, width, height, stride, newest
frame number (0: none yet). Slot (at ``_PAGE + index * slot bytes``): ``_SLOT`` = number at start, number at end,
capture time in microseconds, count of dirty rectangles, then up to 16 of them as u16 x, y, width, height; pixels
follow at ``_PAGE`` bytes into the slot, BGRX rows of ``stride`` bytes.
"""

import contextlib
import mmap
import os
import shutil
import struct
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec

MAX_WIDTH: Final = 7680
MAX_HEIGHT: Final = 4320
MAX_SLOTS: Final = 8
MAX_DIRTY: Final = 16

_PAGE: Final = 4096
_MAGIC: Final = b"3LFR"
_VERSION: Final = 1
_HEADER: Final = struct.Struct("<4sIIIIIIxxxxQ")
_NEWEST_AT: Final = _HEADER.size - 8
_SLOT: Final = struct.Struct("<QQqI")
_NUMBER: Final = struct.Struct("<Q")
_RECT: Final = struct.Struct("<4H")

Area = tuple[int, int, int, int]
"""x, y, width, height in picture pixels."""


class FrameFileError(Exception):
    """The frame file is not one, is out of bounds, or there is no room for it."""


class FrameReady(msgspec.Struct, frozen=True, tag=True):
    """A new picture is in the file at ``path``. An empty ``dirty`` means the whole picture."""

    path: str
    generation: int
    number: int
    width: int
    height: int
    dirty: tuple[Area, ...] = ()


@dataclass(frozen=True, slots=True)
class Slot:
    """Where the writer's next picture goes: ``pixels`` is writable, ``stride * height`` bytes of BGRX.

    They still hold what was written the last time this slot (``generation`` and ``index``) had its turn.
    """

    number: int
    generation: int
    index: int
    width: int
    height: int
    stride: int
    pixels: memoryview


@dataclass(frozen=True, slots=True)
class FrameView:
    """The newest picture: ``pixels`` is read-only, ``stride * height`` bytes of BGRX (QImage.Format_RGB32)."""

    number: int
    captured_us: int
    pixels: memoryview
    dirty: tuple[Area, ...]


def private_directory() -> Path:
    """A new directory only this user can enter, in XDG_RUNTIME_DIR or else the directory for temporary files."""
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    usable = bool(runtime) and os.access(runtime, os.W_OK | os.X_OK)
    return Path(tempfile.mkdtemp(prefix="threeline-frames-", dir=runtime if usable else None))


def _slot_bytes(stride: int, height: int) -> int:
    return _PAGE + -(-stride * height // _PAGE) * _PAGE


class FrameWriter:
    """Writes pictures; one thread at a time. ``directory`` None: makes one and removes it on close."""

    def __init__(self, directory: Path | None = None, *, slots: int = 3) -> None:
        if not 3 <= slots <= MAX_SLOTS:
            raise ValueError(f"slots must be 3 to {MAX_SLOTS}")
        self._owned = directory is None
        self._directory = directory or private_directory()
        self._slots = slots
        self._generation = 0
        self._number = 0
        self._file: _MappedFile | None = None

    def begin(self, width: int, height: int) -> Slot:
        """The slot for the next picture of this size; a new size makes a new file.

        Raises FrameFileError when the size is out of bounds or the disk has no room.
        """
        file = self._file
        if file is None or (file.width, file.height) != (width, height):
            file = self._remake(width, height)
        number = self._number + 1
        _NUMBER.pack_into(file.memory, file.slot_at(number), number)
        index = number % self._slots
        return Slot(number, self._generation, index, width, height, file.stride, file.pixels(number))

    def publish(self, slot: Slot, *, captured_us: int, dirty: Sequence[Area] = ()) -> FrameReady:
        """Names ``slot`` (from ``begin``) as the newest. More than 16 dirty areas count as the whole picture."""
        file = self._file
        if file is None:
            raise FrameFileError("closed")
        areas = tuple(dirty) if len(dirty) <= MAX_DIRTY else ()
        at = file.slot_at(slot.number)
        for index, area in enumerate(areas):
            _RECT.pack_into(file.memory, at + _SLOT.size + index * _RECT.size, *area)
        _SLOT.pack_into(file.memory, at, slot.number, slot.number, captured_us, len(areas))
        _NUMBER.pack_into(file.memory, _NEWEST_AT, slot.number)
        self._number = slot.number
        slot.pixels.release()
        return FrameReady(str(file.path), self._generation, slot.number, slot.width, slot.height, areas)

    def close(self) -> None:
        """Removes the file, and the directory where this writer made it. Idempotent."""
        self._drop()
        if self._owned:
            shutil.rmtree(self._directory, ignore_errors=True)

    def _remake(self, width: int, height: int) -> "_MappedFile":
        if not (0 < width <= MAX_WIDTH and 0 < height <= MAX_HEIGHT):
            raise FrameFileError(f"picture size {width}x{height} out of bounds")
        self._drop()
        self._generation += 1
        path = self._directory / f"frames-{self._generation}"
        self._file = _MappedFile.create(path, width, height, self._slots, self._generation)
        return self._file

    def _drop(self) -> None:
        if self._file is not None:
            self._file.remove()
            self._file = None


class _MappedFile:
    def __init__(self, path: Path, memory: mmap.mmap, width: int, height: int, slots: int) -> None:
        self.path = path
        self.memory = memory
        self.width = width
        self.height = height
        self.stride = width * 4
        self.slots = slots

    @classmethod
    def create(cls, path: Path, width: int, height: int, slots: int, generation: int) -> "_MappedFile":
        stride = width * 4
        size = _PAGE + slots * _slot_bytes(stride, height)
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0)
        descriptor = os.open(path, flags, 0o600)
        try:
            _reserve(descriptor, size)
            memory = mmap.mmap(descriptor, size)
        except OSError as error:
            path.unlink(missing_ok=True)
            raise FrameFileError(f"no room for {size} bytes of pictures") from error
        finally:
            os.close(descriptor)
        _HEADER.pack_into(memory, 0, _MAGIC, _VERSION, generation, slots, width, height, stride, 0)
        return cls(path, memory, width, height, slots)

    def slot_at(self, number: int) -> int:
        return _PAGE + number % self.slots * _slot_bytes(self.stride, self.height)

    def pixels(self, number: int) -> memoryview:
        start = self.slot_at(number) + _PAGE
        return memoryview(self.memory)[start : start + self.stride * self.height]

    def remove(self) -> None:
        with contextlib.suppress(BufferError):  # a slot still held by the caller keeps the map until it is dropped
            self.memory.close()
        with contextlib.suppress(OSError):  # Windows: a reader still has it open; its directory goes later
            self.path.unlink()


def _reserve(descriptor: int, size: int) -> None:
    """Takes the room now: a full tmpfs would otherwise kill the process with SIGBUS at the first write."""
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(descriptor, 0, size)
    else:
        os.ftruncate(descriptor, size)


class FrameReader:
    """Reads the newest picture. The file is treated as hostile: every number in it is checked before use.

    Raises FrameFileError for a file that is not a frame file, FileNotFoundError when it is gone (a newer one has
    replaced it).
    """

    def __init__(self, path: str | Path) -> None:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
        try:
            size = os.fstat(descriptor).st_size
            if size < _PAGE:
                raise FrameFileError("too short")
            self._memory = mmap.mmap(descriptor, size, access=mmap.ACCESS_READ)
        finally:
            os.close(descriptor)
        try:
            self._read_header(size)
        except FrameFileError:
            self._memory.close()
            raise

    def _read_header(self, size: int) -> None:
        magic, version, generation, slots, width, height, stride, _ = _HEADER.unpack_from(self._memory, 0)
        if magic != _MAGIC or version != _VERSION:
            raise FrameFileError("not a frame file of this version")
        if not (3 <= slots <= MAX_SLOTS and 0 < width <= MAX_WIDTH and 0 < height <= MAX_HEIGHT):
            raise FrameFileError("out of bounds")
        if stride != width * 4 or size != _PAGE + slots * _slot_bytes(stride, height):
            raise FrameFileError("size does not fit its header")
        self.generation: int = generation
        self.width: int = width
        self.height: int = height
        self.stride: int = stride
        self._slots: int = slots

    def latest(self) -> FrameView | None:
        """The newest picture, or None before the first (or when overtaken just now: ask again)."""
        number: int = _NUMBER.unpack_from(self._memory, _NEWEST_AT)[0]
        if number == 0:
            return None
        at = self._slot_at(number)
        begun, ended, captured_us, count = _SLOT.unpack_from(self._memory, at)
        if begun != number or ended != number or count > MAX_DIRTY:
            return None
        areas = _RECT.iter_unpack(self._memory[at + _SLOT.size : at + _SLOT.size + count * _RECT.size])
        dirty = tuple(area for x, y, w, h in areas if self._inside(area := (x, y, w, h)))
        if len(dirty) != count:
            dirty = ()
        start = at + _PAGE
        pixels = memoryview(self._memory)[start : start + self.stride * self.height]
        return FrameView(number, captured_us, pixels, dirty)

    def still_valid(self, view: FrameView) -> bool:
        """False when the writer has begun to overwrite the picture: what was painted from it may be torn."""
        begun: int = _NUMBER.unpack_from(self._memory, self._slot_at(view.number))[0]
        return begun == view.number

    def close(self) -> None:
        """Lets the file go; release every view's ``pixels`` first, else the map lives until they are dropped."""
        with contextlib.suppress(BufferError):
            self._memory.close()

    def _slot_at(self, number: int) -> int:
        return _PAGE + number % self._slots * _slot_bytes(self.stride, self.height)

    def _inside(self, area: Area) -> bool:
        x, y, width, height = area
        return width > 0 and height > 0 and x + width <= self.width and y + height <= self.height
