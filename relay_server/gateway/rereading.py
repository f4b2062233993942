"""Files that are read again while the relay serves: when they change, and when it is told to (SIGHUP)."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from shared.common.errors import ConfigError

EVERY_S: Final = 5.0
_log = logging.getLogger(__name__)

Stamp = tuple[tuple[int, int, int] | None, ...]


@dataclass(slots=True)
class Part:
    """What lies in `paths`; `read` takes it over, or raises ConfigError or OSError and changes nothing."""

    name: str
    paths: Sequence[Path]
    read: Callable[[], None]
    taken: Stamp = field(default=(), init=False)
    seen: Stamp = field(default=(), init=False)

    def __post_init__(self) -> None:
        self.taken = self.seen = _stamp(self.paths)


class Rereading:
    """What cannot be used is named in the log, and what was there before stays in use."""

    def __init__(self, parts: Sequence[Part], at_each_look: Callable[[], None], every_s: float = EVERY_S) -> None:
        self._parts = parts
        self._at_each_look = at_each_look
        self._every_s = every_s
        self.failures = 0

    async def run(self, told: asyncio.Event) -> None:
        """Runs until cancelled."""
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._every_s):
                    await told.wait()
            if told.is_set():
                told.clear()
                _log.info("told to read certificates and secrets again")
                self.read_all()
            else:
                self.look()
            self._at_each_look()

    def look(self) -> None:
        """Reads what has changed and then stood still for one look: two files are not written in one step."""
        for part in self._parts:
            now = _stamp(part.paths)
            settled, part.seen = now == part.seen, now
            if settled and now != part.taken:
                self._read(part, now)

    def read_all(self) -> None:
        """Reads everything, changed or not."""
        for part in self._parts:
            self._read(part, _stamp(part.paths))

    def _read(self, part: Part, now: Stamp) -> None:
        part.taken = part.seen = now
        try:
            part.read()
        except (ConfigError, OSError) as error:
            self.failures += 1
            _log.error("%s: what is in the files now cannot be used, what was before stays: %s", part.name, error)
        else:
            _log.info("%s read again", part.name)


def _stamp(paths: Sequence[Path]) -> Stamp:
    return tuple(_stamp_of(path) for path in paths)


def _stamp_of(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_ino, found.st_size
