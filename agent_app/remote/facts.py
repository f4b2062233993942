"""System information as the agent asks for it and gets it. What is here, the customer has sent."""

from typing import Final, Literal, Protocol

from msgspec import Struct, structs

from agent_app.desk.relay import Failed, Relay, Spawn, ask
from agent_app.remote.presenter import RemoteView, Stand
from shared.common.ids import new_id
from shared.common.shown import Forget, Heard, Shown
from shared.control.facts import Held, Section
from shared.protocol.messages import conversations as c
from shared.session.channel import AgentOrder, AgentReport
from shared.session.facts_messages import AskFacts, FactsCame, FactsWithheld

MAX_NOTE: Final = 8000


class FactsView(Struct, frozen=True, kw_only=True):
    """`waiting`: the customer looks through a snapshot. `held`: why the last one did not come."""

    name: str = ""
    live: bool = False
    stand: Stand = "none"
    waiting: bool = False
    sections: tuple[Section, ...] = ()
    at_ms: int = 0
    held: Held | None = None
    note: Literal["", "sending", "done"] = ""
    failed: Failed | None = None


class Remote(Protocol):
    """What is needed of the remote session."""

    @property
    def view(self) -> Shown[RemoteView]: ...

    @property
    def reports(self) -> Heard[AgentReport]: ...

    def order(self, order: AgentOrder) -> None: ...


class FactsPresenter:
    """Asks for a snapshot as soon as the customer has granted it, and again when told to."""

    def __init__(self, remote: Remote, relay: Relay, spawn: Spawn) -> None:
        self._remote, self._relay, self._spawn = remote, relay, spawn
        self.view = Shown(FactsView())
        self._forget: list[Forget] = [remote.view.watch(self._stood), remote.reports.watch(self._heard)]

    def look(self) -> None:
        """Ask for a snapshot of now."""
        view = self.view.value
        if view.live and view.stand == "granted" and not view.waiting:
            self._change(waiting=True, held=None)
            self._remote.order(AskFacts())

    def add_note(self, words: str) -> None:
        """Keep it with the conversation, for colleagues only."""
        if self.view.value.note == "":
            self._change(note="sending", failed=None)
            self._spawn(self._add_note(words[:MAX_NOTE]), "note facts")

    def close(self) -> None:
        """The window goes."""
        for forget in self._forget:
            forget()

    async def _add_note(self, words: str) -> None:
        conversation_id = self._remote.view.value.conversation_id
        command = c.AddNote(conversation_id=conversation_id, client_id=new_id(), text=words)
        answer = await ask(self._relay, command, c.NoteAccepted)
        if isinstance(answer, Failed):
            self._change(note="", failed=answer)
        else:
            self._change(note="done")

    def _stood(self, remote: RemoteView) -> None:
        before, stand = self.view.value.stand, remote.stands("sysinfo")
        live = remote.ended is None and remote.phase == "playing"
        waiting = self.view.value.waiting and stand == "granted"
        self._change(name=remote.name, live=live, stand=stand, waiting=waiting)
        if stand == "granted" and before != "granted":
            self.look()

    def _heard(self, report: AgentReport) -> None:
        if isinstance(report, FactsCame):
            self._change(sections=report.sections, at_ms=report.at_ms, waiting=False, held=None, note="", failed=None)
        elif isinstance(report, FactsWithheld) and (self.view.value.waiting or report.why == "refused"):
            self._change(waiting=False, held=report.why)

    def _change(self, **fields: object) -> None:
        self.view.set(structs.replace(self.view.value, **fields))
