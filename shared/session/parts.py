"""What rides beside picture and input in a remote session: clipboard, files, drawing and so on.

A part is joined to a session process and speaks to its twin at the other end over a data channel of its own, named in
`shared.media.peer.CHANNELS`. What it must not do it cannot: every act of an agent's goes through `CustomerHost.allows`,
which asks the consent that is in force at that moment.
"""

from collections.abc import Coroutine
from typing import Protocol

from shared.protocol.types import Capability
from shared.session import channel as m


class AgentHost(Protocol):
    """The agent's session process, as a part sees it. Everything is in the loop's thread."""

    def report(self, report: m.AgentReport) -> None:
        """Tells the window."""
        ...

    def report_latest(self, report: m.AgentReport) -> None:
        """Tells the window, in place of one of the same kind that still waits."""
        ...

    def say(self, channel: str, data: bytes) -> bool:
        """To the customer's machine (at most 64 KiB - 1); False: no open channel, or too much waits in it."""
        ...

    def waiting(self, channel: str) -> int:
        """How many bytes still wait to be sent in the channel."""
        ...

    def spawn(self, work: Coroutine[object, object, None], name: str) -> None:
        """Runs as long as the session at most."""
        ...


class AgentPart(Protocol):
    """The agent's end."""

    @property
    def channel(self) -> str:
        """The data channel that it listens to."""
        ...

    def message(self, data: bytes) -> None:
        """From the customer's machine; raise PeerBroken for what is none of ours: it is logged and dropped."""
        ...

    def connected(self, live: bool) -> None:
        """A new connection's channel is open, or the connection is gone."""
        ...

    async def close(self) -> None:
        """The session ends. Idempotent."""
        ...


class CustomerHost(Protocol):
    """The customer's session process, as a part sees it. Everything is in the loop's thread."""

    def report(self, report: m.CustomerReport) -> None:
        """Tells the window."""
        ...

    def report_latest(self, report: m.CustomerReport) -> None:
        """Tells the window, in place of one of the same kind that still waits."""
        ...

    def say(self, agent_id: str, channel: str, data: bytes) -> bool:
        """To one agent (at most 64 KiB - 1); False: no open channel, or too much waits in it."""
        ...

    def waiting(self, agent_id: str, channel: str) -> int:
        """How many bytes still wait to be sent in the channel."""
        ...

    def allows(self, agent_id: str, capability: Capability) -> bool:
        """Whether this agent may use this capability now: granted, not paused, connected. Ask each time."""
        ...

    def used(self, agent_id: str, capability: Capability, *, refused: bool = False) -> None:
        """Counts one use, or one that was turned away, for the receipt."""
        ...

    def now_ms(self) -> int:
        """The clock that grants are measured by."""
        ...

    def spawn(self, work: Coroutine[object, object, None], name: str) -> None:
        """Runs as long as the session at most."""
        ...


class CustomerPart(Protocol):
    """The customer's end."""

    @property
    def channel(self) -> str:
        """The data channel that it listens to."""
        ...

    def message(self, agent_id: str, data: bytes) -> None:
        """From an agent; raise PeerBroken for what is none of ours: the agent's connection is closed."""
        ...

    def standing_changed(self) -> None:
        """Grants, the pause or the connections have changed: ask `allows` again for whatever goes on."""
        ...

    def stop(self) -> None:
        """At once, without waiting: nothing of an agent's has an effect from here on, nothing more is sent."""
        ...

    async def close(self) -> None:
        """After `stop`: ends what runs. Idempotent."""
        ...
