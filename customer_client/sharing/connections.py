"""The connections to the engineers of one remote session: offered, introduced, tried again when lost. No Qt."""

import logging
from collections.abc import Callable
from typing import Final, Protocol, assert_never

from customer_client.desk.relay import Failed, Later, Relay, Spawn, ask
from customer_client.sharing.introductions import Introductions, Reaction
from shared.protocol.messages import remote as x
from shared.protocol.messages.conversations import Done
from shared.protocol.messages.trust import GetTrust, Trust
from shared.protocol.types import Capability, PersonRef
from shared.rules.certificates import Fault
from shared.session import channel as ch

_log = logging.getLogger(__name__)
_AGAIN_S: Final = 4.0


class Host(Protocol):
    """The remote session that they belong to."""

    @property
    def live(self) -> str:
        """The session's id; empty when there is none."""
        ...

    def held(self, agent_id: str) -> frozenset[Capability]:
        """What an engineer may do now."""
        ...

    def engineer(self, agent_id: str) -> PersonRef | None:
        """Who has something in this session."""
        ...

    def order(self, order: ch.CustomerOrder) -> None:
        """To the session process."""
        ...

    def unverified(self, fault: Fault) -> None:
        """An engineer is not who they say: everything ends."""
        ...


class Connections:
    """`changed` after each change of what is shown."""

    def __init__(
        self,
        host: Host,
        relay: Relay,
        introductions: Introductions,
        spawn: Spawn,
        later: Later,
        changed: Callable[[], None],
    ) -> None:
        self._host, self._relay, self._introductions = host, relay, introductions
        self._spawn, self._later, self._changed = spawn, later, changed
        self.forget()

    def forget(self) -> None:
        """The session is over."""
        self.pictures: dict[str, ch.PeerState] = {}
        """How each engineer's connection stands; who was never offered one is not in it."""
        self.seeing: set[str] = set()
        """Who has painted a picture."""
        self._unsent: set[str] = set()
        self._again: set[str] = set()

    def offer(self, agent_id: str) -> None:
        """A connection for somebody who may see and was offered none."""
        if "view" in self._host.held(agent_id) and agent_id not in self.pictures:
            self._spawn(self._add_viewer(agent_id), "viewer")

    def offer_lost(self) -> None:
        """After a pause: whose connection is gone gets a new one."""
        for agent_id, picture in tuple(self.pictures.items()):
            if picture in ("lost", "closed"):
                self._connect_again(agent_id)

    def stands(self, report: ch.ViewerChanged) -> None:
        """The session process says how a connection is."""
        self.pictures[report.agent_id] = report.state
        if report.state != "connected":
            self.seeing.discard(report.agent_id)
        if report.state == "lost":
            self._connect_again(report.agent_id)
        self._changed()

    def confirm(self, agent_id: str) -> None:
        """The person has compared the short code: it is the same."""
        self._react(agent_id, self._introductions.confirm(agent_id))

    def differs(self, agent_id: str) -> None:
        """The person has compared the short code: it is another."""
        self._react(agent_id, self._introductions.differs(agent_id))

    def signal_out(self, report: ch.SignalOut) -> None:
        """The session process has something for an engineer's."""
        self._spawn(self._signal_out(report), "signal")

    def signal_in(self, push: x.SignalArrived) -> None:
        """An engineer's has something for ours."""
        sender = push.sender.id
        match push.signal.kind:
            case "again":
                if "view" in self._host.held(sender) and not self._waits_for_people(sender):
                    self.pictures[sender] = "lost"
                    self._connect_again(sender)
                    self._changed()
            case "answer" | "confirm":
                self._react(sender, self._introductions.take(push.sender, push.signal))
            case "bye":
                self._host.order(ch.SignalIn(agent_id=sender, signal=push.signal))
            case "offer" | "reveal":
                _log.warning("%s from an agent is refused", push.signal.kind)
            case _:
                assert_never(push.signal.kind)

    def link_back(self) -> None:
        """The relay can be reached again: what could not be sent is offered anew."""
        self._spawn(self._learn(), "learn whom to trust")
        if self._host.live:
            unsent, self._unsent = self._unsent, set[str]()
            for agent_id in unsent:
                self._spawn(self._add_viewer(agent_id), "viewer again")

    async def _add_viewer(self, agent_id: str) -> None:
        await self._learn()
        found = await ask(self._relay, x.GetIceServers(session_id=self._host.live), x.IceServers)
        servers = found.servers if isinstance(found, x.IceServers) else ()
        self.pictures.setdefault(agent_id, "connecting")
        self._host.order(ch.AddViewer(agent_id=agent_id, ice_servers=servers))

    def _connect_again(self, agent_id: str) -> None:
        """Tries every few seconds until the picture is back or may not be shown; what was granted still holds."""
        if "view" in self._host.held(agent_id) and agent_id not in self._again:
            self._again.add(agent_id)
            self._try_again(agent_id)

    def _try_again(self, agent_id: str) -> None:
        if agent_id not in self._again:
            return
        if "view" not in self._host.held(agent_id) or self.pictures.get(agent_id) == "connected":
            self._again.discard(agent_id)
            return
        if self._waits_for_people(agent_id):  # a further connection would have another code than the one being read
            self._again.discard(agent_id)
            return
        self._spawn(self._add_viewer(agent_id), "viewer again")
        self._later(_AGAIN_S, lambda: self._try_again(agent_id))

    async def _signal_out(self, report: ch.SignalOut) -> None:
        person = self._host.engineer(report.agent_id)
        if person is None or not self._host.live:
            return
        signal = self._introductions.offer(person, report) if report.signal.kind == "offer" else report.signal
        self._changed()
        await self._send(report.agent_id, signal)

    async def _send(self, agent_id: str, signal: x.Signal) -> None:
        command = x.SendSignal(session_id=self._host.live, to=agent_id, signal=signal)
        answer = await ask(self._relay, command, Done)
        if isinstance(answer, Failed) and signal.kind != "bye":
            _log.info("a signal did not get through: %s %s", signal.kind, answer.code)
            self._unsent.add(agent_id)

    async def _learn(self) -> None:
        told = await ask(self._relay, GetTrust(), Trust)
        if isinstance(told, Trust):
            self._introductions.learn(told)

    def _react(self, agent_id: str, reaction: Reaction) -> None:
        for order in reaction.orders:
            self._host.order(order)
        for signal in reaction.signals:
            self._spawn(self._send(agent_id, signal), "signal")
        if reaction.connect:
            self._spawn(self._add_viewer(agent_id), "viewer")
        self._changed()
        if reaction.fault is not None:
            self._host.unverified(reaction.fault)

    def _waits_for_people(self, agent_id: str) -> bool:
        shown = self._introductions.shown(agent_id)
        return shown is not None and shown.waits_for_people
