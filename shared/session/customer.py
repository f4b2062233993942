"""The customer's side of a remote session: alone holds capture, connections, consent, the gate and the stop watch.

The window says what the customer has decided; here it is enforced, and here it ends: at Stop, at expiry, when the
window goes away. Everything is in the loop's thread but the watch and the landing, which call back into it.
"""

import asyncio
import functools
import logging
from collections.abc import Callable, Coroutine, Sequence
from typing import Final, assert_never

import msgspec

from shared.common.errors import PeerBroken
from shared.control.gate import LOCAL_HOLD_MS
from shared.control.guard import Guarded
from shared.control.injector import ControlFault, Injector
from shared.control.input import (
    ControlWaits,
    Quality,
    Said,
    SharingStopped,
    Standing,
    WishPicture,
    WishRestart,
    decode_said,
    encode,
)
from shared.control.landing import Landing
from shared.control.platform import let_go_of_leftovers, open_guard, open_injector, open_watch
from shared.control.watch import Cause
from shared.media.capture import open_screen
from shared.media.capture.source import CaptureError, View
from shared.media.peer import BadDescription, fingerprint
from shared.media.peer import IceServer as MediaIceServer
from shared.media.producer import CaptureChanged
from shared.media.sharer import PeerChanged, PeerSees, Sharer, SharerState, TooManyViewers
from shared.media.stats import SharerFigures, now_us
from shared.protocol.messages.remote import EndReason, GrantEnd, IceServer, Signal
from shared.protocol.types import Capability
from shared.rules import consent as c
from shared.rules.sharing import Share
from shared.session import channel as m
from shared.session.clip import CustomerClip
from shared.session.clip_messages import ClipOut
from shared.session.clock import StrictClock
from shared.session.drawing import CustomerDrawing
from shared.session.drawing_messages import WipeDrawings
from shared.session.facts import CustomerFacts
from shared.session.facts_messages import KeepFacts, SendFacts
from shared.session.files import CustomerFiles
from shared.session.files_messages import FileOrder
from shared.session.outlet import Outlet
from shared.session.parts import CustomerPart
from shared.session.quality import THRIFTY_BPS, QualityWishes
from shared.session.scene import Scene
from shared.session.senses import OpenGuard, OpenWatch, Senses
from shared.session.sources import find_sources, find_view
from shared.session.usage import Usage
from shared.session.voice import CustomerTalk
from shared.session.voice_messages import FindSound, UseSound

_log = logging.getLogger(__name__)

_TICK_S: Final = 1.0
_RETRY_S: Final = 0.1
_FAREWELL_S: Final = 0.02
"""What the last word to the agents gets, so that it leaves before the connections close."""
_STOP_S: Final = 2.0
_LOCAL_REPORT_MS: Final = 250
RESUME_MS: Final = 25_000
"""A connection that is lost for longer takes the agent's grants with it."""


class CustomerSession:
    """One remote session; `tasks` owns what takes time. `open_injector` and `open_watch` are the machine's."""

    def __init__(
        self,
        tasks: asyncio.TaskGroup,
        outlet: Outlet,
        *,
        injector: Callable[[], Injector] = open_injector,
        watch: OpenWatch = open_watch,
        guard: OpenGuard = open_guard,
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._tasks = tasks
        self._outlet = outlet
        self._clock = StrictClock()
        self._consent = c.NOTHING
        self._landing = Landing(injector, self._clock.now_ms, self._control_possible)
        self._senses = Senses(watch, guard)
        self._guarded: Guarded = ""
        self._sharer: Sharer | None = None
        self._scene = Scene(self._landing, self._senses, outlet, self._place_changed)
        self._connected: frozenset[str] = frozenset()
        self._offers: dict[str, asyncio.Task[None]] = {}
        self._told: dict[str, Standing] = {}
        self._seal_to = ""
        self._lost_ms: dict[str, int] = {}
        self._since_us = now_us()
        self._usage = Usage()
        self._wishes = QualityWishes()
        self._drawing = CustomerDrawing(self)
        self._talk = CustomerTalk(self)
        self._files = CustomerFiles(self)
        self._facts = CustomerFacts(self)
        self._clip = CustomerClip(self)
        self._parts: tuple[CustomerPart, ...] = (
            self._drawing,
            self._talk,
            self._files,
            self._facts,
            self._clip,
        )
        self._local_told_ms = 0
        self._changed = asyncio.Event()
        self._stop_reason: EndReason | None = None
        self.stopping = asyncio.Event()
        """Set when sharing is to end; whoever runs the session then calls `finish`."""

    def order(self, order: m.CustomerOrder) -> None:
        """What the window wants. After the stop: nothing."""
        if self._stop_reason is not None:
            return
        match order:
            case m.FindSources(thumbnail_width=width, thumbnail_height=height):
                self._spawn(self._find_sources(width, height), "find sources")
            case m.StartSharing(share=share):
                self._start(share)
            case m.ChangeShare(share=share):
                self._scene.choose(share)
            case m.GiveGrants():
                self._give(order)
            case m.TakeGrant(agent_id=agent_id, capability=capability):
                self._follow(c.revoke(self._consent, agent_id, capability), "revoked")
            case m.Pause():
                self._set_paused(True)
            case m.Resume():
                self._set_paused(False)
            case m.StopSharing(reason=reason):
                self.stop(reason)
            case m.AddViewer(agent_id=agent_id, ice_servers=servers):
                before = self._drop_offer(agent_id)
                self._offers[agent_id] = self._spawn(self._add_viewer(agent_id, servers, before), "offer")
            case m.RemoveViewer(agent_id=agent_id):
                self._remove_viewer(agent_id)
            case m.SignalIn(agent_id=agent_id, signal=signal, fingerprint=verified):
                self._signal(agent_id, signal, verified)
            case m.ProtectWindows():
                self._scene.protect(order)
            case m.Hide():
                self._scene.hide(order)
            case WipeDrawings():
                self._drawing.wipe()
            case FindSound() | UseSound():
                self._talk.talk.order(order)
            case ClipOut():
                self._clip.order(order)
            case FileOrder():
                self._files.order(order)
            case SendFacts() | KeepFacts():
                self._facts.order(order)
            case _:
                assert_never(order)

    def stop(self, reason: EndReason) -> None:
        """Nobody sees or does anything from here on; the connections are closed by `finish`."""
        if self._stop_reason is not None:
            return
        self._stop_reason = reason
        self._landing.shut()
        self._consent, ended = c.stop(self._consent)
        self._landing.set_consent(self._consent)
        for part in self._parts:
            part.stop()
        if self._sharer is not None:
            self._sharer.pause()
        for agent_id in tuple(self._offers):
            self._drop_offer(agent_id)
        self._report_ended(ended, "stopped")
        self._report_used()
        self.stopping.set()

    async def finish(self) -> None:
        """Tells the agents, ends everything, and says so as the last message."""
        reason = self._stop_reason or "session_process_lost"
        try:
            async with asyncio.timeout(_STOP_S):
                await self._say_farewell(reason)
        except TimeoutError:
            _log.error("the connections did not close in time; the process ends with them")
        for part in self._parts:
            await part.close()
        await asyncio.to_thread(self._senses.close)
        await asyncio.to_thread(self._landing.close)
        self._outlet.send(m.Stopped(reason=reason))

    async def keep_time(self) -> None:
        """Ends grants on the millisecond, and reports about once a second. Runs until cancelled."""
        await asyncio.to_thread(_clear_leftovers)
        while True:
            self._changed.clear()
            try:
                async with asyncio.timeout(self._wait_s()):
                    await self._changed.wait()
            except TimeoutError:
                pass
            self._follow(c.sweep(self._consent, self._clock.now_ms()), "expired")
            self._forget_lost()
            self._report_used()

    def _forget_lost(self) -> None:
        """Who has been away for too long must ask again."""
        late = [agent for agent, since in self._lost_ms.items() if self._clock.now_ms() - since >= RESUME_MS]
        for agent_id in late:
            del self._lost_ms[agent_id]
            for one in c.grants(self._consent):
                if one.agent_id == agent_id:
                    self._follow(c.revoke(self._consent, agent_id, one.capability), "connection_lost")

    def _wait_s(self) -> float:
        wake_ms = c.next_wake_ms(self._consent)
        left_s = _TICK_S if wake_ms is None else (wake_ms - self._clock.now_ms()) / 1000
        untold = any(self._told.get(agent) != self._standing(agent) for agent in self._connected)
        return max(0.0, min(left_s, _RETRY_S if untold else _TICK_S))

    # What the window decided

    def _start(self, share: Share) -> None:
        if self._sharer is not None:
            _log.warning("a second start of the same session is ignored")
            return
        if self._open_senses():
            self._landing.start()
        else:  # who cannot hear the person must not move their mouse
            self._outlet.send(m.ControlPossible(works=False))
        self._sharer = Sharer(
            open_screen,
            share,
            on_message=self._message,
            on_state=self._sharer_changed,
            on_figures=self._figures,
            voice=self._talk.line,
        )
        self._scene.begin(share, self._sharer)
        if self._consent.paused:
            self._sharer.pause()
        self._spawn(self._place(share), "place")

    def _open_senses(self) -> bool:
        heard = self._senses.open(
            self._heard_stop,
            self._heard_person,
            functools.partial(self._soon, self._screen_lost),
            self._saw_guard,
        )
        self._outlet.send(m.StopWatch(works=heard))
        return heard

    def _give(self, order: m.GiveGrants) -> None:
        now_ms = self._clock.now_ms()
        asked: c.Consent | c.Refusal = self._consent
        for one in order.grants:  # the window ran the question; here it is asked and answered at once
            if isinstance(asked, c.Consent):
                asked = c.ask(asked, one.agent_id, [one.capability], "", one.until_ms, now_ms)
        granted = c.grant(asked, order.grants, now_ms) if isinstance(asked, c.Consent) else asked
        if isinstance(granted, c.Consent):
            self._seal_to = order.seal_to or self._seal_to
            self._follow((granted, ()), "revoked")
        else:
            self._outlet.send(m.GrantsRefused(why=granted))

    def _set_paused(self, paused: bool) -> None:
        self._consent = c.pause(self._consent) if paused else c.resume(self._consent)
        self._since_us = now_us()
        self._landing.set_consent(self._consent)
        if self._sharer is not None:
            if paused:
                self._sharer.pause()
            else:
                self._sharer.resume()
        self._tell_standing()

    def _follow(self, change: tuple[c.Consent, Sequence[c.Ended]], why: GrantEnd) -> None:
        """Puts a new consent in force: first the gate, then the picture, then the words."""
        before, (self._consent, ended) = self._consent, change
        if self._consent != before:
            self._since_us = now_us()
        self._landing.set_consent(self._consent)
        for one in ended:
            if one.capability == "view" and one.was == "granted":
                self._remove_viewer(one.agent_id)
        self._tell_standing()
        self._report_ended(ended, why)
        self._changed.set()

    # Connections

    async def _add_viewer(self, agent_id: str, servers: Sequence[IceServer], before: asyncio.Task[None] | None) -> None:
        sharer = self._sharer
        if sharer is None or not self._may_see(agent_id):
            self._outlet.send(m.GrantsRefused(why="no_grant"))
            return
        if before is not None:
            await asyncio.wait([before])
        ice = [MediaIceServer(one.urls, one.username, one.credential) for one in servers]
        try:
            sdp = await sharer.add_viewer(agent_id, ice)
        except (TooManyViewers, TimeoutError) as error:
            _log.warning("no offer for an agent: %s", type(error).__name__)
            self._outlet.send(m.ViewerChanged(agent_id=agent_id, state="lost"))
            return
        offer = Signal(kind="offer", sdp=sdp)
        self._outlet.send(m.SignalOut(agent_id=agent_id, signal=offer, fingerprint=fingerprint(sdp)))

    def _remove_viewer(self, agent_id: str) -> None:
        """Control goes at once, the connection as soon as it can."""
        self._drop_offer(agent_id)
        self._set_connected(agent_id, False)
        self._spawn(self._close_viewer(agent_id), "close viewer")

    def _drop_offer(self, agent_id: str) -> asyncio.Task[None] | None:
        """An offer still in the making is given up: its connection must not outlive what it was made for."""
        task = self._offers.pop(agent_id, None)
        if task is not None:
            task.cancel()
        return task

    async def _close_viewer(self, agent_id: str) -> None:
        if self._sharer is not None:
            await self._sharer.remove_viewer(agent_id)
            self._set_connected(agent_id, False)

    def _signal(self, agent_id: str, signal: Signal, verified: str) -> None:
        match signal.kind:
            case "answer":
                self._spawn(self._accept(agent_id, signal.sdp, verified), "answer")
            case "bye":
                self._remove_viewer(agent_id)
            case "offer" | "again" | "reveal" | "confirm":
                _log.warning("%s from an agent is refused", signal.kind)
            case _:
                assert_never(signal.kind)

    async def _accept(self, agent_id: str, sdp: str, verified: str) -> None:
        if self._sharer is None or not self._may_see(agent_id):
            return
        try:
            if fingerprint(sdp) != verified:
                raise BadDescription("not the verified fingerprint")
            await self._sharer.set_answer(agent_id, sdp)
        except (BadDescription, KeyError) as error:
            _log.warning("an answer does not fit: %s", type(error).__name__)
            await self._close_viewer(agent_id)
            self._outlet.send(m.ViewerChanged(agent_id=agent_id, state="lost"))

    def _may_see(self, agent_id: str) -> bool:
        return c.decide(self._consent, agent_id, "view", self._clock.now_ms()) in ("allowed", "paused")

    def _message(self, agent_id: str, name: str, data: bytes) -> None:
        """From an agent's data channel; the connection it came by is whose it is."""
        if self._stop_reason is not None:
            return
        try:
            if name == "control":
                self._said(agent_id, decode_said(data))
            for part in self._parts:
                if part.channel == name:
                    part.message(agent_id, data)
        except PeerBroken as broken:
            _log.warning("what an agent sends for %s is none: %s", name, broken)
            self._remove_viewer(agent_id)

    def _said(self, agent_id: str, said: Said) -> None:
        if isinstance(said, WishPicture):
            self._wishes.wish(agent_id, said.quality)
            self._use_quality(self._wishes.chosen)
        elif isinstance(said, WishRestart):
            may = self.allows(agent_id, "restart")
            self.used(agent_id, "restart", refused=not may)
            if may:
                self._outlet.send(m.RestartWished(agent_id=agent_id))
        else:
            self._landing.offer(agent_id, said)

    def _use_quality(self, quality: Quality) -> None:
        if self._sharer is not None:
            self._sharer.set_exact(quality == "exact")
            self._sharer.set_limit(THRIFTY_BPS if quality == "thrifty" else None)

    def _sharer_changed(self, state: SharerState) -> None:
        match state:
            case PeerChanged(peer_id=agent_id, state=now):
                self._set_connected(agent_id, now == "connected")
                if now == "lost":
                    self._lost_ms.setdefault(agent_id, self._clock.now_ms())
                self._outlet.send(m.ViewerChanged(agent_id=agent_id, state=now))
            case PeerSees(peer_id=agent_id):
                self._outlet.send(m.ViewerSees(agent_id=agent_id))
            case CaptureChanged():
                self._capture_changed(state)
            case View():
                self._scene.lies(state)

    def _capture_changed(self, change: CaptureChanged) -> None:
        if change.state == "stopped" or self._stop_reason is not None:
            return
        if change.state == "gone":
            self._scene.gone(change.code)
            return
        self._outlet.send(
            m.SharingChanged(state=change.state, fault=change.code, width=change.width, height=change.height)
        )
        if change.state == "failed":
            self.stop("session_process_lost")

    def _set_connected(self, agent_id: str, connected: bool) -> None:
        self._told.pop(agent_id, None)
        self._connected = self._connected | {agent_id} if connected else self._connected - {agent_id}
        self._landing.set_connected(self._connected)
        self._wishes.connected(self._connected)
        self._use_quality(self._wishes.chosen)
        if connected:
            self._lost_ms.pop(agent_id, None)
            self._usage.connected(agent_id, self._clock.now_ms())
        self._tell_standing()
        self._changed.set()

    def _standing(self, agent_id: str) -> Standing:
        live: list[Capability] = [one.capability for one in c.grants(self._consent) if one.agent_id == agent_id]
        seal_to = self._seal_to if "record" in live else ""
        return Standing(tuple(live), self._consent.paused, self._since_us, self._guarded, seal_to)

    def _tell_standing(self) -> None:
        """What each agent may do now, in the words of this machine; told again until the channel takes it."""
        for part in self._parts:
            part.standing_changed()
        for agent_id in self._connected:
            standing = self._standing(agent_id)
            if self._told.get(agent_id) != standing and self._send(agent_id, encode(standing)):
                self._told[agent_id] = standing

    def _send(self, agent_id: str, data: bytes) -> bool:
        return self._sharer is not None and self._sharer.send(agent_id, "control", data)

    # What the parts ask of the session (parts.CustomerHost)

    def report(self, report: m.CustomerReport) -> None:
        self._outlet.send(report)

    def report_latest(self, report: m.CustomerReport) -> None:
        self._outlet.send_latest(report)

    def say(self, agent_id: str, channel: str, data: bytes) -> bool:
        return self._stop_reason is None and self._sharer is not None and self._sharer.send(agent_id, channel, data)

    def waiting(self, agent_id: str, channel: str) -> int:
        return self._sharer.buffered(agent_id, channel) if self._sharer is not None else 0

    def allows(self, agent_id: str, capability: Capability) -> bool:
        allowed = c.decide(self._consent, agent_id, capability, self._clock.now_ms()) == "allowed"
        return allowed and agent_id in self._connected

    def used(self, agent_id: str, capability: Capability, *, refused: bool = False) -> None:
        self._usage.used(agent_id, capability, self._clock.now_ms(), refused=refused)

    def now_ms(self) -> int:
        return self._clock.now_ms()

    def spawn(self, work: Coroutine[object, object, None], name: str) -> None:
        self._spawn(work, name)

    # The machine

    async def _find_sources(self, width: int, height: int) -> None:
        self._outlet.send(await asyncio.to_thread(find_sources, width, height, self._scene.hidden))

    async def _place(self, share: Share) -> None:
        """Where it lies, before anybody sees it."""
        try:
            view = await asyncio.to_thread(find_view, share)
        except CaptureError as error:
            self._capture_changed(CaptureChanged("failed", code=error.code))
            return
        if self._scene.share == share:
            self._scene.lies(view)
        self._outlet.send(m.SharingChanged(state="ready", width=view.bounds.width, height=view.bounds.height))

    def _place_changed(self) -> None:
        """What is shared lies elsewhere, or is another."""
        ground = self._scene.ground
        if ground is not None:
            self._drawing.set_monitor(ground.bounds)

    def _control_possible(self, works: bool) -> None:
        """In the landing's thread."""
        self._soon(self._outlet.send, m.ControlPossible(works=works))

    def _heard_stop(self, cause: Cause) -> None:
        """In the watch's thread: the gate shuts here and now, whatever the loop is doing."""
        self._landing.shut()
        reason: EndReason = "customer_stop_key" if cause == "key" else "customer_stopped"
        self._soon(self.stop, reason)

    def _heard_person(self) -> None:
        """In the watch's thread, at every move of the mouse."""
        now_ms = self._clock.now_ms()
        self._landing.note_local(now_ms)
        if now_ms - self._local_told_ms >= _LOCAL_REPORT_MS:
            self._local_told_ms = now_ms
            self._soon(self._report_person, now_ms + LOCAL_HOLD_MS)

    def _saw_guard(self, guarded: Guarded) -> None:
        """In the guard's thread: nothing lands from here on, or it may again."""
        self._landing.set_guarded(guarded)
        self._soon(self._set_guarded, guarded)

    def _set_guarded(self, guarded: Guarded) -> None:
        self._guarded = guarded
        self._tell_standing()
        self._changed.set()

    def _screen_lost(self) -> None:
        self.stop("session_process_lost")

    def _soon(self, function: Callable[..., None], *arguments: object) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(function, *arguments)

    # Reports

    def _report_person(self, until_ms: int) -> None:
        self._outlet.send_latest(m.ControlHeld(until_ms=until_ms))
        for agent_id in self._connected:
            if "control" in self._standing(agent_id).capabilities:
                self._send(agent_id, encode(ControlWaits(LOCAL_HOLD_MS)))

    def _report_ended(self, ended: Sequence[c.Ended], why: GrantEnd) -> None:
        for one in ended:
            if one.was == "granted":
                self._outlet.send(m.GrantOver(agent_id=one.agent_id, capability=one.capability, why=why))

    def _report_used(self) -> None:
        for used in self._usage.news(self._connected, self._landing.tallies(), self._clock.now_ms()):
            self._outlet.send(used)

    def _figures(self, figures: SharerFigures) -> None:
        self._outlet.send_latest(msgspec.convert(figures, m.SharingFigures, from_attributes=True))

    async def _say_farewell(self, reason: EndReason) -> None:
        if self._sharer is None:
            return
        for agent_id in self._connected:
            self._send(agent_id, encode(SharingStopped(reason)))
        if self._connected:
            await asyncio.sleep(_FAREWELL_S)
        await self._sharer.stop()

    def _spawn(self, work: Coroutine[object, object, None], name: str) -> asyncio.Task[None]:
        return self._tasks.create_task(work, name=name)


def _clear_leftovers() -> None:
    try:
        let_go_of_leftovers()
    except ControlFault as fault:
        _log.info("nothing to clear up: %s", fault)
