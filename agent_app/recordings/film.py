"""Saving one recording as a film that anybody can play: out of the protection of its key, on record at the relay."""

from collections.abc import Callable
from pathlib import Path
from typing import Literal

from msgspec import Struct, structs

from agent_app.desk.relay import Failed, Relay, Spawn
from agent_app.recordings.chapters import chapter_words
from agent_app.recordings.copy import Copy, Source, StartPlayer
from agent_app.recordings.port import Shelf
from shared.common.sealed.keys import KeyPair
from shared.common.shown import Shown
from shared.protocol.messages import recordings as r
from shared.session import channel as s
from shared.session import recording_messages as m

_FETCHING = 0.5
"""The share of the work that is fetching, as the figure counts it."""
MAX_TITLE = 400


class FilmView(Struct, frozen=True, kw_only=True):
    """`share` of the work is done, 0 to 1. `whole` as in PlayerChanged; `fault`: a code of why there is no film."""

    row: r.RecordingRow
    path: Path
    state: Literal["fetching", "writing", "done", "failed"] = "fetching"
    share: float = 0.0
    whole: str = "loading"
    fault: str = ""
    problem: Failed | None = None

    @property
    def over(self) -> bool:
        """Whether nothing more happens."""
        return self.state in ("done", "failed")


class FilmPresenter:
    """From the opening, which goes on record at the relay, until it is written, given up or has failed."""

    def __init__(
        self,
        source: tuple[r.RecordingRow, KeyPair],
        path: Path,
        relay: Relay,
        shelf: Shelf,
        start: StartPlayer,
        spawn: Spawn,
    ) -> None:
        row, pair = source
        self._chapters: tuple[m.ChapterSeen, ...] = ()
        self._ordered = False
        self.view = Shown(FilmView(row=row, path=path))
        self._copy = Copy(Source(row, pair, "export"), relay, shelf, start, spawn, self)

    def close(self) -> None:
        """Gives it up; what was written so far is removed."""
        self._copy.close()

    # From the copy

    def report(self, report: s.PlayerReport) -> None:
        """From the process."""
        match report:
            case m.ChaptersFound():
                self._chapters = report.chapters
            case m.PlayerChanged(whole=whole) if whole != "loading" and not self._ordered:
                self._ordered = True
                self._change(state="writing", whole=whole)
                titles = tuple(m.FilmTitle(at_ms=one.at_ms, words=_title(one)) for one in self._chapters)
                self._copy.order(m.SaveFilm(path=str(self.view.value.path), titles=titles))
            case m.FilmChanged(state="writing", at_ms=at_ms):
                done = at_ms / max(1, self.view.value.row.length_ms)
                self._change(share=min(1.0, _FETCHING + (1 - _FETCHING) * done))
            case m.FilmChanged(state="done"):
                self._end(lambda: self._change(state="done", share=1.0))
            case m.FilmChanged(fault=fault):
                self.fault(fault)
            case _:
                pass

    def fetched(self, size_bytes: int) -> None:
        """So much of it is here."""
        self._change(share=_FETCHING * min(1.0, size_bytes / max(1, self.view.value.row.size_bytes)))

    def fault(self, code: str) -> None:
        """There will be no film."""
        self._end(lambda: self._change(state="failed", fault=code))

    def problem(self, failed: Failed) -> None:
        """It cannot be fetched."""
        self._end(lambda: self._change(state="failed", problem=failed))

    def _end(self, say: Callable[[], None]) -> None:
        if not self.view.value.over:
            say()
            self._copy.close()

    def _change(self, **fields: object) -> None:
        self.view.set(structs.replace(self.view.value, **fields))


def _title(chapter: m.ChapterSeen) -> str:
    return chapter_words(chapter)[:MAX_TITLE]
