"""Lines that wait for the writer: whatever came while the last commit ran goes in as one unit of work.

A batch takes lines until the writer begins it. When it fails as a whole, each of its lines is tried alone, so that a
line that cannot be written takes nobody with it.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from threading import Lock
from typing import Final

from relay_server.conversations.lines import Answer, Line, post_all
from relay_server.engine.journal import Journal, Transaction
from relay_server.engine.outages import STORE_OUT
from shared.common.errors import LinkLost
from shared.protocol.frames import Refused

BATCH: Final = 1024
"""Lines in one unit of work at most."""
WAITING: Final = 20_000
"""Lines that may wait; more are refused as `busy`."""

Answered = Callable[[Answer], None]
_log = logging.getLogger(__name__)


class _Batch:
    """Grows on the event loop until the writer's thread takes it, once and for all."""

    def __init__(self) -> None:
        self.lines: list[Line] = []
        self.answered: list[Answered] = []
        self._taken = False
        self._lock = Lock()

    def add(self, line: Line, answered: Answered) -> bool:
        """False when it is full or taken."""
        with self._lock:
            if self._taken or len(self.lines) >= BATCH:
                return False
            self.lines.append(line)
            self.answered.append(answered)
            return True

    def take(self) -> Sequence[Line]:
        """The lines, the same each time."""
        with self._lock:
            self._taken = True
        return self.lines

    def post(self, tx: Transaction) -> list[Answer]:
        """The unit of work."""
        return post_all(tx, self.take())


class Posting:
    """Used from the event loop's thread."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._growing = _Batch()
        self._growing.take()
        self._waiting = 0
        self._running: set[asyncio.Task[None]] = set()

    def post(self, line: Line, answered: Answered) -> None:
        """`answered` is called on the loop, once: after the commit, or with the refusal. Lines of one caller keep their
        order."""
        if self._waiting >= WAITING:
            answered(Refused(code="busy"))
            return
        self._waiting += 1
        if self._growing.add(line, answered):
            return
        batch = self._growing = _Batch()
        batch.add(line, answered)
        task = asyncio.get_running_loop().create_task(self._carry_out(batch))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _carry_out(self, batch: _Batch) -> None:
        try:
            answers = await self._answers(batch)
        finally:
            self._waiting -= len(batch.take())
        for answered, answer in zip(batch.answered, answers, strict=True):
            answered(answer)

    async def _answers(self, batch: _Batch) -> list[Answer]:
        try:
            answers = await self._journal.write(batch.post)
        except LinkLost:
            answers = await self._again(batch)
        except Exception as error:
            lines = batch.take()
            _log.warning("%d lines could not be written together and are tried singly: %s", len(lines), error)
            return list(await asyncio.gather(*(self._alone(line) for line in lines)))
        return [answers] * len(batch.take()) if isinstance(answers, Refused) else answers

    async def _again(self, batch: _Batch) -> list[Answer] | Refused:
        """Nobody knows whether the lines are there. A line that is sent again is the same line, so writing tells."""
        try:
            return await self._journal.write(batch.post)
        except LinkLost:
            return Refused(code="busy")

    async def _alone(self, line: Line) -> Answer:
        def work(tx: Transaction) -> Answer:
            return post_all(tx, (line,))[0]

        try:
            return await self._journal.write(work)
        except STORE_OUT as error:
            _log.warning("nobody knows whether a line was written: %s", error)
            return Refused(code="internal")
        except Exception:
            _log.exception("a line could not be written")
            return Refused(code="internal")
