"""A recording on this computer while somebody wants it: fetched encrypted, opened by a process of its own."""

import asyncio
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Protocol

from msgspec import Struct

from agent_app.desk.relay import Failed, Relay, Spawn, ask
from agent_app.recordings.port import Shelf
from shared.common.errors import LinkLost, PeerBroken
from shared.common.sealed.heads import HEAD, Damaged, read_head
from shared.common.sealed.keys import KeyPair
from shared.protocol.frames import Refused
from shared.protocol.messages import recordings as r
from shared.session import channel as s
from shared.session import recording_messages as m


class Process(Protocol):
    """The process that opens it, or did."""

    def send(self, order: s.PlayerOrder) -> None:
        """Never blocks; after the end it does nothing."""
        ...

    async def close(self) -> None:
        """End it, however it stands. Idempotent."""
        ...


StartPlayer = Callable[[Callable[[s.PlayerReport], None], Callable[[bool], None]], Awaitable[Process]]


class Source(Struct, frozen=True):
    """Which recording, the key that opens it, and what it is fetched for: that goes on record at the relay."""

    row: r.RecordingRow
    pair: KeyPair
    purpose: r.OpenFor


class Heard(Protocol):
    """Whom a copy tells."""

    def report(self, report: s.PlayerReport) -> None:
        """From the process."""
        ...

    def fetched(self, size_bytes: int) -> None:
        """So much of it is here."""
        ...

    def fault(self, code: str) -> None:
        """It cannot be opened, or the process has ended."""
        ...

    def problem(self, failed: Failed) -> None:
        """It cannot be fetched."""
        ...


class Copy:
    """The encrypted copy and the process end with `close`."""

    def __init__(
        self, source: Source, relay: Relay, shelf: Shelf, start: StartPlayer, spawn: Spawn, heard: Heard
    ) -> None:
        self._source, self._relay, self._shelf = source, relay, shelf
        self._start, self._heard = start, heard
        self._process: Process | None = None
        self._closed = asyncio.Event()
        spawn(self._live(), f"recording to {source.purpose}")

    def order(self, order: s.PlayerOrder) -> None:
        """To the process, once there is one."""
        if self._process is not None:
            self._process.send(order)

    def close(self) -> None:
        """Nobody looks at it any more. Idempotent."""
        self._closed.set()

    async def _live(self) -> None:
        with tempfile.TemporaryDirectory(prefix="threeline-recording-") as directory:
            fetching = asyncio.create_task(self._fetch(Path(directory) / "recording.tlr"), name="fetch recording")
            await self._closed.wait()
            fetching.cancel()
            await asyncio.gather(fetching, return_exceptions=True)
            if self._process is not None:
                self._process.send(m.StopPlaying())
                await self._process.close()

    async def _fetch(self, path: Path) -> None:
        asked = r.OpenRecording(recording_id=self._source.row.recording_id, purpose=self._source.purpose)
        opened = await ask(self._relay, asked, r.RecordingOpened)
        if isinstance(opened, Failed):
            self._heard.problem(opened)
            return
        try:
            await self._fetch_all(path, opened.opening_id)
        except (LinkLost, PeerBroken) as error:
            self._heard.problem(Failed(error.code))

    async def _fetch_all(self, path: Path, opening_id: str) -> None:
        at = 0
        while data := await self._shelf.read_recording(self._source.row.recording_id, opening_id, at):
            if isinstance(data, Refused):
                self._heard.problem(Failed(data.code, dict(data.params)))
                return
            await asyncio.to_thread(_append, path, data)
            if at:
                self.order(m.FileGrew())
            elif not await self._open(path, data):
                return
            at += len(data)
            self._heard.fetched(at)
        self.order(m.FileGrew(all_there=True))

    async def _open(self, path: Path, data: bytes) -> bool:
        """Its beginning is there: the process is started. False: it cannot be opened."""
        from shared.common.sealed.container import content_key  # loads cryptography

        try:
            key = content_key(data[: read_head(data[: HEAD.size]).size], self._source.pair)
        except Damaged:
            self._heard.fault("recording.fault_other_key")
            return False
        try:
            self._process = await self._start(self._heard.report, self._over)
        except OSError:
            self._heard.fault("recording.fault_process")
            return False
        self.order(m.OpenPlayer(path=str(path), key=key))
        return True

    def _over(self, expected: bool) -> None:
        if not expected and not self._closed.is_set():
            self._heard.fault("recording.fault_process")


def _append(path: Path, data: bytes) -> None:
    with path.open("ab") as file:
        file.write(data)
