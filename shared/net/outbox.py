"""What was accepted from the person and not yet by the relay: kept in a small SQLite file, so that it outlives the
program, in the order in which it was written."""

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Final, Generic, TypeVar

import msgspec

from shared.common.errors import UNDECODABLE, ThreelineError

CAPACITY: Final = 1000
"""Commands; more is refused to the person at once rather than lost later."""

C = TypeVar("C")
_encode: Final = msgspec.json.encode


class OutboxFull(ThreelineError):
    """Too much waits already, or the disk took no more: nothing was accepted, the words are still the caller's."""

    code = "outbox_full"


class Outbox(Generic[C]):
    """Commands by key, oldest first. `path` None keeps them for this run only."""

    def __init__(self, path: Path | None, decode: Callable[[bytes], C]) -> None:
        self._decode = decode
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            path.touch(mode=0o600)
        self._db = sqlite3.connect(path or ":memory:", isolation_level=None)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=FULL")
        self._db.execute("CREATE TABLE IF NOT EXISTS outbox (place INTEGER PRIMARY KEY, key TEXT UNIQUE, body BLOB)")

    def put(self, key: str, command: C) -> None:
        """Keeps a command durably; the same key again is the same command. Raises `OutboxFull`."""
        try:
            (count,) = self._db.execute("SELECT count(*) FROM outbox").fetchone()
            if count >= CAPACITY:
                raise OutboxFull(f"{count} commands wait")
            self._db.execute("INSERT OR IGNORE INTO outbox (key, body) VALUES (?, ?)", (key, _encode(command)))
        except sqlite3.OperationalError as error:
            raise OutboxFull(str(error)) from error

    def first(self) -> tuple[str, C] | None:
        """The oldest command, or None. One that this build cannot read any more is dropped."""
        while row := self._db.execute("SELECT place, key, body FROM outbox ORDER BY place LIMIT 1").fetchone():
            try:
                return str(row[1]), self._decode(row[2])
            except UNDECODABLE:
                self._db.execute("DELETE FROM outbox WHERE place = ?", (row[0],))
        return None

    def remove(self, key: str) -> None:
        """The relay answered it."""
        self._db.execute("DELETE FROM outbox WHERE key = ?", (key,))

    def pending(self) -> list[tuple[str, C]]:
        """Everything that waits, oldest first."""
        rows = self._db.execute("SELECT key, body FROM outbox ORDER BY place").fetchall()
        found: list[tuple[str, C]] = []
        for key, body in rows:
            try:
                found.append((str(key), self._decode(body)))
            except UNDECODABLE:
                continue
        return found

    def close(self) -> None:
        """Closes the file; what waits stays in it."""
        self._db.close()
