"""Playing one recording: fetched encrypted, opened with the key of this run, decoded by a process of its own."""

import asyncio
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final, Protocol

from msgspec import Struct, structs

from agent_app.desk.relay import Failed, Relay, Spawn, ask
from agent_app.recordings.port import Shelf
from shared.common.errors import LinkLost, PeerBroken
from shared.common.sealed.heads import HEAD, Damaged, read_head
from shared.common.sealed.keys import KeyPair
from shared.common.shown import Heard, Shown
from shared.protocol.frames import Refused
from shared.protocol.messages import recordings as r
from shared.session import channel as s
from shared.session import recording_messages as m
from shared.session.frames import FrameReady

SPEEDS: Final = (0.5, 1.0, 2.0, 4.0, 8.0)


class Process(Protocol):
    """The process that plays, or did."""

    def send(self, order: s.PlayerOrder) -> None:
        """Never blocks; after the end it does nothing."""
        ...

    async def close(self) -> None:
        """End it, however it stands. Idempotent."""
        ...


StartPlayer = Callable[[Callable[[s.PlayerReport], None], Callable[[bool], None]], Awaitable[Process]]


class PlayerView(Struct, frozen=True, kw_only=True):
    """`fetched` of `row.size_bytes` are here. `whole` as in PlayerChanged; `fault`: a code of why nothing plays."""

    row: r.RecordingRow
    fetched: int = 0
    playing: bool = False
    ended: bool = False
    at_ms: int = 0
    length_ms: int = 0
    speed: float = 1.0
    whole: str = "loading"
    chapters: tuple[m.ChapterSeen, ...] = ()
    fault: str = ""
    problem: Failed | None = None


class PlayerPresenter:
    """From the opening, which goes on record at the relay, to the end of the window."""

    def __init__(
        self, row: r.RecordingRow, pair: KeyPair, relay: Relay, shelf: Shelf, start: StartPlayer, spawn: Spawn
    ) -> None:
        self._pair, self._relay, self._shelf = pair, relay, shelf
        self._start, self._spawn = start, spawn
        self._process: Process | None = None
        self._closed = asyncio.Event()
        self.view = Shown(PlayerView(row=row, length_ms=row.length_ms))
        self.frames = Heard[FrameReady]()
        self.cursor = Heard[s.CursorAt | s.CursorLooks]()
        spawn(self._live(), "play recording")

    def toggle(self) -> None:
        """Play, or rest."""
        view = self.view.value
        self._order(m.Rest() if view.playing else m.Play(speed=view.speed))

    def seek(self, at_ms: int) -> None:
        """Show the picture of that time."""
        at_ms = max(0, min(at_ms, self.view.value.length_ms))
        self._change(at_ms=at_ms, ended=False)
        self._order(m.SeekTo(at_ms=at_ms))

    def set_speed(self, speed: float) -> None:
        """How many times as fast as it was."""
        self._change(speed=speed)
        if self.view.value.playing:
            self._order(m.Play(speed=speed))

    def close(self) -> None:
        """The window goes."""
        self._closed.set()

    async def _live(self) -> None:
        """The encrypted copy and the process end with the window."""
        with tempfile.TemporaryDirectory(prefix="threeline-recording-") as directory:
            fetching = asyncio.create_task(self._fetch(Path(directory) / "recording.tlr"), name="fetch recording")
            await self._closed.wait()
            fetching.cancel()
            await asyncio.gather(fetching, return_exceptions=True)
            if self._process is not None:
                self._process.send(m.StopPlaying())
                await self._process.close()

    async def _fetch(self, path: Path) -> None:
        row = self.view.value.row
        opened = await ask(self._relay, r.OpenRecording(recording_id=row.recording_id), r.RecordingOpened)
        if isinstance(opened, Failed):
            self._change(problem=opened)
            return
        at = 0
        try:
            while data := await self._shelf.read_recording(row.recording_id, opened.opening_id, at):
                if isinstance(data, Refused):
                    self._change(problem=Failed(data.code, dict(data.params)))
                    return
                await asyncio.to_thread(_append, path, data)
                if not await self._play(path, data, first=at == 0):
                    return
                at += len(data)
                self._change(fetched=at)
            self._order(m.FileGrew(all_there=True))
        except (LinkLost, PeerBroken) as error:
            self._change(problem=Failed(error.code))

    async def _play(self, path: Path, data: bytes, *, first: bool) -> bool:
        """More of the file is there; with its beginning the process is started. False: it cannot be opened."""
        if not first:
            self._order(m.FileGrew())
            return True
        from shared.common.sealed.container import content_key  # loads cryptography

        try:
            key = content_key(data[: read_head(data[: HEAD.size]).size], self._pair)
        except Damaged:
            self._change(fault="recording.fault_other_key")
            return False
        try:
            self._process = await self._start(self._report, self._over)
        except OSError:
            self._change(fault="recording.fault_process")
            return False
        self._order(m.OpenPlayer(path=str(path), key=key))
        return True

    def _report(self, report: s.PlayerReport) -> None:
        match report:
            case s.FrameShown():
                self.frames.tell(report.frame)
            case s.CursorAt() | s.CursorLooks():
                self.cursor.tell(report)
            case m.ChaptersFound():
                self._change(chapters=report.chapters)
            case m.PlayerChanged():
                self._change(
                    playing=report.state == "playing",
                    ended=report.state == "ended",
                    at_ms=report.at_ms,
                    length_ms=max(report.length_ms, self.view.value.row.length_ms),
                    whole=report.whole,
                )

    def _over(self, expected: bool) -> None:
        if not expected and not self._closed.is_set():
            self._change(fault="recording.fault_process", playing=False)

    def _order(self, order: s.PlayerOrder) -> None:
        if self._process is not None:
            self._process.send(order)

    def _change(self, **fields: object) -> None:
        self.view.set(structs.replace(self.view.value, **fields))


def _append(path: Path, data: bytes) -> None:
    with path.open("ab") as file:
        file.write(data)
