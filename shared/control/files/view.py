"""A transfer as a person sees it."""

from typing import Final, Literal

from msgspec import Struct

from shared.control.files.wire import Fault

_EVERY_MS: Final = 250

Shown = Literal[
    "asks",
    "waits",
    "queued",
    "moving",
    "checking",
    "held",
    "held_there",
    "stalled",
    "unfinished",
    "done",
    "failed",
]
"""`asks`: a person here must say whether it may come; `waits`: the one over there. `stalled`: not allowed now, or no
connection. `unfinished`: from a former run, goes on when a person here says so."""


class TransferView(Struct, frozen=True, kw_only=True):
    """`digest` (SHA-256, hex) and `path` once it is whole; `rate` in bytes a second while it moves."""

    id: str
    incoming: bool
    name: str
    size: int
    done: int = 0
    shown: Shown = "waits"
    why: Fault | None = None
    digest: str = ""
    path: str = ""
    rate: int = 0


class Pace:
    """How fast it goes, and not told more often than a person reads."""

    def __init__(self) -> None:
        self._told_ms = -_EVERY_MS
        self._from: tuple[int, int] | None = None
        self.rate = 0

    def due(self, done: int, now_ms: int, *, moved: bool) -> bool:
        """Whether to tell now; every change but a little more of the same is told."""
        if moved and now_ms - self._told_ms < _EVERY_MS:
            return False
        self._told_ms = now_ms
        if self._from is not None and moved and now_ms > self._from[1] and done >= self._from[0]:
            fresh = (done - self._from[0]) * 1000 // (now_ms - self._from[1])
            self.rate = (self.rate + fresh) // 2 if self.rate else fresh
        self._from = (done, now_ms)
        return True
