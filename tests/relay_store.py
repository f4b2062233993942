"""A relay's store for tests, on either engine: migrated once a run, copied for each test."""

import shutil
import tempfile
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from relay_server.engine import journal_postgres, journal_sqlite, migrate
from relay_server.engine.bus import Bus
from relay_server.engine.journal import Journal
from relay_server.engine.postgres_link import PostgresAddress
from shared.common.clock import now_ms
from shared.protocol.messages.conversations import ChatPosted
from shared.protocol.types import PersonRef
from tests import pg

_ROOM = tempfile.TemporaryDirectory(prefix="relay-template-")


@cache
def _template() -> Path:
    path = Path(_ROOM.name) / "template.sqlite3"
    migrate.upgrade(path)
    return path


def empty_store(directory: Path) -> Path:
    """The path of a store with the newest schema and nothing in it."""
    return Path(shutil.copy(_template(), directory / "relay.sqlite3"))


ENGINES = ("sqlite", "postgres")


@dataclass(frozen=True)
class Place:
    """Where a test's store is: a file, or a database of its own."""

    where: Path | PostgresAddress

    def open(
        self, bus: Bus, clock: Callable[[], int] = now_ms, queue: int = 20_000
    ) -> AbstractAsyncContextManager[Journal]:
        """A journal on it; as many as one likes."""
        if isinstance(self.where, Path):
            return journal_sqlite.open_journal(self.where, bus, clock, queue)
        return journal_postgres.open_journal(self.where, bus, clock, queue)


def empty_place(engine: str, directory: Path) -> Place:
    """A store with the newest schema and nothing in it; `engine` is one of `ENGINES`."""
    return Place(empty_store(directory) if engine == "sqlite" else pg.fresh_database())


def chat(client_id: str, text: str = "hello") -> ChatPosted:
    """A line of chat by somebody."""
    return ChatPosted(client_id=client_id, author=PersonRef(id="p", name="P", kind="customer"), text=text)


class Clock:
    """A clock that stands until it is moved; milliseconds."""

    def __init__(self, now_ms: int = 1_800_000_000_000) -> None:
        self.now_ms = now_ms

    def __call__(self) -> int:
        return self.now_ms

    def pass_ms(self, duration_ms: int) -> None:
        """Time goes by."""
        self.now_ms += duration_ms
