"""A recording written out as a film: MP4 with H.264, the pointer drawn in, chapters. Blocking; for a thread.

A frame is written where the picture has changed, at most `FPS` times a second, so a still hour takes next to nothing. A
picture of another size than the first is fitted into it.
"""

import contextlib
import os
import threading
from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import av
import av.error
import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from shared.common.sealed.heads import NOTES
from shared.media.cursor import CursorMoved, CursorShape, cursor_pixels
from shared.media.decoding import Area, Decoding, Unit
from shared.media.recording import records as k
from shared.media.recording.reader import Reader

FPS: Final = 15
_CRF: Final = "21"
_KEY_S: Final = 10
_TIME_BASE: Final = Fraction(1, 1000)
_TICK_MS: Final = 1000 // FPS
_OPAQUE: Final = 255

Pixels = NDArray[np.uint8]
"""(height, width, 4), BGRA."""


class Title(Struct, frozen=True):
    """A chapter's name, from `at_ms` on."""

    at_ms: int
    words: str


class Empty(Exception):
    """There is no picture in the recording."""


class Cancelled(Exception):
    """Nobody wants the film any more."""


class _Slot(Struct, frozen=True):
    generation: int
    index: int
    stride: int
    pixels: memoryview


class _Canvas:
    """What a viewer would see, in memory (a FrameSink)."""

    def __init__(self) -> None:
        self._generation = 0
        self._memory = bytearray()
        self.pixels: Pixels = np.empty((0, 0, 4), np.uint8)
        self.changed = False

    def begin(self, width: int, height: int) -> _Slot:
        if self.pixels.shape[:2] != (height, width):
            self._generation += 1
            self._memory = bytearray(width * height * 4)
            self.pixels = np.frombuffer(self._memory, np.uint8).reshape(height, width, 4)
        return _Slot(self._generation, 0, width * 4, memoryview(self._memory))

    def publish(self, slot: _Slot, *, captured_us: int, dirty: Sequence[Area] = ()) -> None:
        del slot, captured_us, dirty
        self.changed = True


class _Pointer:
    """The customer's pointer, over the picture."""

    def __init__(self) -> None:
        self._look: CursorShape | None = None
        self._pixels: Pixels = np.empty((0, 0, 4), np.uint8)
        self._place: CursorMoved | None = None

    def looks(self, shape: CursorShape) -> None:
        found = cursor_pixels(shape)
        if found is not None:
            self._look = shape
            self._pixels = np.frombuffer(found, np.uint8).reshape(shape.height, shape.width, 4)

    def moves(self, place: CursorMoved) -> None:
        self._place = place

    def over(self, picture: Pixels) -> Pixels:
        """A copy of the picture with the pointer in it; premultiplied, so it adds to what shines through."""
        if self._look is None or self._place is None or not self._place.visible:
            return picture
        left, top = self._place.x - self._look.hot_x, self._place.y - self._look.hot_y
        x0, y0 = max(0, left), max(0, top)
        x1 = min(picture.shape[1], left + self._look.width)
        y1 = min(picture.shape[0], top + self._look.height)
        if x0 >= x1 or y0 >= y1:
            return picture
        made = picture.copy()
        look = self._pixels[y0 - top : y1 - top, x0 - left : x1 - left].astype(np.uint16)
        under = made[y0:y1, x0:x1].astype(np.uint16)
        shine = _OPAQUE - look[:, :, 3:4]
        made[y0:y1, x0:x1] = np.minimum(look + under * shine // _OPAQUE, _OPAQUE).astype(np.uint8)
        return made


class _Tape:
    """The file; its size is that of the first picture, made even."""

    def __init__(self, path: Path, first: Pixels) -> None:
        self._container: Any = av.open(str(path), "w", format="mp4", options={"movflags": "+faststart"})
        self._stream: Any = self._container.add_stream("libx264", rate=FPS)
        height, width = first.shape[:2]
        self._stream.width, self._stream.height = max(2, width & ~1), max(2, height & ~1)
        self._stream.pix_fmt = "yuv420p"
        self._stream.time_base = self._stream.codec_context.time_base = _TIME_BASE
        self._stream.options = {"crf": _CRF, "preset": "veryfast", "g": str(FPS * _KEY_S), "bf": "0"}

    def put(self, picture: Pixels, at_ms: int) -> None:
        frame: Any = av.VideoFrame.from_ndarray(self._fitted(picture), format="bgra")
        frame.pts, frame.time_base = at_ms, _TIME_BASE
        self._container.mux(self._stream.encode(frame.reformat(format="yuv420p")))

    def end(self, titles: Sequence[Title], length_ms: int) -> None:
        self._container.mux(self._stream.encode(None))
        ends = [*(title.at_ms for title in titles[1:]), length_ms]
        chapters = [
            {
                "id": number,
                "start": title.at_ms,
                "end": max(title.at_ms, end),
                "time_base": _TIME_BASE,
                "metadata": {"title": title.words},
            }
            for number, (title, end) in enumerate(zip(titles, ends, strict=True), 1)
        ]
        self._container.set_chapters(chapters)
        self._container.close()

    def drop(self) -> None:
        self._container.close()

    def _fitted(self, picture: Pixels) -> Pixels:
        """As it is when it fits (less an odd last row or column), else scaled into the middle of a black one."""
        width, height = self._stream.width, self._stream.height
        if (picture.shape[1] & ~1, picture.shape[0] & ~1) == (width, height):
            return np.ascontiguousarray(picture[:height, :width])
        scale = min(width / picture.shape[1], height / picture.shape[0])
        inner = max(2, int(picture.shape[1] * scale)), max(2, int(picture.shape[0] * scale))
        scaled: Any = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="bgra")
        small: Pixels = scaled.reformat(width=inner[0], height=inner[1]).to_ndarray(format="bgra")
        made = np.zeros((height, width, 4), np.uint8)
        left, top = (width - inner[0]) // 2, (height - inner[1]) // 2
        made[top : top + inner[1], left : left + inner[0]] = small
        return made


class Film:
    """Writes what `reader` has to `target`, which is there only once it is whole."""

    def __init__(self, reader: Reader, target: Path, titles: Sequence[Title], told: Callable[[int], None]) -> None:
        self._reader, self._target = reader, target
        self._titles, self._told = sorted(titles, key=lambda title: title.at_ms), told
        self._canvas, self._pointer = _Canvas(), _Pointer()
        self._decoding = Decoding(self._canvas, _nothing, _nothing, _nothing)
        self._tape: _Tape | None = None
        self._shown_ms = -_TICK_MS
        self._changed_ms = 0
        self._cancelled = threading.Event()

    def cancel(self) -> None:
        """From any thread: `write` ends with Cancelled."""
        self._cancelled.set()

    def write(self) -> None:
        """Raises OSError, Damaged, Empty, Cancelled; then nothing is left at `target` but what was there before."""
        fresh = self._target.with_name(f".{self._target.name}.part")
        try:
            self._write(fresh)
            with fresh.open("rb") as file:
                os.fsync(file.fileno())
            fresh.replace(self._target)
        finally:
            if self._tape is not None:
                with contextlib.suppress(av.error.FFmpegError, OSError):
                    self._tape.drop()
            fresh.unlink(missing_ok=True)

    def _write(self, path: Path) -> None:
        place, _ = self._reader.begin_at(0)
        for index in range(place, len(self._reader.places)):
            if self._cancelled.is_set():
                raise Cancelled
            head = self._reader.places[index].head
            if head.flags & NOTES:
                continue
            for record in self._reader.records(index):
                self._pass(path, record.at_ms)
                was = self._canvas.changed
                self._take(record)
                if self._canvas.changed and not was:
                    self._changed_ms = record.at_ms
            self._told(head.until_ms)
        self._show(path, max(self._reader.length_ms, self._shown_ms + 1), last=True)
        if self._tape is None:
            raise Empty
        self._tape.end(self._titles, self._reader.length_ms)
        self._tape = None

    def _take(self, record: k.Any) -> None:
        match record:
            case k.Picture(data=data):
                self._decoding.take(Unit(data, False))
            case k.Cursor(moved=moved):
                self._pointer.moves(moved)
                self._canvas.changed = True
            case k.CursorLook(shape=shape):
                self._pointer.looks(shape)
                self._canvas.changed = True
            case _:
                pass

    def _pass(self, path: Path, at_ms: int) -> None:
        """Time has come to `at_ms`: what changed in the tick that is over is shown at its end."""
        due_ms = (max(self._shown_ms, self._changed_ms) // _TICK_MS + 1) * _TICK_MS
        if self._canvas.changed and at_ms >= due_ms:
            self._show(path, due_ms)

    def _show(self, path: Path, at_ms: int, *, last: bool = False) -> None:
        if not self._canvas.pixels.size or not (self._canvas.changed or last):
            return
        if self._tape is None:
            self._tape = _Tape(path, self._canvas.pixels)
            at_ms = 0
        self._tape.put(self._pointer.over(self._canvas.pixels), at_ms)
        self._shown_ms, self._canvas.changed = at_ms, False


def _nothing(*_: object) -> None:
    """Nobody is told: the canvas has it, and there is no sharer to ask."""
