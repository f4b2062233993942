"""Two ends of a file exchange joined by a line that can be cut, with a clock and disks of their own."""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Coroutine
from pathlib import Path

from shared.control.files.exchange import Exchange
from shared.control.files.view import TransferView


class End:
    """One computer: what it may do, what its person was shown, and its exchange of this run."""

    def __init__(self, tasks: asyncio.TaskGroup, room: Path, *, leads: bool) -> None:
        self.leads = leads
        self.other: End | None = None
        self.sends = self.receives = True
        self.line = True
        self.views: dict[str, TransferView] = {}
        self.questions: dict[str, str] = {}
        self.counted: list[tuple[bool, bool]] = []
        self.on_seen: Callable[[TransferView], None] = lambda _: None
        self.landing, self.kept = room / "landing", room / "kept"
        self.time_ms = 1_000_000
        self._tasks = tasks
        self._running: set[asyncio.Task[None]] = set()
        self._queue: deque[bytes] = deque()
        self.exchange = Exchange(self, "peer", self.landing, self.kept)

    async def restart(self) -> None:
        """The program ends, whatever it was doing, and is started again."""
        self.exchange.close()
        await asyncio.gather(*self._running)
        self.views.clear()
        self._queue.clear()
        self.exchange = Exchange(self, "peer", self.landing, self.kept)

    def say(self, data: bytes) -> bool:
        if not self.line or sum(map(len, self._queue)) > 200_000:
            return False
        self._queue.append(data)
        asyncio.get_running_loop().call_soon(self._deliver)
        return True

    def lose(self) -> None:
        """What is on its way is gone."""
        self._queue.clear()

    def _deliver(self) -> None:
        if self._queue and self.other is not None:
            self.other.exchange.message(self._queue.popleft())

    def may_send(self) -> bool:
        return self.line and self.sends

    def may_receive(self) -> bool:
        return self.line and self.receives

    def asked(self, question_id: str, words: str) -> None:
        self.questions[question_id] = words

    def unasked(self, question_id: str) -> None:
        self.questions.pop(question_id, None)

    def seen(self, view: TransferView) -> None:
        self.views[view.id] = view
        self.on_seen(view)

    def used(self, *, incoming: bool, refused: bool) -> None:
        self.counted.append((incoming, refused))

    def now_ms(self) -> int:
        return self.time_ms

    def spawn(self, work: Coroutine[object, object, None], name: str) -> None:
        task = self._tasks.create_task(work, name=name)
        self._running.add(task)
        task.add_done_callback(self._running.discard)


class Pair:
    """`agent` and `customer`, connected."""

    def __init__(self, tasks: asyncio.TaskGroup, room: Path) -> None:
        self.agent = End(tasks, room / "agent", leads=True)
        self.customer = End(tasks, room / "customer", leads=False)
        self.agent.other, self.customer.other = self.customer, self.agent
        self.standing()

    def standing(self) -> None:
        for end in (self.agent, self.customer):
            end.exchange.standing()

    def cut(self) -> None:
        """The connection is gone, with what was on it."""
        for end in (self.agent, self.customer):
            end.line = False
            end.lose()
        self.standing()

    def join(self) -> None:
        """A new connection."""
        for end in (self.agent, self.customer):
            end.line = True
        self.standing()

    def close(self) -> None:
        for end in (self.agent, self.customer):
            end.exchange.close()


async def until(true: Callable[[], object], timeout_s: float = 10) -> None:
    """Lets the loop run until the condition holds."""
    end = time.monotonic() + timeout_s
    while not true():
        assert time.monotonic() < end, "waited in vain"
        await asyncio.sleep(0.001)
