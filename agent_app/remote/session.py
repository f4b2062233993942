"""The port to the session process: one process, one remote session."""

from collections.abc import Awaitable, Callable
from typing import Protocol

from shared.session.channel import AgentOrder, AgentReport


class Session(Protocol):
    """A session process that runs, or has ended."""

    @property
    def alive(self) -> bool:
        """Whether it still runs."""
        ...

    def send(self, order: AgentOrder) -> None:
        """Never blocks; after the end it does nothing."""
        ...

    async def close(self) -> None:
        """End it, however it stands. Idempotent."""
        ...


OnReport = Callable[[AgentReport], None]
OnEnded = Callable[[bool], None]
"""Told once, with whether the end was meant."""
StartSession = Callable[[OnReport, OnEnded], Awaitable[Session]]


class Hand:
    """A started process and whoever it reports to now; reports before somebody listens are dropped (there are none)."""

    def __init__(self) -> None:
        self.session: Session | None = None
        self.on_report: OnReport | None = None
        self.on_ended: OnEnded | None = None
        self.ended = False

    def report(self, report: AgentReport) -> None:
        """From the process."""
        if self.on_report is not None:
            self.on_report(report)

    def end(self, expected: bool) -> None:
        """The process is gone."""
        self.ended = True
        if self.on_ended is not None:
            self.on_ended(expected)


class Spare:
    """Keeps one process started ahead, so that a granted screen appears without its half second of imports."""

    def __init__(self, start: StartSession) -> None:
        self._start = start
        self._ready: Hand | None = None

    async def prepare(self) -> None:
        """Start one unless one stands ready. Raises OSError when none can be started."""
        if self._ready is None or self._ready.ended:
            self._ready = hand = Hand()
            hand.session = await self._start(hand.report, hand.end)

    async def take(self, on_report: OnReport, on_ended: OnEnded) -> Hand:
        """A started process for one session; it reports to the caller from now on."""
        await self.prepare()
        hand, self._ready = self._ready, None
        if hand is None or hand.session is None:
            hand = Hand()
            hand.session = await self._start(hand.report, hand.end)
        hand.on_report, hand.on_ended = on_report, on_ended
        return hand

    async def close(self) -> None:
        """End the one that stands ready."""
        hand, self._ready = self._ready, None
        if hand is not None and hand.session is not None:
            await hand.session.close()
