"""The receipt as it is written: a line for each question, grant, use and end."""

from collections.abc import Iterable
from typing import Final, Literal

from shared.control.files.view import TransferView
from shared.protocol.messages.remote import CapabilityAsked, ReceiptEntry
from shared.protocol.types import Capability, Grant, PersonRef
from shared.session.channel import Used

MAX_LINES: Final = 400
_ROOM_FOR_END: Final = 60
What = Literal["asked", "granted", "refused", "used", "ended", "paused", "resumed", "source", "file"]


class ReceiptLog:
    """Lines of one remote session, oldest first, bounded so that the end always has room."""

    def __init__(self, before: Iterable[ReceiptEntry] = ()) -> None:
        self._entries: list[ReceiptEntry] = list(before)
        self._used: dict[tuple[str, Capability], Used] = {}
        self._agents: dict[str, PersonRef] = {one.agent.id: one.agent for one in self._entries if one.agent}
        self._files: set[str] = set()

    @property
    def entries(self) -> tuple[ReceiptEntry, ...]:
        """The lines so far."""
        return tuple(self._entries)

    def asked(self, asked: CapabilityAsked, at_ms: int) -> None:
        """An engineer asked."""
        self._agents[asked.agent.id] = asked.agent
        for capability in asked.capabilities:
            self._put("asked", at_ms, asked.agent, capability, {"reason": asked.reason})

    def answered(self, asked: CapabilityAsked, grants: Iterable[Grant], at_ms: int) -> None:
        """The customer's answer: what was granted until when, and what was not."""
        until = {grant.capability: grant.until_ms for grant in grants}
        for capability in asked.capabilities:
            if capability in until:
                self._put("granted", at_ms, asked.agent, capability, {"until_ms": str(until[capability])})
            else:
                self._put("refused", at_ms, asked.agent, capability)

    def source(self, name: str, number: int, at_ms: int) -> None:
        """What can be seen: a monitor by the system's name and by the number it was chosen under."""
        self._put("source", at_ms, None, "view", {"monitor": name, "number": str(number)})

    def window(self, title: str, at_ms: int) -> None:
        """What can be seen: one window."""
        self._put("source", at_ms, None, "view", {"window": title[:200]})

    def paused(self, at_ms: int, paused: bool) -> None:
        """The customer paused, or went on. Left out when the receipt is nearly full."""
        if len(self._entries) < MAX_LINES - _ROOM_FOR_END:
            self._put("paused" if paused else "resumed", at_ms)

    def restarted(self, at_ms: int, *, back: bool) -> None:
        """The computer restarts, or is back: nothing was shared in between."""
        self._put("resumed" if back else "paused", at_ms, params={"why": "restart"})

    def file(self, agent_id: str, file: TransferView, at_ms: int) -> None:
        """A file has come or gone, whole."""
        if file.id in self._files or len(self._entries) >= MAX_LINES - _ROOM_FOR_END:
            return
        self._files.add(file.id)
        capability: Capability = "files.send" if file.incoming else "files.receive"
        facts = {"name": file.name, "size": str(file.size), "sha256": file.digest}
        self._put("file", at_ms, self._agents.get(agent_id), capability, facts)

    def used(self, used: Used) -> None:
        """The newest figures of what an engineer did; written down when the grant ends."""
        self._used[used.agent_id, used.capability] = used

    def ended(self, agent_id: str, capability: Capability, why: str, at_ms: int) -> None:
        """A grant is over: what was done with it, and why it ended."""
        agent = self._agents.get(agent_id)
        used = self._used.pop((agent_id, capability), None)
        if used is not None and (used.count or used.refused):
            figures = {
                "count": str(used.count),
                "refused": str(used.refused),
                "first_ms": str(used.first_ms),
                "last_ms": str(used.last_ms),
            }
            self._put("used", at_ms, agent, capability, figures)
        self._put("ended", at_ms, agent, capability, {"why": why})

    def _put(
        self,
        what: What,
        at_ms: int,
        agent: PersonRef | None = None,
        capability: Capability | None = None,
        params: dict[str, str] | None = None,
    ) -> None:
        if len(self._entries) < MAX_LINES:
            entry = ReceiptEntry(at_ms=at_ms, what=what, agent=agent, capability=capability, params=params or {})
            self._entries.append(entry)
