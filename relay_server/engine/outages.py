"""The store may be out of reach for a while: a disk that fails, a database that is started again. Whoever works in the
background goes on afterwards."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any, Final

from relay_server.engine.journal import StoreAway
from shared.common.errors import LinkLost

STORE_OUT: Final = (LinkLost, StoreAway)
"""What a journal raises that says nothing about the work it was given."""
PAUSE_S: Final = 1.0
_log = logging.getLogger(__name__)


async def outlast(name: str, run: Callable[[], Coroutine[Any, Any, None]], pause_s: float = PAUSE_S) -> None:
    """Runs `run` until it ends by itself or is cancelled, again after each time that the store was out."""
    while True:
        try:
            return await run()
        except STORE_OUT as error:
            _log.warning("%s waits for the store: %s", name, error)
            await asyncio.sleep(pause_s)
