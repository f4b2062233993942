"""Playing one recording: what the window shows, and what it wants."""

from typing import Final

from msgspec import Struct, structs

from agent_app.desk.relay import Failed, Relay, Spawn
from agent_app.recordings.copy import Copy, Source, StartPlayer
from agent_app.recordings.port import Shelf
from shared.common.sealed.keys import KeyPair
from shared.common.shown import Heard, Shown
from shared.protocol.messages import recordings as r
from shared.session import channel as s
from shared.session import recording_messages as m
from shared.session.frames import FrameReady

SPEEDS: Final = (0.5, 1.0, 2.0, 4.0, 8.0)


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
        self.view = Shown(PlayerView(row=row, length_ms=row.length_ms))
        self.frames = Heard[FrameReady]()
        self.cursor = Heard[s.CursorAt | s.CursorLooks]()
        self._copy = Copy(Source(row, pair, "play"), relay, shelf, start, spawn, self)

    def toggle(self) -> None:
        """Play, or rest."""
        view = self.view.value
        self._copy.order(m.Rest() if view.playing else m.Play(speed=view.speed))

    def seek(self, at_ms: int) -> None:
        """Show the picture of that time."""
        at_ms = max(0, min(at_ms, self.view.value.length_ms))
        self._change(at_ms=at_ms, ended=False)
        self._copy.order(m.SeekTo(at_ms=at_ms))

    def set_speed(self, speed: float) -> None:
        """How many times as fast as it was."""
        self._change(speed=speed)
        if self.view.value.playing:
            self._copy.order(m.Play(speed=speed))

    def close(self) -> None:
        """The window goes."""
        self._copy.close()

    # From the copy

    def report(self, report: s.PlayerReport) -> None:
        """From the process."""
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
            case m.FilmChanged():
                pass  # a player makes none

    def fetched(self, size_bytes: int) -> None:
        """So much of it is here."""
        self._change(fetched=size_bytes)

    def fault(self, code: str) -> None:
        """Nothing plays any more."""
        self._change(fault=code, playing=False)

    def problem(self, failed: Failed) -> None:
        """It cannot be fetched."""
        self._change(problem=failed)

    def _change(self, **fields: object) -> None:
        self.view.set(structs.replace(self.view.value, **fields))
