"""The bus of a relay that is one process: plain calls."""

import logging
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager

from relay_server.engine.bus import Committed, Listener

_log = logging.getLogger(__name__)


class LocalBus:
    """Calls each listener in turn; one that fails is logged and stands in nobody's way."""

    def __init__(self) -> None:
        self._listeners: tuple[Listener, ...] = ()

    def publish(self, committed: Committed) -> None:
        """Tells every listener."""
        for listener in self._listeners:
            try:
                listener(committed)
            except Exception:
                _log.exception("a listener of the bus failed")

    publish_here = publish

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Adds a listener; the returned function takes it away again."""
        self._listeners = (*self._listeners, listener)

        def unsubscribe() -> None:
            self._listeners = tuple(each for each in self._listeners if each is not listener)

        return unsubscribe

    def want(self, key: str) -> None:
        """There is nobody to tell."""

    def unwant(self, key: str) -> None:
        """There is nobody to tell."""

    async def settled(self) -> None:
        """At once."""

    def counts(self) -> dict[str, int]:
        """None."""
        return {}


@asynccontextmanager
async def opened() -> AsyncGenerator[LocalBus]:
    """A bus for as long as it is needed."""
    yield LocalBus()
