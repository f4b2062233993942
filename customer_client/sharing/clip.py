"""The clipboard while sharing: what is copied here goes to whoever may read it, theirs comes while they may fill it."""

from collections.abc import Callable

from customer_client.sharing.presenter import SharingPresenter
from customer_client.sharing.view import SharingView
from shared.common.errors import PeerBroken
from shared.control.clipboard.item import Item
from shared.control.clipboard.line import ClipLine
from shared.session import channel as ch
from shared.session.clip_messages import ClipIn, ClipOut


class ClipPresenter:
    """`watch` turns the looking at this desktop's clipboard on and off; `put` sets it."""

    def __init__(self, sharing: SharingPresenter) -> None:
        self._sharing = sharing
        self._lines: dict[str, ClipLine] = {}
        self._readers: tuple[str, ...] = ()
        self.watch: Callable[[bool], None] = lambda _: None
        self.put: Callable[[Item], None] = lambda _: None
        sharing.view.watch(self._shared)
        sharing.reports.watch(self._heard)

    def copied(self, item: Item) -> None:
        """A person has copied something here."""
        for agent_id in self._readers:
            self._line(agent_id).put(item)

    def _shared(self, view: SharingView) -> None:
        held = {one.person.id: self._sharing.held(one.person.id) for one in view.watchers}
        readers = tuple(agent for agent, allowed in held.items() if "clipboard.read" in allowed and not view.paused)
        if not view.live:
            readers = ()
            self._lines.clear()
        if readers != self._readers:
            self._readers = readers
            self.watch(bool(readers))

    def _heard(self, report: ch.CustomerReport) -> None:
        if isinstance(report, ClipIn):
            try:
                self._line(report.agent_id).message(report.data)
            except PeerBroken:
                self._lines.pop(report.agent_id, None)

    def _line(self, agent_id: str) -> ClipLine:
        def say(data: bytes) -> bool:
            self._sharing.order(ClipOut(agent_id=agent_id, data=data))
            return True

        if agent_id not in self._lines:
            self._lines[agent_id] = ClipLine(say, lambda item: self._arrived(agent_id, item))
        return self._lines[agent_id]

    def _arrived(self, agent_id: str, item: Item) -> None:
        if "clipboard.write" in self._sharing.held(agent_id):
            self.put(item)
