"""A recording opened for playing: its chunks in order, verified, with a table of contents. Blocking; for threads."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final, Literal

from msgspec import Struct

from shared.common.sealed.container import Opener
from shared.common.sealed.heads import KEY, OPENING, Damaged, Head, Walk
from shared.media.recording import records as k
from shared.protocol.types import Capability

_READ: Final = 4 * 1024 * 1024
MAX_CHAPTERS: Final = 5000

Whole = Literal["open", "whole", "damaged"]
"""`open`: the last chunk is not there (yet); `damaged`: something is not what was recorded, what came before it is."""


class Place(Struct, frozen=True):
    """Where a chunk is in the file."""

    head: Head
    at: int
    before: bytes


class Chapter(Struct, frozen=True):
    """Something that happened; `what` is one of records.Happening, or `on`, `off`, `paused`, `resumed`, `gap`."""

    at_ms: int
    what: str
    who: str = ""
    words: str = ""


class Reader:
    """Follows a file that may still grow. Every chunk is opened once as it comes, so that nothing unverified plays."""

    def __init__(self, path: Path, key: bytes) -> None:
        self._path = path
        self._opener = Opener(key)
        self._walk = Walk()
        self._read = 0
        self._standing: tuple[frozenset[Capability], bool] = (frozenset(), False)
        self.places: list[Place] = []
        self.chapters: list[Chapter] = []
        self.length_ms = 0
        self.whole: Whole = "open"

    def grow(self) -> None:
        """Takes what is in the file and was not before."""
        while self.whole == "open":
            with self._path.open("rb") as file:
                file.seek(self._read)
                data = file.read(_READ)
            if not data:
                return
            self._read += len(data)
            self._take(data)

    def begin_at(self, at_ms: int) -> tuple[int, int]:
        """Where to begin so that the picture at a time can be shown: the place of the last key picture before it (or
        of the first there is), and the time from which on things are shown in their time."""
        keys = [(index, place.head.from_ms) for index, place in enumerate(self.places) if place.head.flags & KEY]
        if not keys:
            return len(self.places), at_ms
        index, from_ms = next((each for each in reversed(keys) if each[1] <= at_ms), keys[0])
        return index, max(at_ms, from_ms)

    def records(self, index: int) -> list[k.Any]:
        """What is in a chunk. Raises Damaged."""
        place = self.places[index]
        with self._path.open("rb") as file:
            file.seek(place.at)
            raw = file.read(place.head.size)
        return k.decode(self._opener.open(place.head, raw, place.before))

    def _take(self, data: bytes) -> None:
        try:
            for chunk in self._walk.feed(data):
                if not chunk.head.flags & OPENING:
                    found = k.decode(self._opener.open(chunk.head, chunk.raw, chunk.before))
                    self.chapters += self._chapters(found)[: MAX_CHAPTERS - len(self.chapters)]
                    self.places.append(Place(chunk.head, chunk.at, chunk.before))
                    self.length_ms = max(self.length_ms, chunk.head.until_ms)
        except Damaged:
            self.whole = "damaged"
            return
        self.whole = "whole" if self._walk.ended else "open"

    def _chapters(self, found: list[k.Any]) -> list[Chapter]:
        made: list[Chapter] = []
        for record in found:
            match record:
                case k.Standing(at_ms, capabilities, paused):
                    made += self._stands(at_ms, frozenset(capabilities), paused)
                case k.Note(at_ms, what, who, words):
                    made.append(Chapter(at_ms, what, who, words))
                case k.Gap(at_ms):
                    made.append(Chapter(at_ms, "gap"))
                case _:
                    pass
        return made

    def _stands(self, at_ms: int, capabilities: frozenset[Capability], paused: bool) -> Iterator[Chapter]:
        (before, was_paused), self._standing = self._standing, (capabilities, paused)
        if paused != was_paused:
            yield Chapter(at_ms, "paused" if paused else "resumed")
        for capability in sorted(capabilities - before):
            yield Chapter(at_ms, "on", words=capability)
        for capability in sorted(before - capabilities):
            yield Chapter(at_ms, "off", words=capability)
