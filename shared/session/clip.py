"""The clipboard beside the picture. Items are stored and forwarded whole: what has not come whole is set nowhere.

On the customer's machine every piece is asked about: one that comes needs `clipboard.write`, one that goes needs
`clipboard.read`, at the moment when it comes or goes.
"""

import asyncio
import logging
from collections.abc import Callable
from typing import Final

from shared.common.errors import PeerBroken
from shared.control.clipboard.item import Item
from shared.control.clipboard.line import ClipLine, brings
from shared.protocol.types import Capability
from shared.session.clip_messages import ClipIn, ClipOut
from shared.session.parts import AgentHost, CustomerHost

_log = logging.getLogger(__name__)

CHANNEL: Final = "clipboard"
_AGAIN_S: Final = 0.05


class _Relay:
    """Window on one side, the other computer on the other."""

    def __init__(self, to_window: Callable[[bytes], bool], to_peer: Callable[[bytes], bool]) -> None:
        self.window = ClipLine(to_window, self._out)
        self.peer = ClipLine(to_peer, self._in)
        self.may_go: Callable[[], bool] = lambda: True
        self.may_come: Callable[[], bool] = lambda: True

    def _out(self, item: Item) -> None:
        if self.may_go():
            self.peer.put(item)

    def _in(self, item: Item) -> None:
        if self.may_come():
            self.window.put(item)

    def ordered(self, data: bytes) -> None:
        """From our own window: what is none of ours is not worth the session."""
        try:
            self.window.message(data)
        except PeerBroken as broken:
            _log.warning("the window's clipboard is none: %s", broken)

    def stop_going(self) -> None:
        self.window.stop_taking()
        self.peer.stop_sending()

    def stop_coming(self) -> None:
        self.peer.stop_taking()
        self.window.stop_sending()


class CustomerClip:
    """One relay for each agent."""

    channel = CHANNEL

    def __init__(self, host: CustomerHost) -> None:
        self._host = host
        self._relays: dict[str, _Relay] = {}
        self._pumping = self._stopped = False

    def order(self, order: ClipOut) -> None:
        """From the window."""
        if not self._stopped:
            self._with(order.agent_id).ordered(order.data)
            self._keep_pumping()

    def message(self, agent_id: str, data: bytes) -> None:
        """From an agent. Raises PeerBroken."""
        if self._stopped:
            return
        if brings(data) and not self._host.allows(agent_id, "clipboard.write"):
            self._host.used(agent_id, "clipboard.write", refused=True)
            return
        self._with(agent_id).peer.message(data)
        self._keep_pumping()

    def standing_changed(self) -> None:
        """What is under way without a grant is given up."""
        for agent_id, relay in self._relays.items():
            if not self._host.allows(agent_id, "clipboard.read"):
                relay.stop_going()
            if not self._host.allows(agent_id, "clipboard.write"):
                relay.stop_coming()

    def stop(self) -> None:
        """Nothing comes or goes from here on."""
        self._stopped = True
        self._relays.clear()

    async def close(self) -> None:
        """Nothing runs any more."""
        self.stop()

    def _with(self, agent_id: str) -> _Relay:
        relay = self._relays.get(agent_id)
        if relay is None:
            relay = self._relays[agent_id] = _Relay(
                lambda data: self._to_window(agent_id, data), lambda data: self._to_agent(agent_id, data)
            )
            relay.may_go = lambda: self._counted(agent_id, "clipboard.read")
            relay.may_come = lambda: self._counted(agent_id, "clipboard.write")
        return relay

    def _counted(self, agent_id: str, capability: Capability) -> bool:
        allowed = self._host.allows(agent_id, capability)
        self._host.used(agent_id, capability, refused=not allowed)
        return allowed

    def _to_window(self, agent_id: str, data: bytes) -> bool:
        if brings(data) and not self._host.allows(agent_id, "clipboard.write"):
            return False
        self._host.report(ClipIn(agent_id=agent_id, data=data))
        return True

    def _to_agent(self, agent_id: str, data: bytes) -> bool:
        if brings(data) and not self._host.allows(agent_id, "clipboard.read"):
            return False
        return self._host.say(agent_id, CHANNEL, data)

    def _keep_pumping(self) -> None:
        if not self._pumping and any(relay.peer.busy for relay in self._relays.values()):
            self._pumping = True
            self._host.spawn(self._pump(), "clipboard")

    async def _pump(self) -> None:
        while not self._stopped and any(relay.peer.busy for relay in self._relays.values()):
            await asyncio.sleep(_AGAIN_S)
            for relay in tuple(self._relays.values()):
                relay.peer.pump()
        self._pumping = False


class AgentClip:
    """The agent's end; what may come or go, the customer's machine says."""

    channel = CHANNEL

    def __init__(self, host: AgentHost) -> None:
        self._host = host
        self._relay = _Relay(self._to_window, lambda data: host.say(CHANNEL, data))
        self._live = self._pumping = False

    def order(self, order: ClipOut) -> None:
        """From the window."""
        if self._live:
            self._relay.ordered(order.data)
            self._keep_pumping()

    def message(self, data: bytes) -> None:
        """From the customer's machine. Raises PeerBroken."""
        self._relay.peer.message(data)
        self._keep_pumping()

    def connected(self, live: bool) -> None:
        """What was under way on an older connection is given up."""
        if live != self._live:
            self._live = live
            self._relay.stop_going()
            self._relay.stop_coming()

    async def close(self) -> None:
        """The session ends."""
        self._live = False
        self._relay.stop_going()

    def _to_window(self, data: bytes) -> bool:
        self._host.report(ClipIn(data=data))
        return True

    def _keep_pumping(self) -> None:
        if not self._pumping and self._relay.peer.busy:
            self._pumping = True
            self._host.spawn(self._pump(), "clipboard")

    async def _pump(self) -> None:
        while self._live and self._relay.peer.busy:
            await asyncio.sleep(_AGAIN_S)
            self._relay.peer.pump()
        self._pumping = False
