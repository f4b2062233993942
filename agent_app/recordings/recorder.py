"""Recording one remote session as the agent sees it: begins with the customer's grant, ends with it or by hand."""

from collections.abc import Callable

from msgspec import Struct, structs

from agent_app.desk.desk import Desk
from agent_app.desk.timelines import Timelines
from agent_app.recordings.bringer import SUFFIX, Bringer
from agent_app.remote.presenter import RemotePresenter, RemoteView
from shared.common.ids import new_id
from shared.common.shown import Shown
from shared.protocol.messages import conversations as c
from shared.protocol.messages import remote as x
from shared.protocol.types import PersonRef
from shared.rules.timeline import Entry, Timeline
from shared.session import channel as s
from shared.session.recording_messages import Happening, NoteMoment, RecordingChanged, StartRecording, StopRecording

MAX_WORDS = 200


class RecordView(Struct, frozen=True, kw_only=True):
    """`possible`: the organisation has a key to encrypt to. `fault`: a code of why the last one ended too early."""

    possible: bool = False
    stand: str = "none"
    recording_id: str = ""
    takes: bool = False
    length_ms: int = 0
    fault: str = ""


class RecorderPresenter:
    """One remote window's."""

    def __init__(
        self,
        remote: RemotePresenter,
        desk: Desk,
        timelines: Timelines,
        bringer: Bringer,
    ) -> None:
        self._remote, self._desk, self._bringer = remote, desk, bringer
        self._stopped = False
        self._noted = 0
        self.view = Shown(RecordView())
        conversation_id = remote.view.value.conversation_id
        self._forget = [
            remote.view.watch(self._follow),
            timelines.watch(conversation_id, self._note_new),
        ]
        remote.reports.watch(self._heard)
        remote.gone.watch(lambda _: self._process_gone())

    def press(self, ask: Callable[[], None]) -> None:
        """The button: asks, stops, or begins again while the grant goes on."""
        view = self.view.value
        if view.recording_id:
            self._stopped = True
            self._remote.order(StopRecording())
        elif view.stand == "granted":
            self._stopped = False
            self._begin()
        elif view.stand == "none":
            ask()

    def close(self) -> None:
        """The window goes; its session process still writes the last word, and says so."""
        for forget in self._forget:
            forget()
        self._forget = []

    def _process_gone(self) -> None:
        if self.view.value.recording_id:
            self._bringer.ended(self.view.value.recording_id)
            self.view.set(structs.replace(self.view.value, recording_id="", takes=False))

    def _follow(self, remote: RemoteView) -> None:
        terms = self._desk.organisation.value.recording if self._desk.organisation.value else None
        stand = remote.stands("record")
        self.view.set(structs.replace(self.view.value, possible=terms is not None, stand=stand))
        if stand != "granted":
            self._stopped = False
        elif not self.view.value.recording_id and not self._stopped and not self.view.value.fault:
            self._begin()

    def _begin(self) -> None:
        organisation, remote = self._desk.organisation.value, self._remote.view.value
        terms = organisation.recording if organisation else None
        room = self._bringer.room()
        if terms is None or room is None or not remote.session_id:
            return
        directory, room_bytes = room
        recording_id = new_id()
        self.view.set(structs.replace(self.view.value, recording_id=recording_id, length_ms=0, fault=""))
        order = StartRecording(
            recording_id=recording_id,
            session_id=remote.session_id,
            conversation_id=remote.conversation_id,
            agent_id=self._desk.my_id,
            started_ms=self._desk.now_ms(),
            key=terms.key,
            path=str(directory / f"{recording_id}{SUFFIX}"),
            room_bytes=room_bytes,
        )
        self._remote.order(order)

    def _heard(self, report: s.AgentReport) -> None:
        if not isinstance(report, RecordingChanged) or report.recording_id != self.view.value.recording_id:
            return
        if report.state in ("recording", "waiting"):
            self._bringer.grows(report.recording_id)
            takes = report.state == "recording"
            self.view.set(structs.replace(self.view.value, takes=takes, length_ms=report.length_ms))
        else:
            self._bringer.ended(report.recording_id)
            self.view.set(structs.replace(self.view.value, recording_id="", takes=False, fault=report.fault))

    def _note_new(self, timeline: Timeline) -> None:
        """What happens in the conversation while it is recorded goes into the recording, encrypted with it."""
        newest = timeline.entries[-1].order if timeline.entries else 0
        if self.view.value.recording_id:
            for entry in timeline.entries:
                if entry.order > self._noted and (noted := _moment(entry)) is not None:
                    self._remote.order(noted)
        self._noted = max(self._noted, newest)


def _moment(entry: Entry) -> NoteMoment | None:
    event = entry.event
    match event:
        case c.ChatPosted(author=author, text=text):
            return _noted("chat", author, text)
        case c.NoteAdded(author=author, text=text):
            return _noted("note", author, text)
        case c.ParticipantJoined(person=person):
            return _noted("joined", person)
        case c.ParticipantLeft(person=person):
            return _noted("left", person)
        case x.CapabilityAsked(agent=agent, capabilities=capabilities):
            return _noted("asked", agent, ",".join(capabilities))
        case x.ConsentAnswered(agent=agent, grants=grants):
            return _noted("granted" if grants else "refused", agent, ",".join(one.capability for one in grants))
        case _:
            return None


def _noted(what: Happening, who: PersonRef, words: str = "") -> NoteMoment:
    return NoteMoment(what=what, who=who.name[:80], words=" ".join(words.split())[:MAX_WORDS])
