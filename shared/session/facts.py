"""System information in the two session processes: gathered where it is, sent only when its person presses Send."""

import asyncio
import time
from collections.abc import Callable
from typing import Final

from shared.control.facts import Ask, Facts, Section, Withheld, decode_ask, decode_told, encode
from shared.session.facts_messages import (
    AskFacts,
    FactsCame,
    FactsGathered,
    FactsOrder,
    FactsOver,
    FactsWithheld,
    SendFacts,
)
from shared.session.parts import AgentHost, CustomerHost
from shared.session.snapshot import gather

GAP_MS: Final = 3000
"""Between two snapshots for one agent: asking more often is not heard."""


class CustomerFacts:
    """One snapshot an agent at a time; it waits here for the person, and goes with the grant, the pause and the
    connection. `read` blocks for at most two seconds, in a thread."""

    channel = "facts"

    def __init__(self, host: CustomerHost, read: Callable[[], tuple[Section, ...]] = gather) -> None:
        self._host, self._read = host, read
        self._count = 0
        self._waiting: dict[str, tuple[int, tuple[Section, ...]]] = {}
        self._last_ms: dict[str, int] = {}
        self._stopped = False

    def message(self, agent_id: str, data: bytes) -> None:
        decode_ask(data)
        if self._stopped:
            return
        if not self._host.allows(agent_id, "sysinfo"):
            self._host.used(agent_id, "sysinfo", refused=True)
            self._host.say(agent_id, self.channel, encode(Withheld("not_allowed")))
            return
        now_ms = self._host.now_ms()
        if agent_id in self._waiting or now_ms - self._last_ms.get(agent_id, -GAP_MS) < GAP_MS:
            return
        self._last_ms[agent_id] = now_ms
        self._host.spawn(self._gather(agent_id), "gather facts")

    def order(self, order: FactsOrder) -> None:
        """What the person has decided."""
        number, sections = self._waiting.get(order.agent_id, (0, ()))
        if number != order.snapshot:
            return
        del self._waiting[order.agent_id]
        if not isinstance(order, SendFacts):
            self._host.say(order.agent_id, self.channel, encode(Withheld("refused")))
        elif self._host.allows(order.agent_id, "sysinfo"):
            chosen = tuple(section for section in sections if section.name in order.sections)
            if self._host.say(order.agent_id, self.channel, encode(Facts(chosen))):
                self._host.used(order.agent_id, "sysinfo")

    def standing_changed(self) -> None:
        for agent_id in [one for one in self._waiting if not self._host.allows(one, "sysinfo")]:
            self._drop(agent_id)

    def stop(self) -> None:
        self._stopped = True
        for agent_id in tuple(self._waiting):
            self._drop(agent_id)

    async def close(self) -> None:
        """Nothing runs that the session does not end."""

    async def _gather(self, agent_id: str) -> None:
        sections = await asyncio.to_thread(self._read)
        if self._stopped or not self._host.allows(agent_id, "sysinfo"):
            return
        self._count += 1
        self._waiting[agent_id] = (self._count, sections)
        self._host.report(FactsGathered(agent_id=agent_id, snapshot=self._count, sections=sections))

    def _drop(self, agent_id: str) -> None:
        del self._waiting[agent_id]
        self._host.report(FactsOver(agent_id=agent_id))


class AgentFacts:
    """Asks, and hands on what comes."""

    channel = "facts"

    def __init__(self, host: AgentHost) -> None:
        self._host = host

    def order(self, _order: AskFacts) -> None:
        """Ask for a snapshot."""
        if not self._host.say(self.channel, encode(Ask())):
            self._host.report(FactsWithheld(why="lost"))

    def message(self, data: bytes) -> None:
        told = decode_told(data)
        if isinstance(told, Withheld):
            self._host.report(FactsWithheld(why=told.why))
        else:
            self._host.report(FactsCame(sections=told.sections, at_ms=time.time_ns() // 1_000_000))

    def connected(self, live: bool) -> None:
        """What was asked for over a connection that is gone does not come any more."""
        if not live:
            self._host.report(FactsWithheld(why="lost"))

    async def close(self) -> None:
        """Nothing runs."""
