"""One snapshot at a time in front of the person, who says part by part what goes out, or that nothing does."""

from typing import Final

from msgspec import Struct, structs

from customer_client.sharing.presenter import SharingPresenter
from customer_client.sharing.view import SharingView
from shared.common.shown import Shown
from shared.control.facts import Section, SectionName
from shared.protocol.types import PersonRef
from shared.session import channel as ch
from shared.session.facts_messages import FactsGathered, FactsOver, KeepFacts, SendFacts

OFF_AT_FIRST: Final[frozenset[SectionName]] = frozenset({"addresses", "programs"})
"""What says more than its kind; whoever wants to send it turns it on."""


class FactsView(Struct, frozen=True):
    """Without `agent` there is nothing to look at."""

    agent: PersonRef | None = None
    snapshot: int = 0
    sections: tuple[Section, ...] = ()
    off: frozenset[SectionName] = OFF_AT_FIRST

    @property
    def chosen(self) -> tuple[SectionName, ...]:
        """What would be sent."""
        return tuple(section.name for section in self.sections if section.name not in self.off)


class FactsPresenter:
    """Nothing is sent but by `send`."""

    def __init__(self, sharing: SharingPresenter) -> None:
        self._sharing = sharing
        self._waiting: dict[str, FactsGathered] = {}
        self.view = Shown(FactsView())
        sharing.reports.watch(self._heard)
        sharing.view.watch(self._shared)

    def switch(self, name: SectionName, on: bool) -> None:
        """Leave a part in, or out."""
        view = self.view.value
        self.view.set(structs.replace(view, off=view.off - {name} if on else view.off | {name}))

    def send(self) -> None:
        """What is on goes to whoever asked."""
        view = self.view.value
        if view.agent is not None and view.chosen:
            self._sharing.order(SendFacts(agent_id=view.agent.id, snapshot=view.snapshot, sections=view.chosen))
            self._over(view.agent.id)

    def keep(self) -> None:
        """Nothing goes out, and whoever asked must ask again before the next look."""
        view = self.view.value
        if view.agent is not None:
            self._sharing.order(KeepFacts(agent_id=view.agent.id, snapshot=view.snapshot))
            self._sharing.take_back(view.agent.id, "sysinfo")
            self._over(view.agent.id)

    def _heard(self, report: ch.CustomerReport) -> None:
        if isinstance(report, FactsGathered):
            self._waiting[report.agent_id] = report
            self._next()
        elif isinstance(report, FactsOver):
            self._over(report.agent_id)

    def _shared(self, view: SharingView) -> None:
        if not view.live:
            self._waiting.clear()
            self.view.set(FactsView())

    def _over(self, agent_id: str) -> None:
        self._waiting.pop(agent_id, None)
        agent = self.view.value.agent
        if agent is not None and agent.id == agent_id:
            self.view.set(FactsView())
        self._next()

    def _next(self) -> None:
        if self.view.value.agent is not None:
            return
        people = {watcher.person.id: watcher.person for watcher in self._sharing.view.value.watchers}
        first = next((each for each in self._waiting.values() if each.agent_id in people), None)
        if first is not None:
            self.view.set(FactsView(people[first.agent_id], first.snapshot, first.sections))
