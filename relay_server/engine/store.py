"""The port of the store: which engine keeps a relay's data, and what can be asked of it without serving."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Protocol, TypeVar

from sqlalchemy import Connection

from relay_server.engine.bus import Bus
from relay_server.engine.journal import Journal

T = TypeVar("T")


class Store(Protocol):
    """An SQLite file or a PostgreSQL database. What cannot be reached or opened is a ConfigError."""

    def open(self, bus: Bus) -> AbstractAsyncContextManager[Journal]:
        """The journal on it; its schema must be of this build."""
        ...

    async def upgrade(self) -> None:
        """Brings it to the schema of this build, from nothing too: all of it or, on a fault, nothing."""
        ...

    async def look(self, work: Callable[[Connection], T]) -> T:
        """Runs `work`, which only reads, whatever schema is there."""
        ...

    async def faults(self) -> list[str]:
        """What the engine itself finds damaged; empty when all is well."""
        ...
