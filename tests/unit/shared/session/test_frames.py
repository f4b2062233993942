"""Pictures through the private file: newest, torn, resized, hostile."""

import os
import stat
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from shared.session.frames import (
    MAX_DIRTY,
    MAX_HEIGHT,
    MAX_WIDTH,
    FrameFileError,
    FrameReader,
    FrameReady,
    FrameWriter,
    private_directory,
)


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[FrameWriter]:
    writer = FrameWriter(tmp_path)
    yield writer
    writer.close()


def written(writer: FrameWriter, value: int, width: int = 8, height: int = 4, **more: Any) -> FrameReady:
    slot = writer.begin(width, height)
    slot.pixels[:] = bytes([value]) * len(slot.pixels)
    return writer.publish(slot, captured_us=value, **more)


def test_the_newest_picture_is_read(writer: FrameWriter) -> None:
    for value in range(1, 8):
        ready = written(writer, value)
    reader = FrameReader(ready.path)
    view = reader.latest()
    assert view is not None
    assert (view.number, view.captured_us) == (7, 7)
    assert bytes(view.pixels) == b"\x07" * (8 * 4 * 4)
    assert view.pixels.readonly
    assert (reader.width, reader.height, reader.stride) == (8, 4, 32)
    view.pixels.release()
    reader.close()


def test_there_is_none_before_the_first(writer: FrameWriter, tmp_path: Path) -> None:
    writer.begin(8, 4).pixels.release()
    reader = FrameReader(next(tmp_path.iterdir()))
    assert reader.latest() is None
    reader.close()


def test_a_picture_that_is_overwritten_meanwhile_is_known_to_be_torn(writer: FrameWriter) -> None:
    ready = written(writer, 1)
    reader = FrameReader(ready.path)
    view = reader.latest()
    assert view is not None
    for value in (2, 3):
        written(writer, value)
        assert reader.still_valid(view)
    writer.begin(8, 4).pixels.release()
    assert not reader.still_valid(view)
    view.pixels.release()
    reader.close()


def test_a_slot_remembers_which_turn_it_is(writer: FrameWriter) -> None:
    seen = []
    for _ in range(6):
        slot = writer.begin(8, 4)
        seen.append(slot.index)
        writer.publish(slot, captured_us=0)
    assert seen[:3] == seen[3:]
    assert len(set(seen)) == 3


def test_a_new_size_makes_a_new_file_and_removes_the_old(writer: FrameWriter) -> None:
    first = written(writer, 1)
    reader = FrameReader(first.path)
    second = written(writer, 2, width=16)
    assert second.generation == first.generation + 1
    assert not os.path.exists(first.path)
    with pytest.raises(FileNotFoundError):
        FrameReader(first.path)
    reader.close()
    newer = FrameReader(second.path)
    assert newer.width == 16
    newer.close()


def test_dirty_areas_arrive_and_too_many_mean_everything(writer: FrameWriter) -> None:
    ready = written(writer, 1, dirty=[(1, 1, 2, 2), (0, 0, 8, 1)])
    assert ready.dirty == ((1, 1, 2, 2), (0, 0, 8, 1))
    reader = FrameReader(ready.path)
    view = reader.latest()
    assert view is not None
    assert view.dirty == ready.dirty
    view.pixels.release()
    assert written(writer, 2, dirty=[(0, 0, 1, 1)] * (MAX_DIRTY + 1)).dirty == ()
    reader.close()


def test_only_this_user_can_read_it() -> None:
    directory = private_directory()
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700
    writer = FrameWriter(directory)
    ready = written(writer, 1)
    assert stat.S_IMODE(os.stat(ready.path).st_mode) == 0o600
    writer.close()
    assert not os.path.exists(ready.path)
    directory.rmdir()


def test_its_own_directory_goes_with_it() -> None:
    writer = FrameWriter()
    directory = Path(written(writer, 1).path).parent
    writer.close()
    writer.close()
    assert not directory.exists()


@pytest.mark.parametrize("size", [(0, 4), (4, 0), (MAX_WIDTH + 1, 4), (4, MAX_HEIGHT + 1), (-1, 4)])
def test_sizes_out_of_bounds_are_refused(writer: FrameWriter, size: tuple[int, int]) -> None:
    with pytest.raises(FrameFileError):
        writer.begin(*size)


@pytest.mark.parametrize(
    ("at", "value"),
    [
        (0, b"NOPE"),
        (4, struct.pack("<I", 2)),
        (12, struct.pack("<I", 2)),
        (12, struct.pack("<I", 1_000_000)),
        (16, struct.pack("<I", 0)),
        (16, struct.pack("<I", MAX_WIDTH + 1)),
        (20, struct.pack("<I", 0xFFFFFFFF)),
        (24, struct.pack("<I", 31)),
    ],
)
def test_a_header_that_does_not_fit_is_refused(writer: FrameWriter, at: int, value: bytes) -> None:
    ready = written(writer, 1)
    with open(ready.path, "r+b") as file:
        file.seek(at)
        file.write(value)
    with pytest.raises(FrameFileError):
        FrameReader(ready.path)


def test_a_file_that_is_too_short_is_refused(tmp_path: Path) -> None:
    (tmp_path / "short").write_bytes(b"3LFR")
    with pytest.raises(FrameFileError):
        FrameReader(tmp_path / "short")


def test_hostile_slots_give_no_picture_or_a_whole_one(writer: FrameWriter) -> None:
    ready = written(writer, 1)
    reader = FrameReader(ready.path)
    slot = 4096 + ready.number % 3 * 8192
    with open(ready.path, "r+b") as file:
        file.seek(slot + 24)
        file.write(struct.pack("<I4H", 1, 7, 3, 9, 9))
        file.flush()
        view = reader.latest()
        assert view is not None
        assert view.dirty == ()
        view.pixels.release()
        file.seek(slot + 24)
        file.write(struct.pack("<I", 0xFFFFFFFF))
        file.flush()
        assert reader.latest() is None
        file.seek(32)
        file.write(struct.pack("<Q", 2**64 - 1))
        file.flush()
        assert reader.latest() is None
    reader.close()


def test_no_room_is_said_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "posix_fallocate", full)
    writer = FrameWriter(tmp_path)
    with pytest.raises(FrameFileError):
        writer.begin(8, 4)
    assert not list(tmp_path.iterdir())
    writer.close()
