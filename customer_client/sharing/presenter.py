"""The remote session on the customer's side: turns answers into orders for the session process, its reports into the
banner, the relay's record and the receipt. Nothing here can widen what the customer granted."""

import logging
from collections.abc import Callable, Sequence
from typing import Final, assert_never

from msgspec import structs

from customer_client.consent.presenter import CAN_GRANT, Decision
from customer_client.desk.desk import Desk, LinkView
from customer_client.desk.relay import Failed, Later, Outcome, Relay, Spawn, failure
from customer_client.desk.timelines import Timelines
from customer_client.sharing.choosing import Choosing, areas_of, named
from customer_client.sharing.connections import Connections
from customer_client.sharing.introductions import Introductions
from customer_client.sharing.log import ReceiptLog
from customer_client.sharing.port import SessionPort, Signer, StartSession
from customer_client.sharing.record import CONSENT_KEY, Record
from customer_client.sharing.returning import ReturnNote
from customer_client.sharing.view import Finished, SharingView, Watcher
from shared.common.shown import Heard, Shown
from shared.protocol.frames import Refused
from shared.protocol.messages import remote as x
from shared.protocol.types import Capability, Grant, PersonRef
from shared.rules import consent as rules
from shared.rules.certificates import Fault
from shared.rules.coordinates import Area
from shared.rules.sharing import Share, SharedMonitors, SharedWindow
from shared.rules.timeline import Timeline
from shared.session import channel as ch
from shared.session.clip_messages import ClipIn
from shared.session.drawing_messages import DrawingsShown, WipeDrawings
from shared.session.facts_messages import FactsGathered, FactsOver
from shared.session.files_messages import FileReport, FileSeen
from shared.session.scene_messages import ProtectedWindow, ProtectWindows
from shared.session.voice_desk import VoiceDesk
from shared.session.voice_messages import SoundFound, VoiceChanged, VoiceLevels
from shared.strings import Words

_log = logging.getLogger(__name__)
_TICK_S: Final = 1.0
LEAVE_MS: Final = 30_000
"""For so long at most somebody who has left the conversation keeps what was granted."""
_ENDS: Final[dict[x.GrantEnd, x.EndReason]] = {
    "expired": "expired",
    "revoked": "customer_stopped",
    "connection_lost": "connection_lost",
}
"""What the end of the last grant says about the session."""
_OVER_STATES: Final = frozenset({"wrap_up", "closed", "abandoned"})


class SharingPresenter:
    """One remote session at a time; a fresh session process stands ready while a conversation is active."""

    def __init__(
        self,
        desk: Desk,
        relay: Relay,
        timelines: Timelines,
        start: StartSession,
        sign: Signer,
        introductions: Introductions,
        spawn: Spawn,
        later: Later,
    ) -> None:
        self._desk, self._relay, self._introductions = desk, relay, introductions
        self._start, self._spawn, self._later = start, spawn, later
        self._record = Record(relay, sign, desk.now_ms, self._tell_failure)
        self._session: SessionPort | None = None
        self._starting = self._looking = self._wanted = False
        self._leaving: ReturnNote | None = None
        self._returning: ReturnNote | None = None
        self._stop_clock: Callable[[], None] = _nothing
        self.choosing = Choosing(self.order)
        self._connections = Connections(self, relay, introductions, spawn, later, self._show)
        self._protecting: ProtectWindows | None = None
        self._clear()
        self.view = Shown(SharingView())
        self.finished = Heard[Finished]()
        self.left = Heard[str]()
        """Sharing has stopped so that this computer can restart; told with the session's id."""
        self.voice = VoiceDesk(self.order)
        self.drawings = Heard[DrawingsShown]()
        self.reports = Heard[ch.CustomerReport]()
        """All that the session process says, for what rides beside the picture."""
        timelines.changed.watch(self._take)
        desk.signals.watch(self._signal_in)
        desk.outcomes.watch(self._outcome)
        desk.link.watch(self._link_changed)

    # What the rest of the program asks

    def prepare(self) -> None:
        """Have a session process ready; its start takes half a second of imports that nobody should wait for."""
        if not self._starting and (self._session is None or not self._session.alive):
            self._starting = True
            self._spawn(self._start_session(), "session process")

    def find_sources(self) -> None:
        """Ask what could be shared; `choosing` is told."""
        self._looking = True
        self.prepare()
        if self._session is not None:
            self._session.send(ch.FindSources())

    def held(self, agent_id: str) -> frozenset[Capability]:
        """What an engineer may do now."""
        now = self._desk.now_ms()
        allowed = ("allowed", "paused")
        theirs: list[Capability] = [capability for holder, capability in self._consent.held if holder == agent_id]
        return frozenset(each for each in theirs if rules.decide(self._consent, agent_id, each, now) in allowed)

    def sharing(self) -> Words:
        """What is shared now; empty when nothing is, or it is gone."""
        view = self.view.value
        return view.what if view.live and not view.gone else ""

    def change(self, share: Share) -> None:
        """Show this instead: the customer's own act, so no new grant."""
        if self.view.value.live:
            self.choosing.choose(share)
            self._note_share(share)
            self.order(ch.ChangeShare(share=share))

    def protect(self, windows: tuple[ProtectedWindow, ...], stops: tuple[Area, ...]) -> None:
        """Where our windows and the Stop buttons are now; a session process that comes later is told too."""
        self._protecting = ProtectWindows(windows=windows, stops=stops)
        self.order(self._protecting)

    def decide(self, decision: Decision) -> None:
        """Carry out the customer's answer."""
        asked, now = decision.asked, self._desk.now_ms()
        if self.view.value.session_id not in ("", asked.session_id):
            self._stop_order("agent_ended")
        self._record.log.asked(asked, now)
        self._agents[asked.agent.id] = asked.agent
        grants = decision.grants if self._accept(decision, now) else ()
        self._record.answered(asked, decision.conversation_id, grants)
        self._sessions_of_answers[asked.request_id] = asked.agent.id
        self._show()

    def pause(self) -> None:
        """A cover instead of the picture, no input; the clock runs on."""
        self._consent = rules.pause(self._consent)
        self.order(ch.Pause())
        self._record.log.paused(self._desk.now_ms(), paused=True)
        self.view.set(structs.replace(self.view.value, paused=True))

    def resume(self) -> None:
        """Ends a pause; after a lost connection also offers a new one."""
        self._consent = rules.resume(self._consent)
        self.order(ch.Resume())
        self._record.log.paused(self._desk.now_ms(), paused=False)
        self._connections.offer_lost()
        self.view.set(structs.replace(self.view.value, paused=False))

    def take_back_control(self) -> None:
        """Nobody but the person works this computer; the picture stays."""
        for watcher in self.view.value.watchers:
            if watcher.controls:
                self.order(ch.TakeGrant(agent_id=watcher.person.id, capability="control"))

    def take_back(self, agent_id: str, capability: Capability) -> None:
        """One engineer may not do this any more."""
        self.order(ch.TakeGrant(agent_id=agent_id, capability=capability))

    def wipe_drawings(self) -> None:
        """Nothing is drawn on the screen any more; who may draw still may."""
        self.order(WipeDrawings())

    def confirm_code(self, agent_id: str) -> None:
        """The person has compared the short code: it is the same."""
        self._connections.confirm(agent_id)

    def deny_code(self, agent_id: str) -> None:
        """The person has compared the short code: it is another. Everything ends."""
        self._connections.differs(agent_id)

    def stop(self) -> None:
        """End everything, at once and without a question."""
        self._stop_order("customer_stopped")

    # A restart of this computer in between

    def note(self, server: str, until_ms: int) -> ReturnNote | None:
        """What has to be written down for the session to go on after a restart; None where that is not possible: one
        window is shared, which will not be there again."""
        view, choice = self.view.value, self.choosing.view.value
        if not view.live or not isinstance(choice.share, SharedMonitors):
            return None
        log = ReceiptLog(self._record.log.entries)
        log.restarted(self._desk.now_ms(), back=False)
        return ReturnNote(
            server=server,
            session_id=view.session_id,
            conversation_id=view.conversation_id,
            ticket_number=self._record.ticket_number,
            until_ms=until_ms,
            share=choice.share,
            areas=tuple(each.area for each in choice.areas),
            veiled=bool(choice.hidden) or view.paused,
            seal_to=self._seal_to,
            agents=tuple(self._agents.values()),
            grants=tuple(each for each in rules.grants(self._consent) if each.capability != "restart"),
            entries=log.entries,
        )

    def leave(self, note: ReturnNote) -> None:
        """Stops sharing without ending the session on record; `left` tells when nobody sees anything any more."""
        self._leaving = note
        self._stop_order("restarting")

    def stay(self) -> None:
        """The computer did not restart: goes on at once."""
        if self._leaving is not None:
            self.come_back(self._leaving)

    def come_back(self, note: ReturnNote) -> None:
        """After the restart: the same session, with what was granted and is not over."""
        self._leaving, self._returning = None, note
        self.find_sources()

    def _come_back(self, note: ReturnNote) -> None:
        now = self._desk.now_ms()
        grants = tuple(each for each in note.grants if each.until_ms > now)
        self._record.take_up(note)
        self._agents = {each.id: each for each in note.agents}
        share = self.choosing.still(note.share)
        consent = _granted_again(grants, now)
        if share is None or not isinstance(consent, rules.Consent) or self._session is None:
            self._take_up(note, note.share)
            self._finish("connection_lost")
            return
        self._consent = consent
        self._take_up(note, share)
        for area in note.areas:
            self.choosing.add_area(area)
        if note.veiled:
            self.pause()
        self.order(ch.StartSharing(session_id=note.session_id, share=share))
        self.order(ch.GiveGrants(grants=grants, seal_to=note.seal_to))
        self._note_share(share)
        for agent_id in self._agents:
            self._connections.offer(agent_id)
        self._tick()

    def _take_up(self, note: ReturnNote, share: Share) -> None:
        me = self._desk.me.value
        self._introductions.begin(note.session_id, note.conversation_id, me.id if me else "")
        self._seal_to = note.seal_to
        self.choosing.choose(share)
        self.view.set(
            SharingView(
                live=True,
                session_id=note.session_id,
                conversation_id=note.conversation_id,
                panes=areas_of(self.choosing.view.value, share),
                stop_key_works=self.view.value.stop_key_works,
                returned=True,
            )
        )

    async def close(self) -> None:
        """The program ends, and sharing with it."""
        if self.view.value.live:
            self._finish("customer_stopped")
        if self._session is not None:
            await self._session.close()

    # The session process

    async def _start_session(self) -> None:
        try:
            self._session = await self._start(self._report, self._session_over)
        except OSError as error:
            _log.error("the session process did not start: %s", type(error).__name__)
            self.view.set(structs.replace(self.view.value, failed=Failed("session_process_lost")))
            return
        finally:
            self._starting = False
        if self._protecting is not None:
            self._session.send(self._protecting)
        self.choosing.tell()
        if self._looking:
            self._session.send(ch.FindSources())

    def _report(self, report: ch.CustomerReport) -> None:
        self.reports.tell(report)
        match report:
            case ch.SourcesFound():
                self.choosing.found(report)
                if (note := self._returning) is not None:
                    self._returning = None
                    self._come_back(note)
            case ch.ShareChanged():
                self._share_changed(report)
            case ch.SharingChanged():
                if report.state == "failed":
                    self._fail(Failed(report.fault or "internal"))
            case ch.StopWatch():
                self.view.set(structs.replace(self.view.value, stop_key_works=report.works))
            case ch.SignalOut():
                self._connections.signal_out(report)
            case ch.ViewerChanged():
                self._connections.stands(report)
            case ch.ViewerSees():
                self._connections.seeing.add(report.agent_id)
                self._part_from_leavers()
            case ch.Used():
                self._record.log.used(report)
            case ch.GrantOver():
                self._grant_over(report)
            case ch.GrantsRefused():
                _log.info("grants did not hold: %s", report.why)
                self._fail(Failed("consent_expired" if report.why == "expired" else "internal"))
            case ch.Stopped():
                _log.info("sharing is over: %s", report.reason)
                self._finish(report.reason)
            case ch.ControlPossible():
                self._control_possible = report.works
                self._show()
            case DrawingsShown():
                self.drawings.tell(report)
                if (drawn := any(one.sketch.shapes for one in report.sketches)) != self.view.value.drawn:
                    self.view.set(structs.replace(self.view.value, drawn=drawn))
            case FileSeen(agent_id=agent_id, file=file):
                if file.shown == "done":
                    self._record.log.file(agent_id, file, self._desk.now_ms())
            case (
                ch.RestartWished()
                | ch.ControlHeld()
                | ch.SharingFigures()
                | FactsGathered()
                | FactsOver()
                | FileReport()
                | ClipIn()
            ):
                pass
            case SoundFound() | VoiceChanged() | VoiceLevels():
                self.voice.hear(report)
            case _:
                assert_never(report)

    def _session_over(self) -> None:
        self._session = None
        if self.view.value.live:
            self._finish("session_process_lost")
        elif self._wanted:
            self._later(_TICK_S, self.prepare)

    # What the connections ask (connections.Host)

    @property
    def live(self) -> str:
        """The session's id; empty when there is none."""
        return self.view.value.session_id if self.view.value.live else ""

    def engineer(self, agent_id: str) -> PersonRef | None:
        """Who has something in this session."""
        return self._agents.get(agent_id)

    def unverified(self, fault: Fault) -> None:
        """An engineer is not who they say: everything ends."""
        self._fail(Failed(f"trust_{fault}"), "unverified")

    def order(self, order: ch.CustomerOrder) -> None:
        """To the session process, if there is one."""
        if self._session is not None:
            self._session.send(order)

    def _stop_order(self, reason: x.EndReason) -> None:
        if not self.view.value.live:
            return
        if self._session is not None and self._session.alive:
            self._session.send(ch.StopSharing(reason=reason))
        else:
            self._finish(reason)

    # Grants

    def _accept(self, decision: Decision, now: int) -> bool:
        """Whether the answer is a yes that can be carried out; then it is."""
        asked, grants = decision.asked, decision.grants
        if not grants or self._session is None or not self._session.alive:
            return False
        consent = rules.ask(self._consent, asked.agent.id, asked.capabilities, asked.reason, asked.expires_ms, now)
        if isinstance(consent, rules.Consent):
            consent = rules.answer(consent, asked.agent.id, grants, now)
        if not isinstance(consent, rules.Consent):
            _log.info("the answer cannot be carried out: %s", consent)
            return False
        self._consent = consent
        if not self.view.value.live:
            self._begin(decision, now)
        self._seal_to = decision.seal_to or self._seal_to
        self._session.send(ch.GiveGrants(grants=grants, seal_to=decision.seal_to))
        return True

    def _begin(self, decision: Decision, now: int) -> None:
        share = decision.share
        if share is None:
            return
        me = self._desk.me.value
        self._introductions.begin(decision.asked.session_id, decision.conversation_id, me.id if me else "")
        self.order(ch.StartSharing(session_id=decision.asked.session_id, share=share))
        self._record.ticket_number = decision.asked.ticket_number
        self.view.set(
            SharingView(
                live=True,
                session_id=decision.asked.session_id,
                conversation_id=decision.conversation_id,
                panes=areas_of(self.choosing.view.value, share),
                stop_key_works=self.view.value.stop_key_works,
            )
        )
        self._note_share(share)
        self._tick()

    def _note_share(self, share: Share) -> None:
        """The record and the banner say what is seen from now on."""
        choice = self.choosing.view.value
        self._record.shown(choice, share)
        self.view.set(
            structs.replace(
                self.view.value,
                what=named(choice, share),
                panes=areas_of(choice, share),
                window=isinstance(share, SharedWindow),
                gone="",
                away=False,
            )
        )

    def _share_changed(self, report: ch.ShareChanged) -> None:
        if self.view.value.live:
            self.view.set(
                structs.replace(
                    self.view.value, panes=report.panes, window=report.window, away=report.away, gone=report.fault
                )
            )

    def _grant_over(self, report: ch.GrantOver) -> None:
        if self._leaving is not None:
            return  # what was granted is written down and comes back
        self._consent, _ = rules.revoke(self._consent, report.agent_id, report.capability)
        view = self.view.value
        self._record.ended(report, view.session_id, view.conversation_id)
        self._show()
        nothing_left = not any(self.held(agent_id) for agent_id in self._agents)
        if nothing_left and report.why in _ENDS:
            self._stop_order(_ENDS[report.why])

    def _outcome(self, outcome: Outcome) -> None:
        if not outcome.key.startswith(CONSENT_KEY):
            return
        agent_id = self._sessions_of_answers.pop(outcome.key.removeprefix(CONSENT_KEY), "")
        if isinstance(outcome.answer, Refused):
            unseen = agent_id not in self._connections.pictures
            if self.view.value.live and "view" in self.held(agent_id) and unseen:
                self._fail(failure(outcome.answer))
        else:
            self._connections.offer(agent_id)

    def _fail(self, failed: Failed, reason: x.EndReason = "refused") -> None:
        self.view.set(structs.replace(self.view.value, failed=failed))
        self._stop_order(reason)

    # The record

    def _take(self, timeline: Timeline) -> None:
        self._wanted = timeline.state in ("active", "held")
        if self._wanted:
            self.prepare()
        view = self.view.value
        if not view.live or timeline.conversation_id != view.conversation_id:
            return
        remote = timeline.remote
        if remote is not None and remote.session_id == view.session_id and remote.ended is not None:
            self._record.relay_knows = True
            self._stop_order(remote.ended.reason)
        elif timeline.state in _OVER_STATES:
            self._stop_order("conversation_ended")
        else:
            self._note_leavers(timeline)

    def _note_leavers(self, timeline: Timeline) -> None:
        here = {participant.person.id for participant in timeline.participants}
        now = self._desk.now_ms()
        self._left_ms = {each: self._left_ms.get(each, now) for each in self._agents if each not in here}
        self._part_from_leavers()

    def _part_from_leavers(self) -> None:
        """Who has left the conversation sees on until a newcomer does, or a while has passed."""
        followed = any(agent_id not in self._left_ms for agent_id in self._connections.seeing)
        for agent_id, since in self._left_ms.items():
            if followed or self._desk.now_ms() - since >= LEAVE_MS:
                for capability in self.held(agent_id):
                    self.order(ch.TakeGrant(agent_id=agent_id, capability=capability))

    def _signal_in(self, push: x.SignalArrived) -> None:
        if push.session_id == self.view.value.session_id:
            self._connections.signal_in(push)

    def _link_changed(self, link: LinkView) -> None:
        if link.phase == "ready":
            self._connections.link_back()

    def _finish(self, reason: x.EndReason) -> None:
        view = self.view.value
        if not view.live:
            return
        if self._leaving is not None:
            self._clear()
            self.voice.over()
            self.view.set(SharingView())
            self.left.tell(view.session_id)
            return
        grants = rules.grants(self._consent)
        receipt = self._record.finish(view.session_id, view.conversation_id, grants, reason)
        self._clear()
        self.voice.over()
        self.view.set(SharingView(failed=view.failed))
        self.finished.tell(Finished(view.conversation_id, receipt, reason))

    def _tell_failure(self, failed: Failed) -> None:
        self.view.set(structs.replace(self.view.value, failed=failed))

    def _clear(self) -> None:
        self._stop_clock()
        self._consent = rules.NOTHING
        self._record.forget()
        self.choosing.forget()
        self._connections.forget()
        self._agents: dict[str, PersonRef] = {}
        self._sessions_of_answers: dict[str, str] = {}
        self._left_ms: dict[str, int] = {}
        self._seal_to = ""
        self._control_possible = True

    # The banner

    def _tick(self) -> None:
        if self.view.value.live:
            self._part_from_leavers()
            self._show()
            self._stop_clock = self._later(_TICK_S, self._tick)

    def _show(self) -> None:
        view = self.view.value
        if not view.live:
            return
        watchers = tuple(self._watcher(person) for person in self._agents.values() if self.held(person.id))
        ends = [each.until_ms for key, each in self._consent.held.items() if key[1] == "view"]
        left_ms = max(ends, default=0) - self._desk.now_ms()
        seeing = [watcher.picture for watcher in watchers if watcher.sees]
        lost = bool(seeing) and all(picture in ("lost", "closed") for picture in seeing)
        left_s = max(0, -(-left_ms // 1000))
        self.view.set(structs.replace(view, watchers=watchers, lost=lost, left_s=left_s))

    def _watcher(self, person: PersonRef) -> Watcher:
        held, picture = self.held(person.id), self._connections.pictures.get(person.id)
        controls = "control" in held and picture == "connected" and self._control_possible
        also: list[Capability] = [one for one in CAN_GRANT if one in held and one not in ("view", "control")]
        introduction = self._introductions.shown(person.id)
        return Watcher(person, "view" in held, controls, tuple(also), picture or "none", introduction)


def _granted_again(grants: Sequence[Grant], now_ms: int) -> rules.Consent | rules.Refusal:
    """What the customer said before the restart, and is not over."""
    consent: rules.Consent | rules.Refusal = rules.NOTHING
    for one in grants:
        if isinstance(consent, rules.Consent):
            consent = rules.ask(consent, one.agent_id, [one.capability], "", one.until_ms, now_ms)
    return rules.grant(consent, grants, now_ms) if isinstance(consent, rules.Consent) and grants else "expired"


def _nothing() -> None:
    pass
