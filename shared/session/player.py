"""The session process that plays a recording: decrypts, decodes into the frame file, in its own time or faster."""

import asyncio
import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final, Literal, assert_never

from av.error import FFmpegError

from shared.common.sealed.heads import NOTES, Damaged
from shared.media.cursor import CursorShape, cursor_pixels
from shared.media.decoding import Decoded, Decoding, Unit
from shared.media.recording import records as k
from shared.media.recording.film import Cancelled, Empty, Film, Title
from shared.media.recording.reader import Reader
from shared.session import channel as m
from shared.session import recording_messages as r
from shared.session.frames import FrameReady, FrameWriter, Slot
from shared.session.outlet import Outlet

_log = logging.getLogger(__name__)

_FULL_S: Final = 0.005
_FULL_TRIES: Final = 2000
_TELL_S: Final = 0.25

State = Literal["resting", "playing", "ended"]


class PlayerSession:
    """Plays one recording; `tasks` owns what takes time."""

    def __init__(self, tasks: asyncio.TaskGroup, outlet: Outlet) -> None:
        self._tasks = tasks
        self._outlet = outlet
        self._loop = asyncio.get_running_loop()
        self._frames = FrameWriter()
        self._decoding = self._new_decoding()
        self._reader: Reader | None = None
        self._all_there = False
        self._state: State = "resting"
        self._speed = 1.0
        self._at_ms = 0.0
        self._seek_ms: int | None = 0
        self._skip_ms = 0
        self._work: list[asyncio.Task[None]] = []
        self._film: Film | None = None
        self._changed = asyncio.Event()
        self._growing = asyncio.Lock()
        self.stopping = asyncio.Event()
        """Set when playing is to end; whoever runs the session then calls `finish`."""

    def order(self, order: m.PlayerOrder) -> None:
        """What the window wants."""
        match order:
            case r.OpenPlayer(path=path, key=key):
                if self._reader is None:
                    self._reader = Reader(Path(path), key)
                    self._work.append(self._tasks.create_task(self._play(self._reader), name="play"))
                    self._tasks.create_task(self._grow(), name="read recording")
            case r.FileGrew(all_there=all_there):
                self._all_there |= all_there
                self._tasks.create_task(self._grow(), name="read recording")
            case r.Play(speed=speed):
                self._speed = speed
                if self._state == "ended":
                    self._seek_ms = 0
                self._become("playing")
            case r.Rest():
                self._become("resting")
            case r.SeekTo(at_ms=at_ms):
                self._seek_ms = at_ms
                self._changed.set()
            case r.SaveFilm():
                if self._reader is not None and self._film is None:
                    titles = [Title(each.at_ms, each.words) for each in order.titles]
                    self._film = Film(self._reader, Path(order.path), titles, self._filmed)
                    self._work.append(self._tasks.create_task(self._save(self._film), name="save film"))
            case r.StopPlaying():
                self.stopping.set()
            case _:
                assert_never(order)

    async def keep_time(self) -> None:
        """Says where it is while it plays. Runs until cancelled."""
        while True:
            await asyncio.sleep(_TELL_S)
            if self._state == "playing":
                self._tell()

    async def finish(self) -> None:
        """Ends playing and decoding, and removes the frame file."""
        if self._film is not None:
            self._film.cancel()
        for task in self._work:
            task.cancel()
        self._decoding.forbid()
        await asyncio.to_thread(self._decoding.join)
        self._frames.close()

    async def _grow(self) -> None:
        async with self._growing:
            reader = self._reader
            if reader is None:
                return
            try:
                await asyncio.to_thread(reader.grow)
            except OSError as error:
                _log.error("the recording cannot be read: %s", type(error).__name__)
                return
            seen = (r.ChapterSeen(at_ms=c.at_ms, what=c.what, who=c.who, words=c.words) for c in reader.chapters)
            self._outlet.send_latest(r.ChaptersFound(chapters=tuple(sorted(seen, key=lambda c: c.at_ms))))
            self._tell()
            self._changed.set()

    # A film

    async def _save(self, film: Film) -> None:
        fault = ""
        try:
            await asyncio.to_thread(film.write)
        except Cancelled:
            return
        except Empty:
            fault = "recording.fault_film_empty"
        except Damaged:
            fault = "recording.fault_film_damaged"
        except (OSError, FFmpegError) as error:
            _log.error("the film cannot be written: %s", type(error).__name__)
            fault = "recording.fault_film_disk"
        self._outlet.send(r.FilmChanged(state="failed" if fault else "done", fault=fault))

    def _filmed(self, at_ms: int) -> None:
        self._soon(self._outlet.send_latest, r.FilmChanged(state="writing", at_ms=at_ms))

    # Playing

    async def _play(self, reader: Reader) -> None:
        """One chunk after the other, from wherever the person wants. Runs until cancelled."""
        index = 0
        while True:
            if self._seek_ms is not None and reader.places:
                index, self._skip_ms = reader.begin_at(self._seek_ms)
                self._at_ms, self._seek_ms = float(self._skip_ms), None
                self._tell()
            elif index >= len(reader.places):
                await self._at_end(reader)
            else:
                await self._play_chunk(reader, index)
                index += 1

    async def _play_chunk(self, reader: Reader, index: int) -> None:
        """The records of one chunk in their time, but at once as long as they lie before where playing is to begin."""
        if reader.places[index].head.flags & NOTES:
            return  # the table of contents has them
        try:
            found = await asyncio.to_thread(reader.records, index)
        except (Damaged, OSError) as error:
            _log.error("the recording cannot be read on: %s", type(error).__name__)
            self._become("ended")
            return
        for record in found:
            if record.at_ms > self._skip_ms:
                await self._until(record.at_ms)
            if self._seek_ms is not None:
                return
            await self._show(record)

    async def _until(self, at_ms: int) -> None:
        """Waits until a time has come, as playing and resting let it."""
        while self._seek_ms is None:
            if self._state != "playing":
                await self._wait()
                continue
            left_s = (at_ms - self._at_ms) / 1000 / self._speed
            if left_s <= 0:
                return
            begun = time.monotonic()
            self._changed.clear()
            try:
                async with asyncio.timeout(min(left_s, _TELL_S)):
                    await self._changed.wait()
            except TimeoutError:
                pass
            self._at_ms = min(float(at_ms), self._at_ms + (time.monotonic() - begun) * 1000 * self._speed)

    async def _show(self, record: k.Any) -> None:
        match record:
            case k.Picture(data=data):
                await self._decode(data)
            case k.Cursor(moved=moved):
                self._outlet.send_latest(m.CursorAt(x=moved.x, y=moved.y, visible=moved.visible))
            case k.CursorLook(shape=shape):
                self._looks(shape)
            case _:
                pass

    async def _decode(self, data: bytes) -> None:
        """Waits for room: jumping decodes everything since a key picture, faster than it was made."""
        for _ in range(_FULL_TRIES):
            if self._decoding.put(Unit(data, False)):
                return
            await asyncio.sleep(_FULL_S)
        _log.error("the decoder does not come along")

    def _looks(self, shape: CursorShape) -> None:
        if (pixels := cursor_pixels(shape)) is not None:
            looks = m.CursorLooks(
                width=shape.width, height=shape.height, hot_x=shape.hot_x, hot_y=shape.hot_y, pixels=pixels
            )
            self._outlet.send_latest(looks)

    async def _at_end(self, reader: Reader) -> None:
        """All that is there was played: waits for more, or says that this is the end."""
        if self._state == "playing" and (self._all_there or reader.whole != "open"):
            await self._until(reader.length_ms)
            if self._seek_ms is None and self._state == "playing":
                self._become("ended")
        await self._wait()

    async def _wait(self) -> None:
        self._changed.clear()
        if self._seek_ms is None or self._reader is None or not self._reader.places:
            await self._changed.wait()

    def _become(self, state: State) -> None:
        self._state = state
        self._changed.set()
        self._tell()

    def _tell(self) -> None:
        reader = self._reader
        if reader is None:
            return
        whole = reader.whole
        said: Literal["loading", "whole", "cut", "damaged"] = (
            "cut" if whole == "open" and self._all_there else "loading" if whole == "open" else whole
        )
        told = r.PlayerChanged(state=self._state, at_ms=int(self._at_ms), length_ms=reader.length_ms, whole=said)
        self._outlet.send_latest(told)

    # From the decoder's thread

    def _new_decoding(self) -> Decoding[Slot, FrameReady]:
        return Decoding(self._frames, self._decoded, _nothing, lambda: self._soon(self.stopping.set))

    def _decoded(self, decoded: Decoded[FrameReady]) -> None:
        self._soon(self._outlet.send_latest, m.FrameShown(frame=decoded.ready))

    def _soon(self, function: Callable[..., None], *arguments: object) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(function, *arguments)


def _nothing() -> None:
    """No sharer is there to be asked for a key picture."""
