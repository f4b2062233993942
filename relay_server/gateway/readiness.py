"""Whether the relay can do its work: it is not about to stop, its disk has room and the store takes a write.

Reading says nothing: a full disk still answers. Nor does a write alone: one page more may fit where a line of chat does
not.
"""

import asyncio
import logging
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Final

from relay_server.engine.journal import Journal, Transaction
from shared.protocol.frames import Refused

ANSWER_S: Final = 2.0
KEPT_S: Final = 1.0
"""An answer is given again for so long: however many ask, the store is written to once."""
RESERVE_BYTES: Final = 8 << 20
"""With less than this the next burst may not fit."""
_log = logging.getLogger(__name__)


class Readiness:
    """Asks the store when it is asked."""

    def __init__(self, journal: Journal, data_dir: Path, clock_s: Callable[[], float]) -> None:
        self._journal = journal
        self._data_dir = data_dir
        self._clock_s = clock_s
        self._asked = asyncio.Lock()
        self._known = ""
        self._known_until_s = 0.0
        self.leaving = False
        """The relay serves for a moment more and should get no new clients."""

    async def problem(self) -> str:
        """What is wrong, in a word; empty when nothing is."""
        if self.leaving:
            return "shutting_down"
        async with self._asked:
            if self._clock_s() >= self._known_until_s:
                known, self._known = self._known, await self._look()
                self._known_until_s = self._clock_s() + KEPT_S
                if known != self._known:
                    _log.warning("not ready: %s", self._known) if self._known else _log.info("ready again")
            return self._known

    async def _look(self) -> str:
        try:
            if shutil.disk_usage(self._data_dir).free < RESERVE_BYTES:
                return "store_full"
            async with asyncio.timeout(ANSWER_S):
                answer = await self._journal.write(_touch)
        except Exception as error:
            return type(error).__name__
        return answer.code if isinstance(answer, Refused) else ""


def _touch(tx: Transaction) -> int:
    """A write that changes nothing, and goes to the disk like any other."""
    return tx.run("UPDATE organisation SET name = name")
