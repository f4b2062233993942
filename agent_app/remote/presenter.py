"""One remote session as the agent sees it. The customer's machine decides; this only shows what it said."""

import asyncio
from typing import Final, Literal, assert_never

from msgspec import Struct, structs

from agent_app.conversation.tools import granted, open_ask
from agent_app.desk.desk import Desk
from agent_app.desk.proof import signed_ask
from agent_app.desk.relay import Failed, Relay, Spawn, ask
from agent_app.desk.timelines import Timelines
from agent_app.remote.introduction import Introduction, TrustView
from agent_app.remote.session import Hand, Spare
from shared.common.shown import Forget, Heard, Shown
from shared.control.guard import Guarded
from shared.control.input import Input, Quality
from shared.protocol.messages import conversations as c
from shared.protocol.messages import remote as x
from shared.protocol.types import Capability
from shared.rules import timeline as fold
from shared.rules.certificates import Fault
from shared.rules.introduction import Between
from shared.session import channel as s
from shared.session.frames import FrameReady
from shared.session.voice_desk import VoiceDesk
from shared.session.voice_messages import SoundFound, VoiceChanged, VoiceLevels

Phase = Literal["starting", "connecting", "playing", "paused", "lost", "restarting", "ended"]
Stand = Literal["none", "asked", "granted"]
NOTHING: Final[frozenset[Capability]] = frozenset()

_PHASE_OF: Final[dict[str, Phase]] = {
    "connecting": "connecting",
    "connected": "connecting",
    "playing": "playing",
    "paused": "paused",
    "lost": "lost",
}
"""What the session process says, as phases; `closed` changes nothing until the record or the customer says why."""


class RemoteView(Struct, frozen=True, kw_only=True):
    """`asked` and `standing`: what the customer has been asked for, and what their machine lets us do now.

    `waits_until_ms`: the customer uses mouse or keyboard, ours does not land before. Pictures come by `frames`.
    """

    conversation_id: str
    session_id: str = ""
    name: str = ""
    source: str = ""
    phase: Phase = "starting"
    since_ms: int = 0
    lost_ms: int = 0
    losses: int = 0
    asked: frozenset[Capability] = NOTHING
    standing: frozenset[Capability] = NOTHING
    ask_until_ms: int = 0
    until_ms: int = 0
    paused: bool = False
    waits_until_ms: int = 0
    guarded: Guarded = ""
    width: int = 0
    height: int = 0
    layout: s.LayoutChanged | None = None
    figures: s.ViewingFigures | None = None
    ended: x.EndReason | None = None
    problem: Failed | None = None
    quality: Quality = "automatic"
    trust: TrustView = TrustView()

    def stands(self, capability: Capability) -> Stand:
        """How a capability stands: what the customer's machine says goes before what is on record."""
        if self.ended is not None:
            return "none"
        if capability in self.standing:
            return "granted"
        return "asked" if capability in self.asked else "none"


class RemotePresenter:
    """From the grant to the end. Input goes out only while the customer's machine says that control is granted."""

    def __init__(
        self,
        desk: Desk,
        relay: Relay,
        timelines: Timelines,
        spare: Spare,
        introduction: Introduction,
        spawn: Spawn,
        conversation_id: str,
    ) -> None:
        self._desk, self._relay, self._spare, self._spawn = desk, relay, spare, spawn
        self._introduction = introduction
        self._hand: Hand | None = None
        self._customer_id = ""
        self._closing = False
        self._beginning = asyncio.Lock()
        self.view = Shown(RemoteView(conversation_id=conversation_id, since_ms=desk.now_ms()))
        self.frames = Heard[FrameReady]()
        self.cursor = Heard[s.CursorAt | s.CursorLooks]()
        self.voice = VoiceDesk(self.order)
        self.reports = Heard[s.AgentReport]()
        """All that the session process says, for what rides beside the picture."""
        self.gone = Heard[bool]()
        """The session process has ended, told with whether that was meant."""
        self._forget: list[Forget] = [
            timelines.watch(conversation_id, self._fold_changed),
            desk.signals.watch(self._signal),
        ]

    @property
    def my_id(self) -> str:
        """Who we are."""
        return self._desk.my_id

    @property
    def customer_id(self) -> str:
        """Whose screen it is; empty until the record has said so."""
        return self._customer_id

    @property
    def controls(self) -> bool:
        """Whether input is sent now: never to somebody who is not believed."""
        view = self.view.value
        believed = view.trust.state != "failed" and not view.trust.waits_for_people
        return believed and view.stands("control") == "granted" and view.phase == "playing" and not view.paused

    def ask(self, capability: Capability, reason: str) -> None:
        """Ask the customer for one more capability."""
        command = signed_ask(self._desk, self.view.value.conversation_id, (capability,), reason)
        if command is not None and self.view.value.stands(capability) == "none":
            self._spawn(self._do(command), "ask for a capability")

    def withdraw_ask(self, request_id: str) -> None:
        """Take the question back."""
        command = x.WithdrawAsk(conversation_id=self.view.value.conversation_id, request_id=request_id)
        self._spawn(self._do(command), "withdraw ask")

    def send(self, inputs: tuple[Input, ...]) -> None:
        """Pointer and keys, in order. Dropped while control is not ours."""
        if inputs and self.controls:
            self.order(s.SendInput(inputs=inputs))

    def order(self, order: s.AgentOrder) -> None:
        """To the session process, if there is one."""
        if self._hand is not None and self._hand.session is not None:
            self._hand.session.send(order)

    def restart(self) -> None:
        """The customer is asked to restart their computer now; they say when, or not."""
        if self.view.value.stands("restart") == "granted":
            self.order(s.AskRestart())

    def choose_quality(self, quality: Quality) -> None:
        """How good we would like the picture to be; the customer's machine decides."""
        self._change(quality=quality)
        self.order(s.ChooseQuality(quality=quality))

    def confirm_code(self) -> None:
        """The person has compared the short code: it is the same."""
        signal = self._introduction.confirm()
        self._change(trust=self._introduction.view)
        if signal is not None:
            self._spawn(self._send_signal(signal), "confirm code")

    def deny_code(self) -> None:
        """The person has compared the short code: it is another. Everything ends."""
        self._disbelieve(self._introduction.differs())

    def end(self) -> None:
        """The agent ends the session."""
        if self.view.value.ended is None and self.view.value.session_id:
            command = x.EndRemote(session_id=self.view.value.session_id, reason="agent_ended")
            self._spawn(self._do(command), "end remote")
            self._over("agent_ended")

    def close(self) -> None:
        """The window goes: nothing is watched any more, and the process ends."""
        for forget in self._forget:
            forget()
        self._forget = []
        self._stop_process()

    async def _do(self, command: x.AskCapabilities | x.WithdrawAsk | x.EndRemote) -> None:
        answer = await ask(self._relay, command, c.Done)
        self._change(problem=answer if isinstance(answer, Failed) else None)

    # The record

    def _fold_changed(self, timeline: fold.Timeline) -> None:
        if timeline.customer is not None:
            self._customer_id = timeline.customer.id
            self._change(name=timeline.customer.name)
        remote = timeline.remote
        if remote is None:
            return
        question = open_ask(timeline, self._desk.my_id)
        self._change(
            source=remote.source,
            ask_until_ms=question.expires_ms if question else 0,
            until_ms=self._until(remote),
            asked=frozenset(question.capabilities) if question else NOTHING,
        )
        if remote.session_id == self.view.value.session_id and remote.ended is not None:
            self._over(remote.ended.reason)
        elif not self.view.value.session_id and granted(timeline, self._desk.my_id, "view"):
            self._change(session_id=remote.session_id)
            self._spawn(self._begin(remote.session_id), "begin viewing")

    def _until(self, remote: fold.Remote) -> int:
        mine = [grant.until_ms for grant in remote.grants if grant.agent_id == self._desk.my_id]
        return min(mine, default=0)

    # The session process

    async def _begin(self, session_id: str) -> None:
        """Grant and first offer may come in either order; one process is started for both."""
        async with self._beginning:
            if self._hand is not None or self._closing:
                return
            try:
                hand = await self._spare.take(self._report, self._process_ended)
            except OSError:
                self._process_ended(False)
                return
            if self._closing or hand.session is None:
                await self._close_hand(hand)
                return
            self._hand = hand
            hand.session.send(s.StartViewing(session_id=session_id))
            if self.view.value.quality != "automatic":
                hand.session.send(s.ChooseQuality(quality=self.view.value.quality))
            self._change(phase="connecting", session_id=session_id)

    def _signal(self, arrived: x.SignalArrived) -> None:
        view = self.view.value
        ours = arrived.conversation_id == view.conversation_id and arrived.sender.id == self._customer_id
        if not ours or view.ended is not None:
            return
        match arrived.signal.kind:
            case "offer":
                self._spawn(self._answer(arrived), "answer offer")
            case "reveal":
                self._heed(self._introduction.revealed(arrived.signal))
            case "confirm":
                self._heed(self._introduction.confirmed(arrived.signal))
            case "bye":
                self.order(s.SignalIn(signal=arrived.signal))
            case "answer" | "again":
                pass
            case _:
                assert_never(arrived.signal.kind)

    def _heed(self, fault: Fault | None) -> None:
        self._change(trust=self._introduction.view)
        if fault is not None:
            self._disbelieve(fault)

    def _disbelieve(self, fault: Fault) -> None:
        """Whoever is at the other end is not who they should be: nothing more is sent or shown."""
        self._change(trust=self._introduction.view, problem=Failed(f"trust_{fault}"))
        if self.view.value.ended is None and self.view.value.session_id:
            command = x.EndRemote(session_id=self.view.value.session_id, reason="unverified")
            self._spawn(self._tell_end(command), "end remote")
        self._over("unverified")

    async def _tell_end(self, command: x.EndRemote) -> None:
        await ask(self._relay, command, c.Done)

    def _between(self, session_id: str) -> Between:
        return Between(
            session_id=session_id,
            conversation_id=self.view.value.conversation_id,
            customer_id=self._customer_id,
            agent_id=self._desk.my_id,
        )

    async def _answer(self, arrived: x.SignalArrived) -> None:
        servers = await ask(self._relay, x.GetIceServers(session_id=arrived.session_id), x.IceServers)
        await self._begin(arrived.session_id)
        if self._closing or self.view.value.session_id != arrived.session_id:
            return
        known = () if isinstance(servers, Failed) else servers.servers
        order = self._introduction.offer(arrived.signal, self._between(arrived.session_id), known)
        if isinstance(order, s.SignalIn):
            self.order(order)
        else:
            self._disbelieve(order)

    def _report(self, report: s.AgentReport) -> None:
        self.reports.tell(report)
        match report:
            case s.FrameShown():
                self._framed(report.frame)
            case s.CursorAt() | s.CursorLooks():
                self.cursor.tell(report)
            case s.SignalOut():
                self._signal_out(report)
            case s.ViewingChanged():
                self._viewing(report.state)
            case s.StandingChanged():
                self._stand(report)
            case s.CustomerActs():
                self._change(waits_until_ms=self._desk.now_ms() + report.for_ms)
            case s.ViewingFigures():
                self._change(figures=report)
            case s.SharingEnded(reason="restarting"):
                self._change(phase="restarting", standing=NOTHING, lost_ms=self._desk.now_ms())
            case s.SharingEnded():
                self._over(report.reason)
            case s.LayoutChanged():
                self._change(layout=report)
            case SoundFound() | VoiceChanged() | VoiceLevels():
                self.voice.hear(report)
            case _:
                pass  # what rides beside the picture is heard by `reports`

    def _framed(self, frame: FrameReady) -> None:
        if (frame.width, frame.height) != (self.view.value.width, self.view.value.height):
            self._change(width=frame.width, height=frame.height)
        self.frames.tell(frame)

    def _viewing(self, state: str) -> None:
        phase = _PHASE_OF.get(state)
        view = self.view.value
        if phase is None or view.phase == "ended" or (view.phase == "restarting" and phase == "lost"):
            return
        lost = phase == "lost" and view.phase != "lost"
        self._change(
            phase=phase,
            lost_ms=self._desk.now_ms() if lost else view.lost_ms,
            losses=view.losses + lost,
        )

    def _stand(self, standing: s.StandingChanged) -> None:
        if self.view.value.ended is not None:
            return
        self._change(guarded=standing.guarded, standing=frozenset(standing.capabilities), paused=standing.paused)

    def _signal_out(self, report: s.SignalOut) -> None:
        signal: x.Signal | None = report.signal
        if report.signal.kind == "answer":
            signal = self._introduction.answer(report, self._between(self.view.value.session_id))
            self._change(trust=self._introduction.view)
        if signal is not None:
            self._spawn(self._send_signal(signal), "send signal")

    async def _send_signal(self, signal: x.Signal) -> None:
        command = x.SendSignal(session_id=self.view.value.session_id, to=self._customer_id, signal=signal)
        answer = await ask(self._relay, command, c.Done)
        if isinstance(answer, Failed):
            self._change(problem=answer)

    def _process_ended(self, expected: bool) -> None:
        self.gone.tell(expected)
        if self.view.value.ended is None and not self._closing and not expected:
            command = x.EndRemote(session_id=self.view.value.session_id, reason="session_process_lost")
            self._spawn(self._do(command), "report lost process")
            self._over("session_process_lost")

    def _over(self, reason: x.EndReason) -> None:
        if self.view.value.ended is None:
            self._change(phase="ended", ended=reason, asked=NOTHING, standing=NOTHING, ask_until_ms=0, until_ms=0)
            self._stop_process()

    def _stop_process(self) -> None:
        if not self._closing:
            self._closing = True
            if self._hand is not None:
                self._spawn(self._close_hand(self._hand), "close session process")

    async def _close_hand(self, hand: Hand) -> None:
        if hand.session is not None:
            hand.session.send(s.StopViewing())
            await hand.session.close()

    def _change(self, **fields: object) -> None:
        self.view.set(structs.replace(self.view.value, **fields))
